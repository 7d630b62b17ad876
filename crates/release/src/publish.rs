//! Puts a finished release where the user wants it, in one rename: whoever looks sees the old release or the new
//! one, never a part of either.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::formats::belongs;
use crate::{CoverArt, Draft, DraftSettings, Format, Layout, Published, ReleaseError, Tags, Track};

/// Writes a release whose tracks are all there beside `destination`, checks it, and moves it there; see
/// [`Draft::publish`].
///
/// # Errors
/// Those of [`Draft`]. The old release is then still in its place.
pub fn publish(
    (format, layout): (Format, Layout),
    tracks: &[Track],
    tags: &Tags,
    cover: Option<&CoverArt>,
    destination: &Path,
) -> Result<Published, ReleaseError> {
    let mut draft = Draft::begin(DraftSettings {
        format,
        layout,
        titles: tracks.iter().map(|track| track.title.clone()).collect(),
        expected_samples: tracks.iter().map(|track| track.samples).sum(),
        tags: tags.clone(),
        cover: cover.cloned(),
        destination: destination.to_owned(),
    })?;
    tracks.iter().try_for_each(|track| draft.add(track.clone()))?;
    draft.publish()
}

/// Completes or takes back what a program that ended while it published left in this folder, and
/// removes what it had staged. Does nothing to releases that are being published right now.
///
/// # Errors
/// If a file cannot be moved or removed.
pub fn recover(destination_dir: &Path) -> Result<(), ReleaseError> {
    crate::staging::recover(destination_dir)
}

pub(crate) fn check_tracks(format: Format, tracks: &[Track]) -> Result<(), ReleaseError> {
    let refused = |reason: String| Err(ReleaseError::Tracks { reason });
    let Some(first) = tracks.first() else { return refused("there are none".to_owned()) };
    for track in tracks {
        let (title, encoded) = (&track.title, &track.encoded);
        if std::mem::discriminant(&encoded.codec) != std::mem::discriminant(&format.codec(None)) {
            return refused(format!("{title:?} is {:?}, which is not for {format}", encoded.codec));
        }
        if encoded.rate != first.encoded.rate {
            return refused(format!(
                "{title:?} has {} Hz, the first {}",
                encoded.rate.0, first.encoded.rate.0
            ));
        }
        if encoded.samples != track.samples {
            return Err(ReleaseError::Length {
                chapter: title.clone(),
                expected: track.samples,
                found: encoded.samples,
            });
        }
    }
    Ok(())
}

/// The folder that the destination lies in, and its name there.
pub(crate) fn place(destination: &Path) -> Result<(&Path, &OsStr), ReleaseError> {
    let name = destination.file_name().ok_or_else(|| ReleaseError::Io {
        action: "write",
        path: destination.to_owned(),
        source: std::io::ErrorKind::InvalidFilename.into(),
    })?;
    match destination.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => Ok((parent, name)),
        _ => Ok((Path::new("."), name)),
    }
}

/// A folder is replaced whole, so that it must be a release: a user who names the wrong folder loses nothing.
pub(crate) fn check_replaceable(destination: &Path, format: Format) -> Result<(), ReleaseError> {
    let stranger = match fs::symlink_metadata(destination) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(ReleaseError::io("read", destination)(error)),
        Ok(found) if !found.is_dir() => Some(destination.to_owned()),
        Ok(_) => entries(destination)?.into_iter().find(|path| {
            let name = path.file_name().and_then(OsStr::to_str);
            path.is_dir() || !name.is_some_and(|name| belongs(name, format))
        }),
    };
    match stranger {
        Some(stranger) => Err(ReleaseError::NotARelease { path: destination.to_owned(), stranger }),
        None => Ok(()),
    }
}

pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, ReleaseError> {
    let io = || ReleaseError::io("read", folder);
    fs::read_dir(folder).map_err(io())?.map(|entry| Ok(entry.map_err(io())?.path())).collect()
}

/// Brings a file to the disk and gives its length.
pub(crate) fn sync_file(path: &Path) -> Result<u64, ReleaseError> {
    let io = || ReleaseError::io("write", path);
    let file = fs::OpenOptions::new().write(true).open(path).map_err(io())?;
    file.sync_all().map_err(io())?;
    Ok(file.metadata().map_err(io())?.len())
}
