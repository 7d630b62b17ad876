//! M4B: the whole book in one file, with chapters, cover and tags.

use std::path::Path;

use super::{Definition, Expected, Files, GrowingFile};
use crate::{Codec, ReleaseError, Track, mp4};

pub(super) const DEFINITION: Definition = Definition {
    name: "m4b",
    codec: |bitrate| Codec::Aac { bitrate },
    files: Files::OneForTheBook { begin, check },
};

fn begin(path: &Path, first: &Track, expected: &Expected<'_>) -> Result<Box<dyn GrowingFile>, ReleaseError> {
    Ok(Box::new(mp4::Muxer::begin(path, first, expected, mp4::LARGE)?))
}

fn check(path: &Path, tracks: &[Track]) -> Result<(), ReleaseError> {
    mp4::check(path, tracks.iter().map(|track| track.samples).sum(), tracks.len())
}
