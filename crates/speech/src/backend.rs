//! The interface that every engine has.

use std::{future::Future, pin::Pin, sync::Arc};

use rhapsode_audio::{Pcm, SampleRate};
use serde::{Deserialize, Serialize};

use crate::{EngineIdentity, Request, SpeechError, Statement};

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

impl Price {
    /// A price, if it is one: no less than nothing.
    pub(crate) fn new(per_million_chars: f64) -> Option<Self> {
        (per_million_chars.is_finite() && per_million_chars >= 0.0).then_some(Self { per_million_chars })
    }
}

/// One call of a backend, beside what is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// Overrides the request's seed for a further attempt.
    pub seed: u64,
    /// What the speech is for.
    pub purpose: Purpose,
}

/// What speech is asked for. Servers count the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A take of a book.
    Take,
    /// The proof that the backend can speak; a server sees `X-Rhapsode-Probe: 1`.
    Probe,
}

/// What came back for a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// The sound.
    pub pcm: Pcm,
    /// The seed that made it.
    pub seed: u64,
    /// What the server says that it left out of the text, if it says so (`X-Rhapsode-Text-Dropped`).
    pub dropped_text: Option<String>,
}

/// How many requests at a time a backend gets of those that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotPolicy {
    /// As many as do it good: a server may be faster with fewer.
    Adaptive,
    /// All: it shares this machine with the work beside it, whose load says nothing of its slots.
    Fixed,
}

/// A boxed future of a call, so that backends can stand in one table.
pub type SpeechFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SpeechError>> + Send + 'a>>;

/// Something that turns text into speech.
pub trait Backend: Send + Sync + std::fmt::Debug {
    /// What it can do. Cheap: known since it was opened.
    fn describe(&self) -> &Description;

    /// Speaks. Dropping the future gives the request up; a server is told by the closed connection.
    fn speak<'a>(&'a self, request: &'a Request, call: Call) -> SpeechFuture<'a, Speech>;

    /// Whether a pool may give it fewer requests at a time than it takes.
    fn slot_policy(&self) -> SlotPolicy {
        SlotPolicy::Adaptive
    }

    /// Whether it is ready, as far as it can tell without speaking; those that cannot tell are.
    fn ready(&self) -> SpeechFuture<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    /// What it says of itself now. What is behind an address can change while a job runs, so servers are asked anew.
    fn statement(&self) -> SpeechFuture<'_, Statement> {
        Box::pin(std::future::ready(Ok(Statement::of(self.describe()))))
    }

    /// The dependency report of its installation (`GET /v1/dependencies`); none if it offers none.
    fn dependencies(&self) -> SpeechFuture<'_, Option<serde_json::Value>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// A backend shared by the workers of a pool.
pub type SharedBackend = Arc<dyn Backend>;
