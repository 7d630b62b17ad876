//! Forcing files and folders to the disk itself: what a power cut leaves must be the original or what took its place, and
//! never neither.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::WatchError;

/// Makes a folder and those that it lies in.
///
/// # Errors
/// If one of them cannot be made or synced.
pub(crate) fn create_folder(folder: &Path) -> Result<(), WatchError> {
    let missing = folder.ancestors().take_while(|part| !part.as_os_str().is_empty() && !part.exists());
    let missing: Vec<&Path> = missing.collect();
    fs::create_dir_all(folder).map_err(WatchError::io("create", folder))?;
    missing.into_iter().filter_map(Path::parent).try_for_each(sync_folder)
}

/// Writes a file that is on the disk when this returns.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), WatchError> {
    let written = File::create(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(WatchError::io("write", path))
}

/// Forces the entries of a folder to the disk, where the system has that notion.
///
/// # Errors
/// If they cannot be.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), WatchError> {
    if !cfg!(unix) {
        return Ok(());
    }
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match File::open(here).and_then(|folder| folder.sync_all()) {
        // Some network mounts sync files and no folders.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        synced => synced.map_err(WatchError::io("sync", folder)),
    }
}

/// Forces a folder with all that is in it to the disk.
///
/// # Errors
/// If something of it cannot be.
pub(crate) fn sync_tree(folder: &Path) -> Result<(), WatchError> {
    for path in entries(folder)? {
        if path.is_dir() {
            sync_tree(&path)?;
        } else {
            // Windows flushes only handles that may write.
            let file = File::options().read(true).write(cfg!(windows)).open(&path);
            file.and_then(|file| file.sync_all()).map_err(WatchError::io("sync", &path))?;
        }
    }
    sync_folder(folder)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, WatchError> {
    let entries = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<PathBuf>>>()
    });
    entries.map_err(WatchError::io("look into", folder))
}
