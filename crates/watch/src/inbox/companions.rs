//! The files that travel with a manuscript that shares its folder with others: those that have its name.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rhapsode_book::Format;

/// What follows the manuscript's name in the names of its companions. The book in another format is one too: left behind,
/// it would be taken for a book of its own.
fn suffixes() -> impl Iterator<Item = &'static str> {
    ["book.toml", "lexicon.toml", "jpg", "jpeg", "png", "opf"].into_iter().chain(Format::extensions())
}

/// The manuscript, and those of the files of its folder that belong to it.
pub(super) fn of<T>(manuscript: &Path, files: &BTreeMap<PathBuf, T>) -> Vec<PathBuf> {
    let names = suffixes().map(|suffix| manuscript.with_extension(suffix));
    let companions = names.filter(|name| name != manuscript && files.contains_key(name));
    std::iter::once(manuscript.to_owned()).chain(companions).collect()
}
