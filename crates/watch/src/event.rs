//! What the watcher tells while it works.

use std::path::PathBuf;

use serde::Serialize;

use crate::{EntryId, HookName, paths};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum WatchEvent {
    /// Watching began.
    Watching {
        /// The inbox.
        #[serde(serialize_with = "paths::one::serialize")]
        inbox: PathBuf,
        /// Whether it is looked through again and again, because its events cannot be trusted.
        polling: bool,
    },
    /// A book is complete and waits for its turn.
    Queued {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        #[serde(serialize_with = "paths::one::serialize")]
        manuscript: PathBuf,
    },
    /// The same content was done or is in the queue already.
    Duplicate {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        #[serde(serialize_with = "paths::one::serialize")]
        manuscript: PathBuf,
        /// The book that it is.
        of: EntryId,
    },
    /// A book is being made.
    Began {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        #[serde(serialize_with = "paths::one::serialize")]
        manuscript: PathBuf,
    },
    /// A book is in the library.
    Published {
        /// Its number.
        id: EntryId,
        /// Its folder.
        #[serde(serialize_with = "paths::one::serialize")]
        folder: PathBuf,
        /// Chunks with a defect.
        defects: usize,
    },
    /// A book cannot be made.
    Failed {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        #[serde(serialize_with = "paths::one::serialize")]
        manuscript: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another watcher has put the same content into the library.
    AlreadyThere {
        /// Its number.
        id: EntryId,
        /// Its manuscript.
        #[serde(serialize_with = "paths::one::serialize")]
        manuscript: PathBuf,
        /// The folder of the book.
        #[serde(serialize_with = "paths::one::serialize")]
        folder: PathBuf,
    },
    /// A manuscript may not be read; the others go on.
    PassedOver {
        /// The manuscript.
        #[serde(serialize_with = "paths::one::serialize")]
        manuscript: PathBuf,
        /// Why.
        reason: String,
    },
    /// A book waits until its folder is filled.
    Held {
        /// The manuscript.
        #[serde(serialize_with = "paths::one::serialize")]
        manuscript: PathBuf,
        /// The file in its folder that somebody is still writing.
        #[serde(serialize_with = "paths::one::serialize")]
        partial: PathBuf,
    },
    /// Another watcher has the lease of the library; a book waits for it.
    LeaseHeld {
        /// Who says to have it.
        owner: String,
    },
    /// The owner of the library's lease gave no sign of life, and it was taken over.
    LeaseTakenOver {
        /// Who had it.
        owner: String,
    },
    /// A hook has taken a book's news.
    HookTold {
        /// The hook.
        hook: HookName,
        /// The book.
        id: EntryId,
    },
    /// A hook did not take a book's news; it is tried again.
    HookWaits {
        /// The hook.
        hook: HookName,
        /// The book.
        id: EntryId,
        /// Why.
        reason: String,
        /// Seconds until it is tried again.
        seconds: f64,
    },
    /// A hook refused a book's news so often that it is laid aside.
    HookGaveUp {
        /// The hook.
        hook: HookName,
        /// The book.
        id: EntryId,
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
