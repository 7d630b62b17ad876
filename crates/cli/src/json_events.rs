//! `--events json`: one event a line on stdout. A reader that goes away does not end the job.

use std::io::Write;

use rhapsode_engine::{Event, Listener};

/// Writes events as JSON lines.
#[derive(Debug)]
pub(crate) struct JsonEvents;

impl Listener for JsonEvents {
    fn tell(&self, event: Event) {
        if let Ok(line) = serde_json::to_string(&event) {
            // A broken pipe is not an error: the book matters more than who reads about it.
            let _ = writeln!(std::io::stdout().lock(), "{line}");
        }
    }
}
