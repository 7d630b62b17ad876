//! Opus in Ogg: one file for the book with chapters as comments, or one a chapter.

use std::path::Path;

use super::{Definition, Expected, Files, GrowingFile, Layout};
use crate::ogg_opus::{Writer, check};
use crate::{Codec, ReleaseError, Track};

/// Bits a second, as an average: transparent for one voice.
const BITRATE: u32 = 32_000;

pub(super) const DEFINITION: Definition = Definition {
    name: "opus",
    chapter_extension: "opus",
    media_type: "audio/ogg; codecs=opus",
    codec: |bitrate| Codec::Opus { bitrate: bitrate.unwrap_or(BITRATE) },
    files: Files::OfManyChapters { begin, check, layout: Layout::OneFile },
};

fn begin(path: &Path, first: &Track, expected: &Expected<'_>) -> Result<Box<dyn GrowingFile>, ReleaseError> {
    Ok(Box::new(Writer::begin(path, first, expected)?))
}
