//! M4B: the whole book in one file, with chapters, cover and tags.

use std::path::Path;

use super::{Definition, Layout, Release};
use crate::{Codec, ReleaseError, mp4};

pub(super) const DEFINITION: Definition =
    Definition { name: "m4b", layout: Layout::OneFile, codec: |bitrate| Codec::Aac { bitrate }, write };

fn write(release: &Release<'_>, path: &Path) -> Result<(), ReleaseError> {
    mp4::write(release.tracks, release.tags, release.cover, path, mp4::LARGE)?;
    let samples = release.tracks.iter().map(|track| track.samples).sum();
    mp4::check(path, samples, release.tracks.len())
}
