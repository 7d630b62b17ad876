//! Takes by content hash, and the job directory with its lock and journal.
//!
//! This crate exists so that finished speech survives everything: a kill, a full disk, a torn write, a second
//! process. It sees opaque keys and samples, never a request or a script. `docs/store.md` describes the files.

mod durable;
mod error;
mod job;
mod journal;
mod lock;
mod notes;
mod pins;
mod prune;
mod take;
mod takes;
mod verify;
mod versioned;

pub use durable::remove_parts;
pub use error::StoreError;
pub use job::JobDir;
pub use journal::JournalEntry;
pub use lock::Lock;
pub use prune::{PruneMode, PruneOptions, PruneReport};
pub use take::{Pcm16, StoredTake, TAKE_SCHEMA, TakeRecord, Verdict};
pub use takes::{Lookup, StoreStatus, TakeStore};
pub use verify::{CorruptTake, VerifyProgress, VerifyReport};
pub use versioned::{FILE_VERSION, read as read_versioned, write as write_versioned};
