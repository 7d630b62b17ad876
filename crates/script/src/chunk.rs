//! The shapes of a script. Every chunk keeps its original words and where they stand, so that captions show
//! the book's text and a report can point into it.

use rhapsode_book::{SkipReason, Span};
use serde::{Deserialize, Serialize};

/// The book made speakable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Script {
    /// Chapters in reading order.
    pub chapters: Vec<ScriptChapter>,
    /// Everything that is not spoken: the reader's skips and the script's own. Together with the chunks'
    /// spans they cover every character of the manuscript once.
    pub skips: Vec<Skip>,
    /// Characters in the manuscript.
    pub characters: u64,
}

/// A chapter of a script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScriptChapter {
    /// Title for the chapter mark.
    pub title: String,
    /// Number of the chapter in the book, from 1; `--chapters` counts by it.
    pub number: u32,
    /// Chunks in reading order, at least one.
    pub chunks: Vec<Chunk>,
}

/// The unit of synthesis: whole sentences of one paragraph and one voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// Place in the book, from 0, without gaps.
    pub ordinal: u32,
    /// BCP 47 language of the text.
    pub language: String,
    /// Voice, where it differs from the job's.
    pub voice: Option<String>,
    /// What is spoken.
    pub text: Vec<Piece>,
    /// What stands in the manuscript.
    pub source: Source,
    /// The pause after it.
    pub pause_after: Pause,
}

impl Chunk {
    /// The text as plain words, pronounced words by their spelling.
    #[must_use]
    pub fn plain_text(&self) -> String {
        self.text.iter().map(Piece::spelling).collect()
    }
}

/// A piece of spoken text. Pieces join without anything between them: spaces stand in the plain pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// Words as they are read.
    Plain(String),
    /// A word or phrase whose pronunciation is given.
    Pronounced {
        /// Its spelling.
        word: String,
        /// How it sounds.
        pronunciation: Pronunciation,
    },
}

impl Piece {
    /// The piece's words as they are spelt.
    #[must_use]
    pub fn spelling(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Pronounced { word, .. } => word,
        }
    }
}

/// How a word sounds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pronunciation {
    /// Other letters that a reader of the language would pronounce right: `hermy-oh-nee`.
    Respelling(String),
    /// IPA in the built-in voice's alphabet (the one of misaki and Kokoro).
    Phonemes(String),
}

/// What a chunk says in the manuscript.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The original words, white space collapsed.
    pub text: String,
    /// Where they stand: ordered and disjoint; empty for a title that only the table of contents has.
    pub spans: Vec<Span>,
}

/// Characters that are not spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// Where.
    pub span: Span,
    /// Why.
    pub reason: SkipReason,
}

/// Silence after a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// Why there is one; the job's configuration gives its length.
    pub reason: PauseReason,
}

/// Why there is a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// A sentence that was too long was split here.
    Clause,
    /// End of a sentence.
    Sentence,
    /// End of a line of verse, an item or a row.
    Line,
    /// End of a paragraph.
    Paragraph,
    /// After a heading.
    Heading,
    /// Between scenes.
    Scene,
    /// End of a chapter.
    Chapter,
}

/// How chunks are cut for an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Chunks are filled up to at least this many characters of spoken text where the paragraph has them.
    pub min_chars: usize,
    /// No chunk has more characters of spoken text, unless a single word is longer.
    pub max_chars: usize,
    /// How sentences become chunks.
    pub packing: Packing,
}

/// How sentences become chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packing {
    /// One sentence a chunk; what the built-in voice sounds best with.
    Sentence,
    /// As many sentences of a paragraph as fit.
    Fill,
}
