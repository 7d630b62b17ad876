//! A scribe: makes a "book" of a manuscript at once, or what a test wants instead.

use std::{
    fs,
    future::Future,
    pin::Pin,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use rhapsode_release::Tags;
use rhapsode_watch::{Conversion, Converted, Converter, Halt, Trouble};
use tokio::sync::Notify;

/// What the scribe does with a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Writes it.
    Willing,
    /// Has no ink.
    Dry,
    /// Writes until it is told to stop.
    Slow,
}

#[derive(Debug)]
pub(crate) struct Scribe {
    mood: Mutex<Mood>,
    pub(crate) begun: AtomicUsize,
    pub(crate) news: Notify,
}

impl Scribe {
    pub(crate) fn new(mood: Mood) -> Self {
        Self { mood: Mutex::new(mood), begun: AtomicUsize::new(0), news: Notify::new() }
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

impl Converter for Scribe {
    fn convert(
        &self,
        conversion: Conversion,
    ) -> Pin<Box<dyn Future<Output = Result<Converted, Trouble>> + Send + '_>> {
        Box::pin(async move {
            self.begun.fetch_add(1, Ordering::SeqCst);
            self.news.notify_one();
            let mood = *self.mood.lock().unwrap();
            match mood {
                Mood::Dry => return Err(Trouble::Outage("no ink".to_owned())),
                Mood::Slow => {
                    let mut stop = conversion.stop.clone();
                    let _ = stop.wait_for(|halt| *halt == Halt::Now).await;
                    return Err(Trouble::Stopped);
                }
                Mood::Willing => {}
            }
            let words = fs::read_to_string(&conversion.manuscript)
                .map_err(|error| Trouble::Book(format!("failed to read the manuscript: {error}")))?;
            let mut lines = words.lines();
            let title = lines.next().unwrap_or_default().to_owned();
            if title.is_empty() {
                return Err(Trouble::Book("it has no title".to_owned()));
            }
            fs::write(conversion.output.join("book.m4b"), &words).unwrap();
            let authors = lines.next().map(str::to_owned).into_iter().collect();
            Ok(Converted { tags: Tags { title, authors, ..Tags::default() }, defects: 0 })
        })
    }
}
