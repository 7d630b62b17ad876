//! A book and its sound in, an EPUB 3 out that a reader follows word for word while it is read aloud.
//!
//! This crate exists because it needs both ends of the program: the manuscript as it was read, to put marks into it
//! without touching its text, and the tracks, to say when each mark is heard.

mod document;
mod error;
mod made;
mod marks;
mod material;
mod modernise;
mod navigation;
mod overlay;
mod pack;
mod package;
mod tag;
mod timing;

pub use error::ReadAlongError;
pub use pack::{check, write};

use rhapsode_book::{Book, Span};
use rhapsode_release::{CoverArt, Tags, Track};

/// What an edition is made of.
#[derive(Debug)]
pub struct Narration<'a> {
    /// The manuscript's bytes.
    pub manuscript: &'a [u8],
    /// What was read from them.
    pub book: &'a Book,
    /// The chapters in reading order, at least one.
    pub chapters: Vec<NarratedChapter<'a>>,
    /// What the edition says of the book.
    pub tags: &'a Tags,
    /// The cover, for manuscripts that are no EPUB.
    pub cover: Option<&'a CoverArt>,
}

/// A chapter with its sound.
#[derive(Debug)]
pub struct NarratedChapter<'a> {
    /// Its sound, as AAC.
    pub track: &'a Track,
    /// What is said in it, in the order in which it is heard.
    pub phrases: Vec<Phrase>,
}

/// Words that are spoken in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// Where they stand in the manuscript; nowhere, if only its table of contents has them.
    pub spans: Vec<Span>,
    /// First sample in the track.
    pub start: u64,
}
