//! What a book is known by: the hash of its manuscript and of all that travels with it. Names do not count, so that a
//! second download under another name is the same book.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use crate::{BookHash, WatchError};

/// Hashes the files of a book, the manuscript first and the others in the order of their names.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn identify<'a>(
    inbox: &Path,
    manuscript: &'a Path,
    files: impl Iterator<Item = &'a PathBuf>,
) -> Result<BookHash, WatchError> {
    let mut hasher = blake3::Hasher::new();
    let companions = files.filter(|file| *file != manuscript);
    for file in std::iter::once(manuscript).chain(companions.map(PathBuf::as_path)) {
        let path = inbox.join(file);
        let hash = hash_file(&path).map_err(WatchError::io("read", &path))?;
        hasher.update(hash.as_bytes());
    }
    Ok(BookHash(hasher.finalize().to_hex().to_string()))
}

/// Hashes a file.
pub(crate) fn hash_file(path: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_is_known_by_its_bytes_and_not_by_its_name() {
        let inbox = tempfile::tempdir().unwrap();
        for (name, text) in [("a.md", "one"), ("b.md", "one"), ("c.md", "two"), ("b.book.toml", "")] {
            std::fs::write(inbox.path().join(name), text).unwrap();
        }
        let hash = |files: &[&str]| {
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            identify(inbox.path(), &files[0], files.iter()).unwrap()
        };
        assert_eq!(hash(&["a.md"]), hash(&["b.md"]));
        assert_ne!(hash(&["a.md"]), hash(&["c.md"]));
        assert_ne!(hash(&["b.md"]), hash(&["b.md", "b.book.toml"]), "a sidecar makes another book");
    }
}
