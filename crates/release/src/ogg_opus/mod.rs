//! Ogg Opus files (RFC 7845): two heads, of which the second has the tags, the cover and the chapters, and the packets of
//! the tracks.

mod check;
mod heads;
mod writer;

pub(crate) use check::check;
pub(crate) use writer::Writer;

/// Positions count at this rate, whatever the encoder took (RFC 7845 section 4).
const CLOCK: u64 = 48_000;
/// The stream's number. There is one stream in the file, so any will do.
const SERIAL: u32 = 0x7268_6170;
