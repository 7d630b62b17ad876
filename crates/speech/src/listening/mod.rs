//! The listening check: somebody listens to a take and says whether it has the words of its text.
//!
//! Signals tell a hole from a hum, but not a text from its neighbour; only words do. [`Transcriber`] asks a server
//! what it hears, [`Comparison`] sets that against the text, [`WordCheck`] does both.

mod alignment;
mod check;
mod comparison;
mod patience;
mod recording;
mod sound;
mod transcriber;
mod transcript;
mod verdict;
mod words;

use std::{fmt, future::Future, pin::Pin};

use rhapsode_audio::Pcm;

pub use check::WordCheck;
pub use comparison::Comparison;
pub use transcriber::{ListeningOptions, Transcriber, TranscriberError};
pub use transcript::{Segment, Transcript};

use crate::Request;

/// Listens to takes.
pub trait ListeningCheck: Send + Sync + fmt::Debug {
    /// Listens to a take of a request.
    fn listen<'a>(
        &'a self,
        request: &'a Request,
        pcm: &'a Pcm,
    ) -> Pin<Box<dyn Future<Output = Heard> + Send + 'a>>;
}

/// What was heard.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// The words of the text.
    Words,
    /// Other words: some are missing, or repeated, or of another text.
    Otherwise {
        /// What is wrong, for people.
        reason: String,
    },
    /// It cannot be said.
    Inconclusive {
        /// Why not.
        reason: String,
    },
}
