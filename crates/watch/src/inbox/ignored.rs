//! Names that are never a book: hidden files, and what programs call a file that they are still writing.

use std::{ffi::OsStr, path::Path};

use super::rank;

const PARTIAL: [&str; 12] = [
    "part",
    "partial",
    "crdownload",
    "download",
    "opdownload",
    "tmp",
    "temp",
    "!ut",
    "!qb",
    "filepart",
    "aria2",
    "swp",
];

/// What a name says of its file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// It counts.
    Plain,
    /// It is passed over.
    Ignored,
    /// It is passed over, and what it lies in is not complete.
    Partial,
}

impl Name {
    pub(super) fn of(name: &OsStr) -> Self {
        let name = name.to_string_lossy();
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        match () {
            () if ending.is_some_and(|ending| PARTIAL.contains(&ending.as_str())) => Self::Partial,
            () if is_of_rsync(&name) => Self::Partial,
            () if name.starts_with('.') || name.ends_with('~') || name.starts_with("~$") => Self::Ignored,
            () => Self::Plain,
        }
    }
}

/// `.emma.epub.Ab3dE9` becomes `emma.epub` when rsync is done with it.
fn is_of_rsync(name: &str) -> bool {
    let parts = name.strip_prefix('.').and_then(|name| name.rsplit_once('.'));
    parts.is_some_and(|(whole, ending)| {
        ending.len() == 6 && ending.chars().all(char::is_alphanumeric) && rank(Path::new(whole)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_downloads_and_hidden_files_are_passed_over() {
        let of = |name: &str| Name::of(OsStr::new(name));
        for name in ["emma.epub.part", "Emma.CRDOWNLOAD", "x.tmp", ".emma.epub.Ab3dE9", ".emma.md.swp"] {
            assert_eq!(of(name), Name::Partial, "{name}");
        }
        for name in [".emma.epub", "emma.epub~", "~$emma.docx", ".DS_Store", ".calibre.backup"] {
            assert_eq!(of(name), Name::Ignored, "{name}");
        }
        for name in ["emma.epub", "part", "The Last Part.epub", "a.part.epub"] {
            assert_eq!(of(name), Name::Plain, "{name}");
        }
    }
}
