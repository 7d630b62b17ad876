//! Chapters as a reader finds them, of each of the kinds that formats keep.

use serde::Serialize;

/// Where chapters are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChapterKind {
    /// Nero's list in MP4, `chpl`: at most 255.
    Nero,
    /// The chapter track of QuickTime in MP4.
    QuickTime,
    /// `CHAP` frames of ID3v2.
    Id3,
    /// `CHAPTER001=` and `CHAPTER001NAME=` among Vorbis comments.
    Vorbis,
}

impl std::fmt::Display for ChapterKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nero => "Nero",
            Self::QuickTime => "QuickTime",
            Self::Id3 => "ID3",
            Self::Vorbis => "Vorbis comments",
        })
    }
}

/// A chapter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chapter {
    /// Its first moment, in seconds.
    pub start: f64,
    /// Its end, where the kind keeps one.
    pub end: Option<f64>,
    /// Its title.
    pub title: String,
}

/// The chapters of one kind.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChapterList {
    /// The kind.
    pub kind: ChapterKind,
    /// Chapters in the order in which they are kept.
    pub chapters: Vec<Chapter>,
    /// What readers will stumble over in the list itself.
    pub oddities: Vec<String>,
}

impl ChapterList {
    pub(crate) fn new(kind: ChapterKind, chapters: Vec<Chapter>) -> Self {
        Self { kind, chapters, oddities: Vec::new() }
    }
}
