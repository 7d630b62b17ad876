//! From the staged folder to its place, by one rename that overwrites nothing.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rhapsode_release::{Tags, audiobookshelf::place};

use super::{WatcherId, catalogue};
use crate::{
    BookHash, WatchError,
    durable::{self, create_folder, sync_folder, sync_tree},
};

const STAGING: &str = ".rhapsode-staging";

/// The file in a book's folder that tells what it was made from. It is how a start after a kill knows its own work.
pub(super) const SOURCE: &str = ".rhapsode-source";

/// The folder of the library in which a book is put together: on the library's own file system, so that one rename
/// publishes it. Scanners pass over hidden folders.
///
/// Watchers that share the library have a folder each.
pub(crate) fn staging(library: &Path, book: &BookHash, watcher: &WatcherId) -> PathBuf {
    library.join(STAGING).join(format!("{}-{}", &book.0[..16], watcher.short()))
}

/// How publishing ended that an earlier run began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Published {
    /// The book is in this folder of the library.
    At(PathBuf),
    /// Neither the staged folder nor the published one is there: it is to be made again.
    Gone,
}

/// Renames the staged folder into its place, which it gives, and enters it. `note` is told each place before it is tried.
///
/// # Errors
/// If the library cannot be written, or `note` fails.
pub(crate) fn publish(
    library: &Path,
    staged: &Path,
    book: (&BookHash, &Tags),
    mut note: impl FnMut(&Path) -> Result<(), WatchError>,
) -> Result<PathBuf, WatchError> {
    let (hash, tags) = book;
    let source = staged.join(SOURCE);
    durable::write(&source, hash.0.as_bytes())?;
    // The manuscript leaves the inbox once this is in its place.
    sync_tree(staged)?;
    let mut copy = 1;
    loop {
        let place = place(tags, copy);
        let target = library.join(&place);
        if fs::symlink_metadata(&target).is_ok() {
            copy += 1;
            continue;
        }
        note(&place)?;
        if rename(staged, &target)? == Renamed::Yes {
            catalogue::enter(library, hash, &place)?;
            return Ok(place);
        }
        copy += 1;
    }
}

/// What became of a rename that was written down and perhaps not done.
///
/// # Errors
/// If the library cannot be read or written.
pub(crate) fn resume(
    library: &Path,
    staged: &Path,
    place: &Path,
    hash: &BookHash,
) -> Result<Published, WatchError> {
    fs::read_dir(library).map_err(WatchError::io("look into", library))?;
    let target = library.join(place);
    let is_there = match (staged.is_dir(), catalogue::is_at(library, place, hash)) {
        (false, true) => true,
        (true, false) if fs::symlink_metadata(&target).is_err() => rename(staged, &target)? == Renamed::Yes,
        _ => false,
    };
    if !is_there {
        return Ok(Published::Gone);
    }
    catalogue::enter(library, hash, place)?;
    Ok(Published::At(place.to_owned()))
}

#[derive(Debug, PartialEq, Eq)]
enum Renamed {
    Yes,
    /// Somebody put something there in the meantime.
    Taken,
}

fn rename(staged: &Path, target: &Path) -> Result<Renamed, WatchError> {
    let parent = target.parent().expect("a place has an author");
    create_folder(parent)?;
    match fs::rename(staged, target) {
        Ok(()) => {}
        Err(error)
            if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) =>
        {
            return Ok(Renamed::Taken);
        }
        Err(error) => return Err(WatchError::io("rename into place", target)(error)),
    }
    sync_folder(parent)?;
    Ok(Renamed::Yes)
}
