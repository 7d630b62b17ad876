//! A release that is a folder: what its files are called, and the files beside the chapters.

use std::fs;
use std::path::Path;

use super::Release;
use crate::file_name::safe_file_name;
use crate::{CoverArt, ReleaseError};

/// Bytes that a file's name may have on every file system.
const NAME_BYTES: usize = 255;

/// Names of the chapters' files: `07 - Loomings.flac`, the number as wide as the last one's.
pub(super) fn names(release: &Release<'_>, extension: &str) -> Vec<String> {
    let width = release.tracks.len().to_string().len().max(2);
    let name = |(number, title): (usize, &str)| {
        let number = format!("{number:0width$} - ");
        let title = safe_file_name(title, NAME_BYTES - number.len() - 1 - extension.len());
        format!("{number}{title}.{extension}")
    };
    (1..).zip(release.tracks.iter().map(|track| track.title.as_str())).map(name).collect()
}

/// Writes the cover and a playlist of the chapters' files.
pub(super) fn write_beside(
    release: &Release<'_>,
    names: &[String],
    folder: &Path,
) -> Result<(), ReleaseError> {
    if let Some(CoverArt { kind, bytes }) = release.cover {
        let path = folder.join("cover").with_extension(kind.extension());
        fs::write(&path, bytes).map_err(ReleaseError::io("write", &path))?;
    }
    let mut playlist = String::from("#EXTM3U\n");
    for (track, name) in release.tracks.iter().zip(names) {
        let seconds = track.encoded.rate.seconds(track.samples).round();
        // A line is an entry, so that a title must stay on one.
        let title = track.title.replace(['\r', '\n'], " ");
        playlist.push_str(&format!("#EXTINF:{seconds},{title}\n{name}\n"));
    }
    let path = folder.join("playlist.m3u8");
    fs::write(&path, playlist).map_err(ReleaseError::io("write", &path))
}

/// Whether a file's name is one that a release folder with chapters of this extension holds, or litter that file
/// managers leave everywhere.
pub(crate) fn belongs(name: &str, extension: &str) -> bool {
    let named = |wanted: &str| name.eq_ignore_ascii_case(wanted);
    let extension_is =
        |wanted: &str| Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(wanted));
    crate::documents::belongs(name)
        || extension_is(extension)
        || extension_is("m3u8")
        || ["cover.jpg", "cover.png", ".DS_Store", "Thumbs.db", "desktop.ini"].into_iter().any(named)
        || name.starts_with("._")
}

/// The file's length must be what was written: a full disk can also show itself that late.
pub(super) fn check_length(path: &Path, expected: u64) -> Result<(), ReleaseError> {
    let found = fs::metadata(path).map_err(ReleaseError::io("read", path))?.len();
    if found == expected {
        Ok(())
    } else {
        Err(ReleaseError::Broken {
            path: path.to_owned(),
            reason: format!("it has {found} bytes instead of {expected}"),
        })
    }
}
