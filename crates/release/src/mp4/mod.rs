//! The M4B muxer: access units of finished tracks, chapters, tags and cover into one MP4 file, without a codec
//! and without a second pass over the sound.
//!
//! Boxes come from `mp4-atom`. Boxes of our own, each for what it lacks: the containers (it writes `edts` after
//! `mdia` and `udta` before `trak`, where some players do not look), `gmhd` and the QuickTime `text` sample
//! entry (it has neither), `ilst` (it knows six of our items) and the `hdlr` of `meta` (it writes zeros where
//! Apple's readers want `appl`).
//!
//! Time: the movie, the sound and the chapters all count in samples, so that nothing is ever rounded, but for
//! the Nero chapters, whose unit is 100 ns. Dates are zero: the same tracks give the same bytes.

mod chapters;
mod check;
mod ilst;
mod moov;
mod movie;
mod muxer;
mod tables;
#[cfg(test)]
mod tests;

pub(crate) use check::check;
pub(crate) use muxer::Muxer;

/// Offset from which a file needs 64-bit offsets and sizes.
pub(crate) const LARGE: u64 = u32::MAX as u64;
