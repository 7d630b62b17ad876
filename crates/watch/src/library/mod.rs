//! The library: folders as Audiobookshelf's scanner reads them, published by one rename each, and what guards it where several
//! watchers share it.

mod catalogue;
mod lease;
mod mark;
mod publish;
mod watcher_id;

pub(crate) use catalogue::find;
pub(crate) use lease::{Delay, Lease};
pub(crate) use mark::is_there;
pub(crate) use publish::{Published, publish, resume, staging};
pub(crate) use watcher_id::WatcherId;
