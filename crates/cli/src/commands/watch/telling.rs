//! What the status page is told of the books: the engine's events while one is made, and its report at the end.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use rhapsode_engine::{BackendStatus, Breaker, Event, Listener, Settings, Summary};
use rhapsode_status::{BookReport, Defect, Live, Production, Reports, Standing, Step};
use rhapsode_watch::{EntryId, WatchEvent};

use super::progress::Counter;
use crate::failure::Failure;

/// Tells of all books of a watcher.
pub(super) struct Telling {
    live: Arc<Live>,
    reports: Reports,
}

/// Tells of one book, for as long as it is made.
pub(super) struct BookTelling {
    live: Arc<Live>,
    id: EntryId,
    counter: Counter,
}

impl Telling {
    /// Tells a page of the backends that the configuration names, before any is asked for anything.
    pub(super) fn new(live: Arc<Live>, reports: Reports, settings: &Settings) -> Self {
        let names: Vec<&str> = settings.backends.iter().map(|backend| backend.name.as_str()).collect();
        let names = if names.is_empty() { vec!["builtin"] } else { names };
        names.into_iter().for_each(|name| live.backend(name, |_| {}));
        Self { live, reports }
    }

    /// A book begins.
    pub(super) fn begin(&self, id: EntryId, counter: Counter) -> Arc<BookTelling> {
        self.live.book(id, |book| *book = Production::default());
        Arc::new(BookTelling { live: Arc::clone(&self.live), id, counter })
    }

    /// Keeps what a book's job said at its end, whether there is a page now or not.
    pub(super) fn keep(&self, id: EntryId, summary: &Summary) -> Result<(), Failure> {
        let defects = summary.defects.iter().map(|defect| Defect {
            ordinal: defect.ordinal,
            chapter: defect.chapter.clone(),
            text: defect.text.clone(),
            reasons: defect.reasons.clone(),
            take: absolute(&defect.file),
        });
        let report = BookReport {
            title: summary.title.clone(),
            authors: summary.tags.authors.clone(),
            seconds: summary.seconds,
            chunks: summary.chunks,
            spoken: summary.spoken,
            wall_seconds: summary.times.wall,
            defects: defects.collect(),
            report: absolute(&summary.report),
        };
        Ok(self.reports.write(id, &report)?)
    }
}

/// The next watcher may be started elsewhere.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Has pages tell at once that the queue stands still, or goes on.
pub(super) fn hear(live: &Live, event: &WatchEvent) {
    if matches!(event, WatchEvent::Parked { .. } | WatchEvent::GoesOn) {
        live.touch();
    }
}

impl Drop for BookTelling {
    fn drop(&mut self) {
        self.live.ended(self.id);
    }
}

impl Listener for BookTelling {
    fn tell(&self, event: Event) {
        self.counter.hear(&event);
        match event {
            Event::Backend(status) => note(&self.live, &status),
            Event::BackendSilent { backend, reason } => {
                self.live.backend(&backend, |state| state.standing = Standing::Silent { reason });
            }
            Event::BackendLost { backend, reason } => {
                self.live.backend(&backend, |state| state.standing = Standing::Lost { reason: Some(reason) });
            }
            of_the_book => self.live.book(self.id, |book| advance(book, of_the_book)),
        }
    }
}

fn advance(book: &mut Production, event: Event) {
    match event {
        Event::FetchingVoice { .. } => book.step = Step::FetchingVoice,
        Event::Scripted { title, chapters, chunks, .. } => {
            let chapters = chapters.len();
            *book = Production { title: Some(title), chapters, chunks, ..Production::default() };
        }
        Event::LookedUp { present, .. } => {
            book.done = present;
            book.step = Step::Checking;
        }
        Event::Gate(_) => {
            book.step = Step::Speaking;
            book.speaking_since = Some(Instant::now());
        }
        Event::Take { seconds, defects, .. } => {
            // Without a gate this is the first word of the work.
            book.step = Step::Speaking;
            book.speaking_since.get_or_insert_with(Instant::now);
            book.done += 1;
            book.spoken += 1;
            book.speech_seconds += seconds;
            book.defects += usize::from(!defects.is_empty());
        }
        Event::Track { .. } => book.tracks += 1,
        Event::Waiting { reasons } => book.step = Step::Waiting { reasons },
        Event::GoesOn => book.step = Step::Speaking,
        _ => {}
    }
}

fn note(live: &Live, status: &BackendStatus) {
    live.backend(&status.backend, |state| {
        state.busy = status.busy;
        state.slots = Some(status.slots);
        state.takes = status.takes;
        state.errors = status.errors;
        state.times_real_time = status.times_real_time;
        state.standing = match status.breaker {
            Breaker::Closed => Standing::Works,
            Breaker::Open => Standing::Resting,
            Breaker::HalfOpen => Standing::OnTrial,
            // Why was told before, and is not told here.
            Breaker::Lost => match std::mem::take(&mut state.standing) {
                lost @ Standing::Lost { .. } => lost,
                _ => Standing::Lost { reason: None },
            },
        };
    });
}
