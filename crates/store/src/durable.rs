//! Files that are whole or absent. Everything in this crate that must survive a kill goes through here: a
//! temporary file in the same directory, then one rename.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use crate::StoreError;

/// What temporary files are called. A kill may leave one; `prune` removes those of the store, `remove_parts` those of
/// other folders.
const PART_PREFIX: &str = ".part-";

/// When a written file must be on the disk itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Before the call returns: survives a power cut.
    Now,
    /// Whenever the system likes, or at the caller's later sync: survives a kill, not a power cut.
    Later,
}

/// Writes `bytes` to `path` so that a reader sees the old file or the new one, never a part. Whatever fails,
/// no partial file stays.
pub(crate) fn write(path: &Path, bytes: &[u8], durability: Durability) -> Result<(), StoreError> {
    let directory = parent(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART_PREFIX);
    // Temporary files are private by default, but these become ordinary files; the umask still applies.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory).map_err(|e| StoreError::io("write", path, e))?;
    file.write_all(bytes).map_err(|e| StoreError::io("write", path, e))?;
    if durability == Durability::Now {
        file.as_file().sync_all().map_err(|e| StoreError::io("sync", path, e))?;
    }
    file.persist(path).map_err(|e| StoreError::io("rename into place", path, e.error))?;
    if durability == Durability::Now {
        sync_directory(directory)?;
    }
    Ok(())
}

/// Forces a file's bytes to the disk. A file that is gone needs none: another process moved it aside.
pub(crate) fn sync_file(path: &Path) -> Result<(), StoreError> {
    // Windows flushes only handles that may write.
    match File::options().read(true).write(cfg!(windows)).open(path).and_then(|file| file.sync_all()) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(StoreError::io("sync", path, e)),
        _ => Ok(()),
    }
}

/// Forces a directory's entries to the disk, where the system has that notion.
pub(crate) fn sync_directory(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        File::open(path).and_then(|dir| dir.sync_all()).map_err(|e| StoreError::io("sync", path, e))?;
    }
    Ok(())
}

/// Makes a directory and its parents.
pub(crate) fn create_directory(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(|e| StoreError::io("create", path, e))
}

/// Reads a file, `None` if there is none.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(StoreError::io("read", path, e)),
    }
}

/// Removes a file; one that is gone already is fine.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(StoreError::io("remove", path, e)),
        _ => Ok(()),
    }
}

/// Removes the temporary files that kills left in a directory. Only for whoever alone writes into it: those of others
/// may be about to be renamed.
///
/// # Errors
/// If the directory is there and cannot be listed, or a file cannot be removed.
pub fn remove_parts(directory: &Path) -> Result<(), StoreError> {
    let entries = list(directory)?;
    let mut parts = entries.iter().filter(|entry| is_part(entry));
    parts.try_for_each(|part| remove(&part.path()))
}

/// Whether a file is a temporary one.
pub(crate) fn is_part(file: &fs::DirEntry) -> bool {
    file.file_name().as_encoded_bytes().starts_with(PART_PREFIX.as_bytes())
}

/// What lies in a directory, in the order of names; nothing if the directory is not there.
pub(crate) fn list(path: &Path) -> Result<Vec<fs::DirEntry>, StoreError> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(StoreError::io("list", path, e)),
    };
    let mut entries = entries.collect::<Result<Vec<_>, _>>().map_err(|e| StoreError::io("list", path, e))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

fn parent(path: &Path) -> &Path {
    path.parent().expect("every file of the store lies in a directory that the store made")
}
