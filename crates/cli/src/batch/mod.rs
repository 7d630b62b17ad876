//! Many books in one run: which they are, what holds for each of them alone, and how they ended.

mod gather;
mod manifest;
mod table;

use std::path::{Path, PathBuf};

use rhapsode_engine::script::ChapterSelection;
use toml::Table;

pub(crate) use self::{
    gather::is_manuscript,
    manifest::ManifestError,
    table::{Line, table},
};
use crate::failure::{Failure, Kind};

/// A book of a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) manuscript: PathBuf,
    /// Where its releases go, if that is said of it alone.
    pub(crate) output: Option<PathBuf>,
    /// The chapters that are spoken, if that is said of it alone.
    pub(crate) chapters: Option<ChapterSelection>,
    pub(crate) settings: Option<EntrySettings>,
}

/// What a manifest sets for one book.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EntrySettings {
    pub(crate) manifest: PathBuf,
    /// Line at which the entry begins, from 1.
    pub(crate) line: usize,
    /// Sections with their settings, of those that a sidecar may have.
    pub(crate) table: Table,
}

impl Entry {
    /// A book of which nothing more is said.
    fn of(manuscript: PathBuf) -> Self {
        Self { manuscript, output: None, chapters: None, settings: None }
    }
}

/// The books that are meant: files, those in folders, those that patterns match, and those of a manifest; each once.
pub(crate) fn entries(inputs: &[PathBuf], manifest: Option<&Path>) -> Result<Vec<Entry>, Failure> {
    let mut entries: Vec<Entry> = gather::gather(inputs)?.into_iter().map(Entry::of).collect();
    if let Some(path) = manifest {
        entries.extend(manifest::read(path)?);
    }
    if entries.is_empty() {
        let (wanted, hint) = match manifest {
            Some(path) => (
                format!("failed to find a book in the manifest {}", path.display()),
                "each line of a CSV manifest after the first, or each [[book]] of a TOML one, is a book; see \
                 docs/batches.md",
            ),
            None => (
                "failed to find a manuscript in the folders given".to_owned(),
                "rhapsode reads EPUB, Markdown, HTML, plain text and DOCX",
            ),
        };
        return Err(Failure::new(Kind::Manuscript, wanted, Some(hint)));
    }
    Ok(each_once(entries))
}

/// A book that was named twice is made once, as a later entry says: a manifest comes last and says more.
fn each_once(entries: Vec<Entry>) -> Vec<Entry> {
    let mut distinct: Vec<(PathBuf, Entry)> = Vec::new();
    for entry in entries {
        let real = entry.manuscript.canonicalize().unwrap_or_else(|_| entry.manuscript.clone());
        let same = |known: &(PathBuf, Entry)| known.0 == real && known.1.chapters == entry.chapters;
        match distinct.iter().position(same) {
            Some(place) => distinct[place].1 = entry,
            None => distinct.push((real, entry)),
        }
    }
    distinct.into_iter().map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_that_is_named_twice_is_made_once_and_as_the_manifest_says() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.md"), "x").unwrap();
        let manifest = folder.path().join("books.csv");
        std::fs::write(&manifest, "book,title\na.md,Other\n").unwrap();
        let inputs = [folder.path().to_owned(), folder.path().join("./a.md")];
        let entries = entries(&inputs, Some(&manifest)).unwrap();
        assert_eq!(entries.len(), 1, "{entries:?}");
        assert!(entries[0].settings.is_some());
    }

    #[test]
    fn nothing_to_do_is_an_error_that_names_where_it_was_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(entries(&[folder.path().to_owned()], None).unwrap_err().kind, Kind::Manuscript);
        let manifest = folder.path().join("books.csv");
        std::fs::write(&manifest, "book\n").unwrap();
        assert!(entries(&[], Some(&manifest)).unwrap_err().message.contains("books.csv"));
    }
}
