//! What a server was asked, so that tests can say what a job asked for once, twice or not at all.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Fault, Song};

/// How a request for speech ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It has not ended.
    Open,
    /// The sound of the text was sent, whole.
    Answered,
    /// It was answered with an error, or with something else than the sound.
    Failed,
    /// The client or the server broke it off.
    Dropped,
}

/// A request for speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The text.
    pub text: String,
    /// The whole body of the request.
    pub body: Value,
    /// Whether it is marked as a probe.
    pub probe: bool,
    /// What struck it.
    pub fault: Option<Fault>,
    /// How it ended.
    pub end: End,
}

/// What a server was asked. Probes are counted apart from the speech of books.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Requests of every kind, calls of the optional ones among them.
    pub requests: u64,
    /// Requests for speech, probes among them, in the order in which they came.
    pub asked: Vec<Asked>,
    /// Requests for speech of a book that are worked at or wait for a slot.
    pub in_flight: usize,
    /// The most that there were of these.
    pub most_in_flight: usize,
    /// Time that slots were in use, summed over them.
    pub busy: Duration,
    /// Time that the work at all requests takes that were answered, as it is known beforehand.
    pub service: Duration,
    /// When the first request for speech of a book came, and when the last was answered.
    pub span: Option<(Instant, Instant)>,
    /// The songs that were sung.
    pub songs: HashMap<u32, (String, Song)>,
}

impl Counts {
    /// Requests for speech of a book.
    pub fn of_books(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| !asked.probe)
    }

    /// Probes.
    #[must_use]
    pub fn probes(&self) -> usize {
        self.asked.iter().filter(|asked| asked.probe).count()
    }

    /// For each text of a book, how often it was asked for.
    #[must_use]
    pub fn by_text(&self) -> HashMap<&str, usize> {
        let mut counts = HashMap::new();
        for asked in self.of_books() {
            *counts.entry(asked.text.as_str()).or_default() += 1;
        }
        counts
    }

    /// The figures, for programs that ask for them over HTTP.
    pub(crate) fn to_json(&self, slots: usize) -> Value {
        let seconds = self.span.map_or(0.0, |(first, last)| (last - first).as_secs_f64());
        let ended = |end: End| self.of_books().filter(|asked| asked.end == end).count();
        json!({
            "requests": self.requests,
            "speech": self.of_books().count(),
            "answered": ended(End::Answered),
            "failed": ended(End::Failed),
            "dropped": ended(End::Dropped),
            "probes": self.probes(),
            "characters": self.of_books().map(|asked| asked.text.chars().count()).sum::<usize>(),
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
            "slots": slots,
            "busy_seconds": self.busy.as_secs_f64(),
            "service_seconds": self.service.as_secs_f64(),
            "seconds": seconds,
        })
    }
}

/// The counts of a server that runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counter(Arc<Mutex<Counts>>);

impl Counter {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().expect("no thread panics while it counts")
    }

    /// Counts a request for speech.
    pub(crate) fn asked(&self, text: &str, probe: bool, fault: Option<Fault>, body: Value) -> Tally {
        let mut counts = self.lock();
        counts.asked.push(Asked { text: text.to_owned(), body, probe, fault, end: End::Open });
        if !probe {
            counts.in_flight += 1;
            counts.most_in_flight = counts.most_in_flight.max(counts.in_flight);
            let now = Instant::now();
            counts.span.get_or_insert((now, now));
        }
        Tally { counter: self.clone(), place: counts.asked.len() - 1, probe, end: End::Dropped }
    }
}

/// A request for speech until it ends; one that is dropped before was broken off.
#[derive(Debug)]
pub(crate) struct Tally {
    counter: Counter,
    place: usize,
    probe: bool,
    end: End,
}

impl Tally {
    /// Counts the time of a slot.
    pub(crate) fn busy(&self, time: Duration) {
        if !self.probe {
            self.counter.lock().busy += time;
        }
    }

    /// Counts the end of the request.
    pub(crate) fn end(mut self, end: End, service: Duration) {
        self.end = end;
        if end == End::Answered && !self.probe {
            let mut counts = self.counter.lock();
            counts.service += service;
            if let Some((_, last)) = &mut counts.span {
                *last = Instant::now();
            }
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let mut counts = self.counter.lock();
        counts.asked[self.place].end = self.end;
        if !self.probe {
            counts.in_flight -= 1;
        }
    }
}
