//! The library: folders as Audiobookshelf's scanner reads them, published by one rename each.

mod mark;
mod publish;

pub(crate) use mark::is_there;
pub(crate) use publish::{Published, publish, resume, staging};
