//! What is read and what is left out, by role. A book read twice with the same policy gives the same ledger.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::SectionRole;

/// What happens to footnotes and endnotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotePolicy {
    /// Left out, with the reason in the ledger.
    #[default]
    Skip,
    /// Read where the reference stands, after its paragraph.
    InPlace,
    /// Read at the end of the chapter.
    ChapterEnd,
}

/// What happens to tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TablePolicy {
    /// Read row by row.
    #[default]
    Rows,
    /// Left out, with the reason in the ledger.
    Skip,
}

/// Whether a kind of text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// Read aloud.
    #[default]
    Read,
    /// Left out, with the reason in the ledger.
    Skip,
}

/// What is read aloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReadPolicy {
    /// Footnotes and endnotes.
    pub notes: NotePolicy,
    /// Tables.
    pub tables: TablePolicy,
    /// Code listings (inline code is always read).
    pub code: Reading,
    /// Captions of pictures and tables.
    pub captions: Reading,
    /// Roles that are left out.
    pub skip_sections: BTreeSet<SectionRole>,
}

impl Default for ReadPolicy {
    fn default() -> Self {
        use SectionRole as R;
        Self {
            notes: NotePolicy::default(),
            tables: TablePolicy::default(),
            code: Reading::Skip,
            captions: Reading::Read,
            skip_sections: [
                R::Cover,
                R::TitlePage,
                R::Copyright,
                R::Contents,
                R::Endnotes,
                R::Bibliography,
                R::Index,
                R::Colophon,
                R::Advertisement,
            ]
            .into_iter()
            .collect(),
        }
    }
}
