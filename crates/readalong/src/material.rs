//! What an edition is packed from: the documents with their place in the manuscript, and the files around them.

use rhapsode_book::{EpubSource, Format, SourceEntry, SourceItem, Span};

use crate::{Narration, ReadAlongError, document::Age, made};

/// Files that would not hold any more, or that are written anew.
const LEFT_OUT: [&str; 2] = ["mimetype", "META-INF/signatures.xml"];

/// An EPUB before its marks.
pub(crate) struct Material<'a> {
    pub(crate) files: Files<'a>,
    pub(crate) age: Age,
    pub(crate) package_path: String,
    pub(crate) package: String,
    pub(crate) items: Vec<SourceItem>,
    /// The reading order.
    pub(crate) documents: Vec<TextDocument>,
    pub(crate) contents: Vec<SourceEntry>,
}

/// A document of the reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextDocument {
    pub(crate) path: String,
    pub(crate) markup: String,
    /// Which stretches of the manuscript it holds, each with its first character in the document: in the order of the
    /// manuscript.
    pub(crate) pieces: Vec<(Span, u64)>,
    /// How many characters it should have.
    pub(crate) characters: Option<u64>,
}

/// The files of an archive.
pub(crate) enum Files<'a> {
    /// Those of the manuscript.
    Source(Box<EpubSource<'a>>),
    /// Those of a book that was no EPUB.
    Made(Vec<(String, Vec<u8>)>),
}

impl<'a> Material<'a> {
    /// The material of a manuscript.
    pub(crate) fn of(narration: &Narration<'a>) -> Result<Self, ReadAlongError> {
        match narration.book.format {
            Format::Epub => Self::of_epub(narration.manuscript),
            _ => Ok(made::material(narration)),
        }
    }

    fn of_epub(bytes: &'a [u8]) -> Result<Self, ReadAlongError> {
        let mut source = EpubSource::open(bytes)?;
        let items: Vec<SourceItem> = source.items().collect();
        if let Some(smil) = items.iter().find(|item| item.media_type == "application/smil+xml") {
            return Err(ReadAlongError::Narrated(smil.path.clone()));
        }
        let documents = source.documents()?;
        let documents = documents.into_iter().map(|document| TextDocument {
            path: document.path,
            markup: document.markup,
            pieces: vec![(document.characters, 0)],
            characters: Some(document.characters.len()),
        });
        let documents = documents.collect();
        let package = source.package()?;
        Ok(Self {
            age: if source.is_epub_3() { Age::Three } else { Age::Two },
            package_path: source.package_path().to_owned(),
            package,
            items,
            documents,
            contents: source.contents()?,
            files: Files::Source(Box::new(source)),
        })
    }

    /// Whether there is a navigation document of EPUB 3.
    pub(crate) fn has_navigation(&self) -> bool {
        self.items.iter().any(|item| item.properties.iter().any(|property| property == "nav"))
    }

    /// The paths of all files but the first of the archive.
    pub(crate) fn paths(&self) -> Vec<String> {
        let mut paths = match &self.files {
            Files::Source(source) => source.files(),
            Files::Made(files) => files.iter().map(|(path, _)| path.clone()).collect(),
        };
        paths.retain(|path| !LEFT_OUT.contains(&path.as_str()));
        paths
    }

    /// A file as it is.
    pub(crate) fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadAlongError> {
        match &mut self.files {
            Files::Source(source) => Ok(source.read(path)?),
            Files::Made(files) => {
                let at = files.iter().position(|(found, _)| found == path);
                Ok(at.map(|at| files.swap_remove(at).1).unwrap_or_default())
            }
        }
    }
}

impl TextDocument {
    /// Where a stretch of the manuscript stands in this document, as far as it does.
    pub(crate) fn places(&self, span: Span) -> impl Iterator<Item = std::ops::Range<u64>> + '_ {
        let first = self.pieces.partition_point(|(piece, _)| piece.end <= span.start);
        self.pieces[first..].iter().take_while(move |(piece, _)| piece.start < span.end).filter_map(
            move |(piece, at)| {
                let (start, end) = (span.start.max(piece.start), span.end.min(piece.end));
                (start < end).then(|| at + start - piece.start..at + end - piece.start)
            },
        )
    }
}
