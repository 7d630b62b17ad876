//! The interface that every engine has.

use std::{future::Future, pin::Pin, sync::Arc};

use rhapsode_audio::{Pcm, SampleRate};
use serde::{Deserialize, Serialize};

use crate::{EngineIdentity, Request, SpeechError};

/// What a backend can do and what it wants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// Name for people: `builtin`, or the configured one.
    pub name: String,
    /// Engine, model and revision.
    pub identity: EngineIdentity,
    /// Voices it has.
    pub voices: Vec<String>,
    /// BCP 47 primary subtags it speaks.
    pub languages: Vec<String>,
    /// Rate of what it returns, if it is always the same.
    pub rate: Option<SampleRate>,
    /// Requests it takes at the same time.
    pub max_concurrency: usize,
    /// Characters that a chunk for it should have at least.
    pub min_chars: usize,
    /// Characters that a chunk for it may have at most.
    pub max_chars: usize,
    /// Whether it takes phonemes in the text.
    pub phonemes: bool,
    /// What it costs.
    pub price: Option<Price>,
}

/// What speech costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// For a million characters of text, in the currency of the user's contract.
    pub per_million_chars: f64,
}

/// What came back for a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// The sound.
    pub pcm: Pcm,
    /// The seed that made it.
    pub seed: u64,
}

/// A boxed future of a call, so that backends can stand in one table.
pub type SpeechFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SpeechError>> + Send + 'a>>;

/// Something that turns text into speech.
pub trait Backend: Send + Sync + std::fmt::Debug {
    /// What it can do. Cheap: known since it was opened.
    fn describe(&self) -> &Description;

    /// Speaks. `seed` overrides the request's for a further attempt.
    fn speak<'a>(&'a self, request: &'a Request, seed: u64) -> SpeechFuture<'a, Speech>;
}

/// A backend shared by the workers of a pool.
pub type SharedBackend = Arc<dyn Backend>;
