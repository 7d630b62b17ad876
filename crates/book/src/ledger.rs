//! The account of every source character. It exists to make "nothing is lost" a checked fact: a reader can
//! only hand text on or name the reason for leaving it out, and the ledger refuses a gap or an overlap.

use serde::{Deserialize, Serialize};

use crate::SectionRole;

/// A half-open range of source characters.
///
/// The unit is the Unicode scalar of the parser's text nodes, counted from 0 through the whole manuscript in
/// reading order (DESIGN.md section 9). Markup, attributes and comments are not text and are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First character.
    pub start: u64,
    /// One past the last character.
    pub end: u64,
}

impl Span {
    /// Number of characters in the span.
    #[must_use]
    pub fn len(self) -> u64 {
        self.end - self.start
    }

    /// Whether the span holds no character.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// Why a character is not spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// White space between blocks, or that markup collapses.
    WhiteSpace,
    /// Table of contents, landmarks, page list and other navigation.
    Navigation,
    /// A page number or page-break marker.
    PageNumber,
    /// The mark in the text that points at a note.
    NoteReference,
    /// A footnote or endnote, where the policy skips notes.
    Note,
    /// A document that the spine marks `linear="no"` and the table of contents does not name.
    OutsideReadingOrder,
    /// Lettering inside a picture.
    Picture,
    /// Text that a reading system does not show: `hidden`, `aria-hidden`, `display:none`.
    HiddenText,
    /// A section whose role is not read aloud, such as a copyright page or an index.
    Section(SectionRole),
    /// A code listing, where the policy skips code.
    Code,
    /// A table, where the policy skips tables.
    Table,
    /// A picture's caption, where the policy skips captions.
    Caption,
    /// The small reading aid beside a ruby base.
    RubyAnnotation,
    /// Style sheets, scripts, templates and document titles: text to the parser, not to a reader.
    MachineText,
    /// The Project Gutenberg header or licence.
    GutenbergBoilerplate,
    /// Front matter of a Markdown file and other metadata blocks in the text.
    MetadataBlock,
    /// A bullet or number of a list that the markup already tells.
    ListMarker,
    /// Marks such as `* * *`, spoken as a pause.
    SceneBreak,
    /// A chapter that the user left out with `--chapters`.
    NotSelected,
    /// A chapter title that was spoken a moment before.
    RepeatedTitle,
    /// An emoji.
    Emoji,
    /// Control and formatting characters without a sound.
    ControlCharacter,
    /// Symbols and ornaments that have no spoken form.
    Ornament,
}

impl SkipReason {
    /// The reason in plain words, for plans and reports.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Self::WhiteSpace => "white space between blocks".into(),
            Self::Navigation => "navigation".into(),
            Self::PageNumber => "page number".into(),
            Self::NoteReference => "note reference".into(),
            Self::Note => "note".into(),
            Self::OutsideReadingOrder => "outside the reading order".into(),
            Self::Picture => "lettering in a picture".into(),
            Self::HiddenText => "hidden text".into(),
            Self::Section(role) => format!("section: {}", role.describe()),
            Self::Code => "code".into(),
            Self::Table => "table".into(),
            Self::Caption => "caption".into(),
            Self::RubyAnnotation => "ruby annotation".into(),
            Self::MachineText => "machine text".into(),
            Self::GutenbergBoilerplate => "Project Gutenberg header or licence".into(),
            Self::MetadataBlock => "metadata block".into(),
            Self::ListMarker => "list marker".into(),
            Self::SceneBreak => "scene break".into(),
            Self::NotSelected => "chapter not selected".into(),
            Self::RepeatedTitle => "repeated title".into(),
            Self::Emoji => "emoji".into(),
            Self::ControlCharacter => "control character".into(),
            Self::Ornament => "ornament".into(),
        }
    }
}

/// What became of a stretch of source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It stands in a block of the book.
    Kept,
    /// It was left out.
    Skipped(SkipReason),
}

/// One stretch of source text and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The stretch.
    pub span: Span,
    /// What became of it.
    pub disposition: Disposition,
}

/// A hole or an overlap in a ledger: text would be lost or spoken twice. Always a defect of a reader.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// Characters of which nothing is known.
    #[error("account for characters {0} to {1} of the manuscript: they are neither spoken nor skipped")]
    Gap(u64, u64),
    /// Characters that stand twice.
    #[error("account for characters {0} to {1} of the manuscript once: they stand twice")]
    Overlap(u64, u64),
    /// Characters whose text is not as long as their span.
    #[error("account for characters {0} to {1} of the manuscript unchanged: their text has another length")]
    Altered(u64, u64),
}

/// The account of a manuscript: contiguous entries from character 0 to the last, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    entries: Vec<LedgerEntry>,
}

impl Ledger {
    /// Builds a ledger from entries in any order and checks that they cover `0..total` once.
    ///
    /// # Errors
    /// [`LedgerError`] names the first hole or overlap.
    pub fn from_entries(mut entries: Vec<LedgerEntry>, total: u64) -> Result<Self, LedgerError> {
        entries.retain(|e| !e.span.is_empty());
        entries.sort_by_key(|e| e.span);
        let mut merged: Vec<LedgerEntry> = Vec::with_capacity(entries.len());
        let mut at = 0;
        for entry in entries {
            if entry.span.start > at {
                return Err(LedgerError::Gap(at, entry.span.start));
            }
            if entry.span.start < at {
                return Err(LedgerError::Overlap(entry.span.start, at.min(entry.span.end)));
            }
            at = entry.span.end;
            match merged.last_mut() {
                Some(last) if last.disposition == entry.disposition => last.span.end = entry.span.end,
                _ => merged.push(entry),
            }
        }
        match at.cmp(&total) {
            std::cmp::Ordering::Less => Err(LedgerError::Gap(at, total)),
            std::cmp::Ordering::Greater => Err(LedgerError::Overlap(total, at)),
            std::cmp::Ordering::Equal => Ok(Self { entries: merged }),
        }
    }

    /// The entries, in order, without gap or overlap.
    #[must_use]
    pub fn entries(&self) -> &[LedgerEntry] {
        &self.entries
    }

    /// Characters in the manuscript.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.entries.last().map_or(0, |e| e.span.end)
    }

    /// Characters that were kept.
    #[must_use]
    pub fn kept(&self) -> u64 {
        self.entries.iter().filter(|e| e.disposition == Disposition::Kept).map(|e| e.span.len()).sum()
    }

    /// Characters skipped, by reason, in the order of [`SkipReason`].
    #[must_use]
    pub fn skipped(&self) -> std::collections::BTreeMap<SkipReason, u64> {
        let mut by_reason = std::collections::BTreeMap::new();
        for entry in &self.entries {
            if let Disposition::Skipped(reason) = entry.disposition {
                *by_reason.entry(reason).or_default() += entry.span.len();
            }
        }
        by_reason
    }
}
