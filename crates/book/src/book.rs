//! What was read from a manuscript. Every reader produces this shape and nothing else, so that the script
//! never asks which format a book came in.

use serde::{Deserialize, Serialize};

use crate::{Disposition, Format, Ledger, LedgerError, Span};

/// A manuscript, read: metadata, cover, and chapters of blocks in reading order.
#[derive(Debug, Clone)]
pub struct Book {
    /// Title, authors and the like.
    pub metadata: Metadata,
    /// The cover picture, if there is one in a format that players take.
    pub cover: Option<Cover>,
    /// What is read aloud, in order. Sections whose role is skipped are not here but in the ledger.
    pub chapters: Vec<Chapter>,
    /// The account of every source character.
    pub ledger: Ledger,
    /// The format that the manuscript was read as.
    pub format: Format,
    /// BLAKE3 of the manuscript's bytes.
    pub source_hash: [u8; 32],
    /// Oddities that the reader mended or worked around, one line each, for the plan and the report.
    pub remarks: Vec<String>,
}

impl Book {
    /// Checks that what the ledger calls kept stands in the chapters, once and whole.
    ///
    /// Readers run this before they hand a book out, so that a loss is an error of the reader and never a
    /// silent hole in the audiobook.
    ///
    /// # Errors
    /// [`LedgerError`] names the first stretch that is missing, stands twice, or has changed its length.
    pub fn verify(&self) -> Result<(), LedgerError> {
        let runs =
            self.chapters.iter().flat_map(|c| &c.blocks).flat_map(|b| &b.inlines).filter_map(|i| match i {
                Inline::Text(run) => Some(run),
                Inline::Break => None,
            });
        let mut spans = Vec::new();
        for run in runs {
            if run.text.chars().count() as u64 != run.span.len() {
                return Err(LedgerError::Altered(run.span.start, run.span.end));
            }
            spans.push(run.span);
        }
        spans.retain(|s| !s.is_empty());
        spans.sort();
        let mut spans = spans.into_iter();
        for entry in self.ledger.entries().iter().filter(|e| e.disposition == Disposition::Kept) {
            let mut at = entry.span.start;
            while at < entry.span.end {
                let span = spans.next().ok_or(LedgerError::Gap(at, entry.span.end))?;
                if span.start > at {
                    return Err(LedgerError::Gap(at, span.start.min(entry.span.end)));
                }
                if span.start < at || span.end > entry.span.end {
                    return Err(LedgerError::Overlap(span.start, span.end));
                }
                at = span.end;
            }
        }
        spans.next().map_or(Ok(()), |span| Err(LedgerError::Overlap(span.start, span.end)))
    }
}

/// What a book says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Title. Readers fall back to the first heading, then to the file's stem.
    pub title: String,
    /// Subtitle.
    pub subtitle: Option<String>,
    /// Authors in order, as they are to be shown.
    pub authors: Vec<String>,
    /// Narrators, if the manuscript names any.
    pub narrators: Vec<String>,
    /// Series and the book's place in it.
    pub series: Option<Series>,
    /// BCP 47 language tag of the book, lower-case primary subtag first (`en`, `en-GB`).
    pub language: Option<String>,
    /// Year of publication.
    pub year: Option<i32>,
    /// Publisher.
    pub publisher: Option<String>,
    /// Description, plain text.
    pub description: Option<String>,
    /// ISBN, ASIN, UUID, URI and the like.
    pub identifiers: Vec<Identifier>,
    /// Subjects or genres.
    pub subjects: Vec<String>,
    /// Rights statement.
    pub rights: Option<String>,
}

/// A series and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Name of the series.
    pub name: String,
    /// Position, as written: `1`, `2.5`.
    pub position: Option<String>,
}

/// A scheme and a value, such as `ISBN` and `9780141439600`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// Upper-case scheme: `ISBN`, `ASIN`, `UUID`, `DOI`, `URI`.
    pub scheme: String,
    /// The value without the scheme's prefix.
    pub value: String,
}

/// A cover picture, as its file's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cover {
    /// What the bytes are.
    pub kind: CoverType,
    /// The file, unchanged.
    pub bytes: Vec<u8>,
}

/// Picture formats that audiobook players show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CoverType {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

/// A chapter: what one chapter mark of the release covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chapter {
    /// The title, white space collapsed, as chapter marks show it. Never empty: readers fall back to
    /// `Chapter N`, or to the book's title for a book of one chapter.
    pub title: String,
    /// Where the title comes from, which decides how it is spoken.
    pub title_origin: TitleOrigin,
    /// Place in the book.
    pub matter: Matter,
    /// Role, where the manuscript or the title tells it.
    pub role: Option<SectionRole>,
    /// The text, in order.
    pub blocks: Vec<Block>,
}

/// Where a chapter's title comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TitleOrigin {
    /// It is the text of the chapter's leading heading blocks: they speak it.
    Heading,
    /// Only the table of contents has it: it is announced before the first block.
    Contents,
    /// It was made up for the chapter mark and is not spoken.
    Inferred,
}

/// Place of a chapter in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matter {
    /// Before the text.
    Front,
    /// The text.
    Body,
    /// After the text.
    Back,
}

/// Role of a section, from `epub:type`, ARIA or its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionRole {
    /// Cover page.
    Cover,
    /// Half title or title page.
    TitlePage,
    /// Copyright page, imprint.
    Copyright,
    /// Table of contents, list of illustrations.
    Contents,
    /// Dedication.
    Dedication,
    /// Epigraph.
    Epigraph,
    /// Foreword.
    Foreword,
    /// Preface.
    Preface,
    /// Introduction.
    Introduction,
    /// Prologue.
    Prologue,
    /// A chapter.
    Chapter,
    /// A part or volume.
    Part,
    /// Epilogue.
    Epilogue,
    /// Afterword.
    Afterword,
    /// Acknowledgements.
    Acknowledgements,
    /// Appendix.
    Appendix,
    /// Notes at the end.
    Endnotes,
    /// Bibliography, references.
    Bibliography,
    /// Glossary.
    Glossary,
    /// Index.
    Index,
    /// Colophon.
    Colophon,
    /// About the author.
    AboutTheAuthor,
    /// Other books by the author or the publisher, and advertisements.
    Advertisement,
}

impl SectionRole {
    /// Every role, for configuration and its messages.
    pub const ALL: [Self; 23] = [
        Self::Cover,
        Self::TitlePage,
        Self::Copyright,
        Self::Contents,
        Self::Dedication,
        Self::Epigraph,
        Self::Foreword,
        Self::Preface,
        Self::Introduction,
        Self::Prologue,
        Self::Chapter,
        Self::Part,
        Self::Epilogue,
        Self::Afterword,
        Self::Acknowledgements,
        Self::Appendix,
        Self::Endnotes,
        Self::Bibliography,
        Self::Glossary,
        Self::Index,
        Self::Colophon,
        Self::AboutTheAuthor,
        Self::Advertisement,
    ];

    /// The role in plain words.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::TitlePage => "title page",
            Self::Copyright => "copyright page",
            Self::Contents => "table of contents",
            Self::Dedication => "dedication",
            Self::Epigraph => "epigraph",
            Self::Foreword => "foreword",
            Self::Preface => "preface",
            Self::Introduction => "introduction",
            Self::Prologue => "prologue",
            Self::Chapter => "chapter",
            Self::Part => "part",
            Self::Epilogue => "epilogue",
            Self::Afterword => "afterword",
            Self::Acknowledgements => "acknowledgements",
            Self::Appendix => "appendix",
            Self::Endnotes => "endnotes",
            Self::Bibliography => "bibliography",
            Self::Glossary => "glossary",
            Self::Index => "index",
            Self::Colophon => "colophon",
            Self::AboutTheAuthor => "about the author",
            Self::Advertisement => "advertisement",
        }
    }
}

/// A paragraph-like piece of a chapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text, in order.
    pub inlines: Vec<Inline>,
    /// BCP 47 tag where it differs from the book's.
    pub language: Option<String>,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockKind {
    /// A heading; `level` 1 to 6.
    Heading {
        /// 1 is the highest.
        level: u8,
    },
    /// Running text.
    Paragraph,
    /// Verse: line breaks are pauses.
    Verse,
    /// A quotation set apart.
    Quotation,
    /// An item of a list.
    ListItem {
        /// Its number in an ordered list; `None` in a bulleted one.
        ordinal: Option<u32>,
    },
    /// A row of a table, cells separated by [`Inline::Break`].
    TableRow,
    /// A caption of a picture or a table.
    Caption,
    /// A code listing.
    Code,
    /// A note that is read.
    Note,
    /// A break between scenes: a pause. Its text, if any (`* * *`), is not spoken.
    SceneBreak,
}

/// A piece of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Text.
    Text(TextRun),
    /// A forced line break or a cell border. It is no character of the source.
    Break,
}

/// Source text, unchanged: white space is not collapsed, so that `text.chars().count() == span.len()` and the
/// n-th character stands at `span.start + n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextRun {
    /// Where it stands in the manuscript.
    pub span: Span,
    /// The characters of the source.
    pub text: String,
    /// BCP 47 tag where it differs from the block's.
    pub language: Option<String>,
}
