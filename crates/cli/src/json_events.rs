//! `--events json`: one event a line on stdout. A reader that goes away does not end the job.

use std::io::Write;

use rhapsode_engine::{Event, Listener};
use rhapsode_watch::WatchEvent;
use serde::Serialize;

use crate::{
    batch::Line,
    failure::{Failure, Kind},
};

/// Writes events as JSON lines.
#[derive(Debug)]
pub(crate) struct JsonEvents;

impl Listener for JsonEvents {
    fn tell(&self, event: Event) {
        print(&event);
    }
}

/// The event of a book, or of the whole run, that failed. The engine returns its errors; only here do they become
/// an event, so that whoever reads the lines needs nothing else.
pub(crate) fn failed(failure: &Failure) {
    #[derive(Serialize)]
    struct Failed<'a> {
        event: &'static str,
        exit_code: u8,
        message: &'a str,
        hint: Option<&'a str>,
    }
    print(&Failed {
        event: "failed",
        exit_code: failure.kind as u8,
        message: &failure.message,
        hint: failure.hint.as_deref(),
    });
}

/// How the books of a batch ended.
pub(crate) fn batch(books: &[Line<'_>], kind: Option<Kind>) {
    #[derive(Serialize)]
    struct Batch<'a> {
        event: &'static str,
        exit_code: u8,
        books: &'a [Line<'a>],
    }
    print(&Batch { event: "batch", exit_code: kind.map_or(0, |kind| kind as u8), books });
}

/// What a watcher tells.
pub(crate) fn watched(event: &WatchEvent) {
    print(event);
}

fn print(event: &impl Serialize) {
    if let Ok(line) = serde_json::to_string(event) {
        // A broken pipe is not an error: the book matters more than who reads about it.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }
}
