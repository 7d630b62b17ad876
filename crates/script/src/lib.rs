//! A [`Book`](rhapsode_book::Book) in, a [`Script`] out: sentences, words as they are spoken, chunks, pauses.
//!
//! This crate exists so that a backend only ever receives speakable text, and so that the account of the
//! manuscript's characters goes on to the last one. It knows no backend.

mod account;
mod chapter;
mod chunk;
pub mod english;
mod error;
mod flow;
mod language;
mod lexicon;
mod normaliser;
mod pack;
mod pauses;
mod selection;
mod sentences;
mod speak;
mod split;
mod titles;
mod write;

pub use account::{CHARACTERS_PER_SECOND, Statistics};
pub use chunk::{
    Chunk, Packing, Pause, PauseReason, Piece, Profile, Pronunciation, Script, ScriptChapter, Skip, Source,
};
pub use error::ScriptError;
pub use lexicon::Lexicon;
pub use pauses::Pauses;
pub use selection::{ChapterRange, ChapterSelection, SelectionError};
pub use write::{ScriptOptions, write};
