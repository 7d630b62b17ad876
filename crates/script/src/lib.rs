//! A [`Book`](rhapsode_book::Book) in, a [`Script`] out: sentences, words as they are spoken, chunks, pauses.
//!
//! This crate exists so that a backend only ever receives speakable text, and so that the account of the
//! manuscript's characters goes on to the last one. It knows no backend.

mod chunk;
mod error;

pub use chunk::{
    Chunk, Packing, Pause, PauseReason, Piece, Profile, Pronunciation, Script, ScriptChapter, Skip, Source,
};
pub use error::ScriptError;
