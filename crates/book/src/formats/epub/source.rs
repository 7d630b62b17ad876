//! An EPUB as its files, for those that write it anew with marks in it. What is a document, in which order they come
//! and how their characters are counted is decided here by the same code that reads the book.

use super::{
    contents, document,
    package::{self, Package},
};
use crate::archive::{Archive, Limits};
use crate::dom::{Dom, NodeData, decode, xhtml};
use crate::{Format, ReadError, Span};

/// Most bytes of all files of an EPUB that is written anew, and of one of them. They are read one at a time.
const MAX_BYTES: u64 = 4 << 30;
const MAX_FILE_BYTES: u64 = 1 << 30;

/// An EPUB, opened.
pub struct EpubSource<'a> {
    archive: Archive<'a>,
    package: Package,
    package_path: String,
}

/// A content document of the reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDocument {
    /// Its path in the archive.
    pub path: String,
    /// Its markup: as it stands in the archive if that is well-formed, else as it was mended for reading.
    pub markup: String,
    /// Its characters, as [`crate::Book`] and its ledger count them.
    pub characters: Span,
}

/// A file that the package names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceItem {
    /// Its id in the manifest.
    pub id: String,
    /// Its path in the archive.
    pub path: String,
    /// Its media type, in lower case.
    pub media_type: String,
    /// Its properties, such as `nav`.
    pub properties: Vec<String>,
}

/// An entry of the table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceEntry {
    /// Its words.
    pub label: String,
    /// The path and the id that it points at; a heading points at nothing.
    pub target: Option<(String, Option<String>)>,
    /// 0 for the outermost.
    pub depth: usize,
}

impl<'a> EpubSource<'a> {
    /// Opens an EPUB.
    ///
    /// # Errors
    /// [`ReadError`] if it is none.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let limits = Limits { total_bytes: MAX_BYTES, entry_bytes: MAX_FILE_BYTES, ..Limits::default() };
        let mut archive = Archive::open(bytes, Format::Epub, limits)?;
        let package_path = package::root_file(&mut archive)?;
        let package = package::read(&mut archive, &mut Vec::new())?;
        Ok(Self { archive, package, package_path })
    }

    /// Path of the package document.
    #[must_use]
    pub fn package_path(&self) -> &str {
        &self.package_path
    }

    /// The package document.
    ///
    /// # Errors
    /// [`ReadError`] if it cannot be read.
    pub fn package(&mut self) -> Result<String, ReadError> {
        Ok(decode(&self.archive.read(&self.package_path)?).0.into_owned())
    }

    /// Whether the package is one of EPUB 3 or later.
    #[must_use]
    pub fn is_epub_3(&self) -> bool {
        self.package.is_epub_3
    }

    /// Every file of the archive, in its order.
    #[must_use]
    pub fn files(&self) -> Vec<String> {
        self.archive.names().into_iter().filter(|name| !name.ends_with('/')).collect()
    }

    /// A file as it stands in the archive.
    ///
    /// # Errors
    /// [`ReadError`] if it is not there or cannot be unpacked.
    pub fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.archive.read(path)
    }

    /// The files that the package names.
    pub fn items(&self) -> impl Iterator<Item = SourceItem> {
        self.package.manifest.iter().map(|item| SourceItem {
            id: item.id().to_owned(),
            path: item.path.clone(),
            media_type: item.media_type.clone(),
            properties: item.properties().map(str::to_owned).collect(),
        })
    }

    /// The content documents in reading order, their characters counted as in the book.
    ///
    /// # Errors
    /// [`ReadError`] if one cannot be read.
    pub fn documents(&mut self) -> Result<Vec<SourceDocument>, ReadError> {
        let mut end = 0;
        let paths: Vec<String> =
            self.package.spine.iter().filter(|item| item.is_content).map(|item| item.path.clone()).collect();
        let mut documents = Vec::with_capacity(paths.len());
        for path in paths {
            let bytes = self.archive.read(&path)?;
            let mut mended = Vec::new();
            let dom = document::parse(&bytes, &path, &mut mended)?;
            let (text, damage) = decode(&bytes);
            let is_mended = mended.len() > usize::from(damage.is_some());
            let markup = if is_mended { xhtml(&dom) } else { text.into_owned() };
            let start = end;
            end += characters(&dom);
            documents.push(SourceDocument { path, markup, characters: Span { start, end } });
        }
        Ok(documents)
    }

    /// The table of contents.
    ///
    /// # Errors
    /// [`ReadError`] if it cannot be read.
    pub fn contents(&mut self) -> Result<Vec<SourceEntry>, ReadError> {
        let navigation = super::navigation(&mut self.archive, &self.package, &mut Vec::new())?;
        let entry = |entry: contents::Entry| SourceEntry {
            label: entry.label,
            target: entry.target.map(|target| (target.path, target.fragment)),
            depth: entry.depth,
        };
        Ok(navigation.entries.into_iter().map(entry).collect())
    }
}

fn characters(dom: &Dom) -> u64 {
    let length = |node| match dom.data(node) {
        NodeData::Text(text) => text.chars().count() as u64,
        _ => 0,
    };
    dom.descendants(Dom::ROOT).map(length).sum()
}
