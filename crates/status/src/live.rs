//! What happens now, as whoever makes the books tells it. Nothing of it is kept: after a restart it is told anew.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rhapsode_watch::EntryId;
use tokio::sync::Notify;

/// What is told. Every call returns at once.
#[derive(Debug, Default)]
pub struct Live {
    now: Mutex<Now>,
    changed: Notify,
}

/// Everything that is known of this moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Now {
    pub(crate) books: BTreeMap<EntryId, Production>,
    /// In the order in which they were first heard of.
    pub(crate) backends: Vec<BackendState>,
}

/// A book that is being made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Production {
    /// Its title, once it was read.
    pub title: Option<String>,
    /// What is being done.
    pub step: Step,
    /// Its chapters.
    pub chapters: usize,
    /// Chapters that are mastered.
    pub tracks: usize,
    /// Its chunks.
    pub chunks: usize,
    /// Chunks whose takes are there.
    pub done: usize,
    /// Chunks that were spoken in this run.
    pub spoken: usize,
    /// Seconds of speech of these.
    pub speech_seconds: f64,
    /// Takes with a defect in this run.
    pub defects: usize,
    /// When speaking began.
    pub speaking_since: Option<Instant>,
}

/// What is being done with a book.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Step {
    /// It is read and looked up.
    #[default]
    Reading,
    /// A voice is being fetched.
    FetchingVoice,
    /// The gate checks what the book needs.
    Checking,
    /// It is spoken, and mastered beside that.
    Speaking,
    /// No backend works, and it waits for one.
    Waiting {
        /// What is wrong with each.
        reasons: String,
    },
}

/// How a backend does.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BackendState {
    /// Its name.
    pub name: String,
    /// Requests in flight.
    pub busy: usize,
    /// Requests that it gets at the same time at the moment; none before it was asked.
    pub slots: Option<usize>,
    /// Takes that it made.
    pub takes: u64,
    /// Requests that failed, and takes that were rejected.
    pub errors: u64,
    /// Seconds of speech that it gives a second.
    pub times_real_time: Option<f64>,
    /// Whether it gets work.
    pub standing: Standing,
}

/// Whether a backend gets work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nobody asked it for anything since the watcher began.
    #[default]
    Unasked,
    /// It does.
    Works,
    /// It failed too often and gets none for a while.
    Resting,
    /// It is asked to prove that it can speak again.
    OnTrial,
    /// It does not answer, and gets work if it comes back.
    Silent {
        /// What is wrong.
        reason: String,
    },
    /// It gets no more.
    Lost {
        /// What is wrong, if that was told.
        reason: Option<String>,
    },
}

impl Live {
    /// Tells how a book does; of a book that is heard of for the first time, that it begins.
    pub fn book(&self, id: EntryId, change: impl FnOnce(&mut Production)) {
        change(self.now().books.entry(id).or_default());
        self.changed.notify_one();
    }

    /// Tells that a book is no longer being made.
    pub fn ended(&self, id: EntryId) {
        let mut now = self.now();
        now.books.remove(&id);
        // The last word of a backend may be older than the end of its work.
        if now.books.is_empty() {
            now.backends.iter_mut().for_each(|backend| backend.busy = 0);
        }
        drop(now);
        self.changed.notify_one();
    }

    /// Tells how a backend does; of a name that is heard for the first time, that there is one.
    pub fn backend(&self, name: &str, change: impl FnOnce(&mut BackendState)) {
        let mut now = self.now();
        let index = now.backends.iter().position(|backend| backend.name == name).unwrap_or_else(|| {
            now.backends.push(BackendState { name: name.to_owned(), ..BackendState::default() });
            now.backends.len() - 1
        });
        change(&mut now.backends[index]);
        drop(now);
        self.changed.notify_one();
    }

    pub(crate) fn look(&self) -> Now {
        self.now().clone()
    }

    /// Tells that something changed that stands in the state directory: pages look at once.
    pub fn touch(&self) {
        self.changed.notify_one();
    }

    /// Waits for a change since this was last asked.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        // What a panic leaves half told is told again.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Production {
    /// Seconds of speech a second, and the time that is left, once enough was spoken to tell.
    pub(crate) fn pace(&self, now: Instant) -> Option<(f64, Duration)> {
        let elapsed = now.saturating_duration_since(self.speaking_since?).as_secs_f64();
        if self.spoken < 3 || elapsed < 0.5 {
            return None;
        }
        let left = self.chunks.saturating_sub(self.done) as f64 * elapsed / self.spoken as f64;
        Some((self.speech_seconds / elapsed, Duration::try_from_secs_f64(left).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_that_of_what_was_spoken_in_this_run() {
        let since = Instant::now();
        let book = Production {
            chunks: 110,
            done: 60,
            spoken: 10,
            speech_seconds: 50.0,
            speaking_since: Some(since),
            ..Production::default()
        };
        let (speed, left) = book.pace(since + Duration::from_secs(5)).unwrap();
        assert!((speed - 10.0).abs() < 1e-9 && left == Duration::from_secs(25), "{speed} {left:?}");
        assert_eq!(Production { spoken: 2, ..book }.pace(since + Duration::from_secs(5)), None);
    }

    #[test]
    fn a_backend_has_nothing_in_flight_once_no_book_is_made() {
        let live = Live::default();
        live.book(EntryId(1), |_| {});
        live.book(EntryId(2), |_| {});
        live.backend("studio", |backend| backend.busy = 3);
        live.ended(EntryId(1));
        assert_eq!(live.look().backends[0].busy, 3);
        live.ended(EntryId(2));
        assert_eq!(live.look().backends[0].busy, 0);
    }
}
