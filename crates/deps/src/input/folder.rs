//! Folders listed in one order everywhere, so that the same input gives the same findings.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::DepsError;

/// Most entries of a folder. The largest `site-packages` have some thousands.
const MAX_ENTRIES: usize = 100_000;

/// Something in a folder.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its name; what is not UTF-8 is replaced.
    pub(super) name: String,
    /// Where it lies.
    pub(super) path: PathBuf,
    /// Whether it is a folder, links followed.
    pub(super) is_folder: bool,
}

/// What is in a folder, by name.
pub(super) fn list(path: &Path) -> Result<Vec<Entry>, DepsError> {
    let failed = |source| DepsError::Read { path: path.to_owned(), source };
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)?.take(MAX_ENTRIES) {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_folder = path.is_dir();
        entries.push(Entry { name, path, is_folder });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}
