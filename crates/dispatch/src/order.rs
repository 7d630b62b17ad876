//! What a book orders of a pool: its chunks, each in the form that each engine wants it in.

use std::{fmt, sync::Arc};

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
#[derive(Debug, Clone)]
pub struct Work {
    /// The chunk's place in the book; the order in which chunks are begun.
    pub ordinal: u32,
    /// The chunk as each engine gets it. One of them is spoken. At least one; all chunks of an order have as many.
    pub variants: Vec<Variant>,
}

/// A chunk in the form of one engine. Its request is made each time it is needed: a long book waits as a list of keys,
/// not as a second copy of its text.
#[derive(Clone)]
pub struct Variant {
    key: TakeKey,
    characters: usize,
    request: Arc<dyn Fn() -> Request + Send + Sync>,
}

impl Variant {
    /// The form whose take has this key and whose text, as [`Request::plain_text`] gives it, has so many characters.
    /// `request` makes the same request whenever it is called.
    pub fn new(
        key: TakeKey,
        characters: usize,
        request: impl Fn() -> Request + Send + Sync + 'static,
    ) -> Self {
        Self { key, characters, request: Arc::new(request) }
    }

    /// What is asked for.
    #[must_use]
    pub fn request(&self) -> Request {
        (self.request)()
    }

    /// The key of its take.
    #[must_use]
    pub fn key(&self) -> TakeKey {
        self.key
    }

    /// Characters of its text.
    #[must_use]
    pub fn characters(&self) -> usize {
        self.characters
    }
}

impl fmt::Debug for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variant")
            .field("key", &self.key)
            .field("characters", &self.characters)
            .finish_non_exhaustive()
    }
}
