//! MP3 files: an ID3 tag with the chapters, a frame without sound that tells the length and what a player leaves out at
//! both ends, and the frames of the tracks.
//!
//! The first two are written last, into the room that was left for them.

mod check;
mod info;
mod tag;
mod writer;

pub(crate) use check::check;
pub(crate) use writer::Writer;
