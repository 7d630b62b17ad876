//! What a job tells while it runs. The progress bar and the JSON lines consume the same stream; the schema of
//! the JSON lines is this file, and its version is raised when a field changes its meaning.

use std::path::PathBuf;

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
    Finished(Summary),
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
