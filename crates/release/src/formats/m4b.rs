//! M4B: the whole book in one file, with chapters, cover and tags.

use std::path::Path;

use super::{Definition, Expected, Files, Finished, GrowingFile};
use crate::{Codec, ReleaseError, Tags, Track, mp4};

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

/// Writes one AAC track as an M4A file of its own, for packages of sound files. `tags` are those of the book.
///
/// # Errors
/// If the track is not AAC or is cut, or if the file cannot be written.
pub fn write_chapter(track: &Track, tags: &Tags, path: &Path) -> Result<(), ReleaseError> {
    let tags = Tags { title: track.title.clone(), description: None, ..tags.clone() };
    let titles = [track.title.as_str()];
    let expected = Expected { titles: &titles, samples: track.samples, tags: &tags, cover: None };
    let mut file = Box::new(mp4::Muxer::begin(path, track, &expected, mp4::LARGE)?);
    file.push(track)?;
    match file.finish(&tags, None)? {
        Finished::Whole => check(path, std::slice::from_ref(track)),
        Finished::HeadTooLong => Err(ReleaseError::Broken {
            path: path.to_owned(),
            reason: "its head is longer than its track can make it".to_owned(),
        }),
    }
}
