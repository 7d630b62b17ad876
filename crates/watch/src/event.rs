//! What the watcher tells while it works.

use std::path::PathBuf;

use serde::Serialize;

use crate::EntryId;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum WatchEvent {
    /// Watching began.
    Watching {
        /// The inbox.
        inbox: PathBuf,
        /// Whether it is looked through again and again, because its events cannot be trusted.
        polling: bool,
    },
    /// A book is complete and waits for its turn.
    Queued {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        manuscript: PathBuf,
    },
    /// The same content was done or is in the queue already.
    Duplicate {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        manuscript: PathBuf,
        /// The book that it is.
        of: EntryId,
    },
    /// A book is being made.
    Began {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        manuscript: PathBuf,
    },
    /// A book is in the library.
    Published {
        /// Its number.
        id: EntryId,
        /// Its folder.
        folder: PathBuf,
        /// Chunks with a defect.
        defects: usize,
    },
    /// A book cannot be made.
    Failed {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        manuscript: PathBuf,
        /// Why.
        reason: String,
    },
    /// Nothing goes on at the moment; it is tried again by itself.
    Parked {
        /// Why.
        reason: String,
    },
    /// It goes on.
    GoesOn,
}

/// Who is told.
pub trait WatchListener: Send + Sync + 'static {
    /// Takes an event in.
    fn tell(&self, event: WatchEvent);
}
