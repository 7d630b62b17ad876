//! M4B: the whole book in one file, with chapters, cover and tags; a file of one chapter is called M4A.

use std::path::Path;

use super::{Definition, Expected, Files, GrowingFile, Layout};
use crate::{Codec, ReleaseError, Track, mp4};

/// Bits a second at which nobody hears the encoder in 24 kHz speech.
const BITRATE: u32 = 64_000;

pub(super) const DEFINITION: Definition = Definition {
    name: "m4b",
    chapter_extension: "m4a",
    media_type: "audio/mp4",
    codec: |bitrate| Codec::Aac { bitrate: bitrate.unwrap_or(BITRATE) },
    files: Files::OfManyChapters { begin, check, layout: Layout::OneFile },
};

fn begin(path: &Path, first: &Track, expected: &Expected<'_>) -> Result<Box<dyn GrowingFile>, ReleaseError> {
    Ok(Box::new(mp4::Muxer::begin(path, first, expected, mp4::LARGE)?))
}

fn check(path: &Path, tracks: &[Track]) -> Result<(), ReleaseError> {
    mp4::check(path, tracks.iter().map(|track| track.samples).sum(), tracks.len())
}
