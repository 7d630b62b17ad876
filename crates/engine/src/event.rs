//! What a job tells while it runs. The progress bar, the JSON lines, the journal and the metrics consume the same stream;
//! the schema of the JSON lines is this file, and its version is raised when a field changes its meaning.

use std::path::PathBuf;

use rhapsode_dispatch::{BackendStatus, DispatchEvent};
use rhapsode_gate::GateReport;
use serde::Serialize;

use crate::Summary;

/// Version of the event schema, told by the first event.
pub const EVENT_SCHEMA: u32 = 1;

/// Something that happened in a job.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A job began.
    Started {
        /// [`EVENT_SCHEMA`].
        schema: u32,
        /// The manuscript.
        manuscript: PathBuf,
    },
    /// A voice pack is being fetched.
    FetchingVoice {
        /// Name of the voice.
        voice: String,
        /// Where from.
        source: String,
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all.
        total: u64,
    },
    /// The manuscript was read and scripted.
    Scripted {
        /// Title of the book.
        title: String,
        /// Titles of the chapters.
        chapters: Vec<String>,
        /// Characters in the manuscript.
        characters: u64,
        /// Characters that are spoken.
        spoken: u64,
        /// Chunks of the job.
        chunks: usize,
        /// Expected length of the speech.
        estimated_seconds: f64,
    },
    /// The take store was asked.
    LookedUp {
        /// Chunks whose takes are there.
        present: usize,
        /// Chunks that must be spoken.
        missing: usize,
        /// Characters that must be spoken.
        missing_characters: u64,
    },
    /// Takes that are there are made again, because that was asked for.
    Redo {
        /// Their chunks.
        ordinals: Vec<u32>,
    },
    /// The gate has checked everything that the job needs.
    Gate(GateReport),
    /// A chunk has its take.
    Take {
        /// The chunk.
        ordinal: u32,
        /// Index of its chapter, from 0.
        chapter: usize,
        /// Characters of its spoken text.
        characters: usize,
        /// Length of the take.
        seconds: f64,
        /// Defects of the take, if no attempt was good.
        defects: Vec<String>,
        /// The backend that spoke.
        backend: String,
    },
    /// A chunk is tried again.
    Retry {
        /// The chunk.
        ordinal: u32,
        /// Why.
        reason: String,
    },
    /// A chunk could not be spoken at all.
    Unspoken {
        /// The chunk.
        ordinal: u32,
        /// Why.
        reason: String,
    },
    /// A chunk that was good enough before enough was known of its voice got a better take.
    Replaced {
        /// The chunk.
        ordinal: u32,
        /// What was wrong with the earlier take.
        reason: String,
    },
    /// How a backend does; a few times a second at most.
    Backend(BackendStatus),
    /// A backend does not answer when it is opened. It gets work if it comes back.
    BackendSilent {
        /// Its name.
        backend: String,
        /// What is wrong.
        reason: String,
    },
    /// A backend gets no more work.
    BackendLost {
        /// Its name.
        backend: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A backend refused a text for its length and gets shorter ones from now on.
    LimitLearnt {
        /// Its name.
        backend: String,
        /// Characters that it gets at most.
        max_chars: usize,
    },
    /// A second backend speaks a chunk too, because the first takes long.
    Hedged {
        /// The chunk.
        ordinal: u32,
        /// Name of the second backend.
        backend: String,
    },
    /// The listening check could not say whether a take has the right words; the take is used.
    Inconclusive {
        /// The chunk.
        ordinal: u32,
        /// Why not.
        reason: String,
    },
    /// No backend works at the moment; the job waits for one.
    Waiting {
        /// What is wrong with each.
        reasons: String,
    },
    /// A backend works again after [`Event::Waiting`].
    GoesOn,
    /// A chapter was mastered and encoded, or its track was still there.
    Track {
        /// Index of the chapter, from 0.
        chapter: usize,
        /// Its title.
        title: String,
        /// Length.
        seconds: f64,
        /// Integrated loudness after encoding.
        lufs: f64,
        /// True peak after encoding.
        true_peak_dbtp: f64,
    },
    /// A release is in place.
    Published {
        /// The file or folder.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// The job ended well.
    Finished(Box<Summary>),
}

impl Event {
    /// What the pool tells of itself, as an event of the job; none for what becomes another event with more in it.
    pub(crate) fn of_pool(event: DispatchEvent) -> Option<Self> {
        Some(match event {
            DispatchEvent::Retried { ordinal, reason, .. } => Self::Retry { ordinal, reason },
            DispatchEvent::Hedged { ordinal, backend } => Self::Hedged { ordinal, backend },
            DispatchEvent::Inconclusive { ordinal, reason } => Self::Inconclusive { ordinal, reason },
            DispatchEvent::LimitLearnt { backend, max_chars } => Self::LimitLearnt { backend, max_chars },
            DispatchEvent::BackendLost { backend, reason } => Self::BackendLost { backend, reason },
            DispatchEvent::Backend(status) => Self::Backend(status),
            DispatchEvent::Waiting { reasons } => Self::Waiting { reasons },
            DispatchEvent::GoesOn => Self::GoesOn,
            _ => return None,
        })
    }
}

/// Takes events; called from any thread, must return at once.
pub trait Listener: Send + Sync {
    /// Something happened.
    fn tell(&self, event: Event);
}

/// Hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Listener for Silent {
    fn tell(&self, _event: Event) {}
}
