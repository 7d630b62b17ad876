//! MP3: one file a chapter, or one for the book with chapters in its ID3 tag.

use std::path::Path;

use super::{Definition, Expected, Files, GrowingFile, Layout};
use crate::mp3::{Writer, check};
use crate::{Codec, ReleaseError, Track};

/// Bits a second, constant: transparent for one voice.
const BITRATE: u32 = 96_000;

pub(super) const DEFINITION: Definition = Definition {
    name: "mp3",
    chapter_extension: "mp3",
    media_type: "audio/mpeg",
    codec: |bitrate| Codec::Mp3 { bitrate: bitrate.unwrap_or(BITRATE) },
    files: Files::OfManyChapters { begin, check, layout: Layout::FilePerChapter },
};

fn begin(path: &Path, first: &Track, expected: &Expected<'_>) -> Result<Box<dyn GrowingFile>, ReleaseError> {
    Ok(Box::new(Writer::begin(path, first, expected)?))
}
