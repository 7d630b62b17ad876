//! Names that are never looked at: hidden files, and what programs call a file that they are still writing.

use std::ffi::OsStr;

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

/// Whether a file or folder of this name is passed over.
pub(super) fn is_ignored(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    name.starts_with('.')
        || name.ends_with('~')
        || name.starts_with("~$")
        || extension.is_some_and(|extension| PARTIAL.contains(&extension.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_downloads_and_hidden_files_are_passed_over() {
        for name in [".emma.epub", "emma.epub.part", "Emma.CRDOWNLOAD", "emma.epub~", "~$emma.docx", "x.tmp"]
        {
            assert!(is_ignored(OsStr::new(name)), "{name}");
        }
        for name in ["emma.epub", "part", "The Last Part.epub", "a.part.epub"] {
            assert!(!is_ignored(OsStr::new(name)), "{name}");
        }
    }
}
