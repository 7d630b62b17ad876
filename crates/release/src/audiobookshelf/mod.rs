//! A library as Audiobookshelf's scanner reads it: where a book's folder stands, and what lies in it beside the sound.

mod metadata;
mod place;

pub use metadata::{Chapter, shelve, shelved};
pub use place::{DISC, place};
