//! How far a book is, for `rhapsode queue list`.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use rhapsode_engine::Event;
use rhapsode_watch::{Progress, ProgressBoard};

/// How often it is written down at most.
const EVERY: Duration = Duration::from_secs(1);

/// Counts the chunks of a book.
pub(super) struct Counter {
    board: ProgressBoard,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    progress: Option<Progress>,
    shown: Option<Instant>,
}

impl Counter {
    pub(super) fn new(board: ProgressBoard) -> Self {
        Self { board, seen: Mutex::default() }
    }

    pub(super) fn hear(&self, event: &Event) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        match (event, &mut seen.progress) {
            (Event::Scripted { chunks, .. }, progress) => {
                *progress = Some(Progress { chunks: *chunks, done: 0 });
            }
            (Event::LookedUp { present, .. }, Some(progress)) => progress.done = *present,
            (Event::Take { .. }, Some(progress)) => progress.done = (progress.done + 1).min(progress.chunks),
            _ => return,
        }
        let is_due = seen.shown.is_none_or(|shown| shown.elapsed() >= EVERY);
        if let Some(progress) = seen.progress.filter(|_| is_due) {
            seen.shown = Some(Instant::now());
            self.board.show(progress);
        }
    }
}
