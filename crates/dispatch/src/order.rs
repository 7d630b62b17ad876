//! What a book orders of a pool: its chunks, each in the form that each engine wants it in.

use rhapsode_audio::learn::Learner;
use rhapsode_speech::{Request, SharedBackend, TakeKey};

use crate::DispatchOptions;

/// A backend as it joins a pool.
#[derive(Debug, Clone)]
pub struct Member {
    /// The backend.
    pub backend: SharedBackend,
    /// Characters that it takes in one request: what it says, or less where it was learnt.
    pub max_chars: usize,
}

impl Member {
    /// A backend with the limit that it states.
    #[must_use]
    pub fn new(backend: SharedBackend) -> Self {
        Self { max_chars: backend.describe().max_chars, backend }
    }
}

/// The work of one book.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its chunks, in any order; they begin in that of their ordinals.
    pub work: Vec<Work>,
    /// For each member of the pool, which of the variants it speaks; none if it does not have the book's voice.
    pub variant_of: Vec<Option<usize>>,
    /// For each variant, what is known of the takes of its voice.
    pub learners: Vec<Learner>,
    /// How the book wants it done.
    pub options: DispatchOptions,
}

/// A chunk to be spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// The chunk's place in the book; the order in which chunks are begun.
    pub ordinal: u32,
    /// The chunk as each engine gets it. One of them is spoken. At least one; all chunks of an order have as many.
    pub variants: Vec<Variant>,
}

/// A chunk in the form of one engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// What is asked for.
    pub request: Request,
    /// The key of its take.
    pub key: TakeKey,
}
