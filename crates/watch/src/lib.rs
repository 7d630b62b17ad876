//! A folder of manuscripts becomes a library of audiobooks.
//!
//! This crate exists so that books can be dropped and forgotten: it knows when a file is complete, keeps a queue that
//! survives everything, and publishes each book once. It knows nothing of speech: who makes the books is a [`Converter`].
//! `docs/watch.md` says what users see.

mod admit;
mod convert;
mod durable;
mod error;
mod event;
mod events;
mod finish;
mod follow;
mod hooks;
mod identity;
mod inbox;
mod intake;
mod library;
mod mounts;
mod moving;
mod parking;
mod paths;
mod queue;
mod requests;
mod settings;
mod status;
mod watcher;

pub use convert::{Conversion, Converted, Converter, Halt, Trouble};
pub use error::WatchError;
pub use event::{WatchEvent, WatchListener};
pub use follow::QueueFollower;
pub use hooks::{
    Hook, HookAction, HookError, HookName, News, Outcome, Program, Secret, Shelf, ShelfAction, Undelivered,
    Webhook,
};
pub(crate) use library::WatcherId;
pub use queue::{BookHash, Entry, EntryId, Move, State, Wish};
pub use requests::{QueueView, find, view, wish};
pub use settings::{Originals, Repeats, Until, WatchSettings};
pub use status::{Progress, ProgressBoard};
pub use watcher::{Tally, watch};
