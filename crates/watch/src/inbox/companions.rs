//! The files that travel with a manuscript that shares its folder with others: those that have its name.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// What follows the manuscript's name in the names of its companions.
const SUFFIXES: [&str; 8] =
    ["book.toml", "lexicon.toml", "jpg", "jpeg", "png", "opf", "reference.wav", "reference.flac"];

/// The manuscript, and those of the files of its folder that belong to it.
pub(super) fn of<T>(manuscript: &Path, files: &BTreeMap<PathBuf, T>) -> Vec<PathBuf> {
    let names = SUFFIXES.iter().map(|suffix| manuscript.with_extension(suffix));
    let companions = names.filter(|name| files.contains_key(name));
    std::iter::once(manuscript.to_owned()).chain(companions).collect()
}
