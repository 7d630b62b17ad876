//! The files that travel with a manuscript that shares its folder with others: those that have its name.

use std::path::{Path, PathBuf};

/// What follows the manuscript's name in the names of its companions.
const SUFFIXES: [&str; 8] =
    ["book.toml", "lexicon.toml", "jpg", "jpeg", "png", "opf", "reference.wav", "reference.flac"];

/// The manuscript, and those of the files of its folder that belong to it.
pub(super) fn of<'a>(manuscript: &Path, files: impl Iterator<Item = &'a PathBuf>) -> Vec<PathBuf> {
    let names: Vec<PathBuf> = SUFFIXES.iter().map(|suffix| manuscript.with_extension(suffix)).collect();
    let companions = files.filter(|file| names.contains(file)).cloned();
    std::iter::once(manuscript.to_owned()).chain(companions).collect()
}
