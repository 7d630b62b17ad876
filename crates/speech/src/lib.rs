//! What turns a chunk into speech: the [`Backend`] trait, its table, and the backends themselves.
//!
//! This crate exists so that the dispatcher sees every engine alike, and so that what determines a sound is
//! written down once: a [`Request`] and an [`EngineIdentity`] make a [`TakeKey`].

mod backend;
mod builtin;
mod capabilities;
mod command;
mod error;
mod key;
mod listening;
mod openai;
mod probe;
mod request;
mod secret;
mod statement;
mod table;

pub use backend::{
    Backend, Call, Description, Price, Purpose, SharedBackend, SlotPolicy, Speech, SpeechFuture,
};
pub use builtin::Builtin;
pub use capabilities::Capabilities;
pub use command::STARTED_BY;
pub use error::SpeechError;
pub use key::{NotATakeKey, TakeKey};
pub use listening::{
    Comparison, Heard, ListeningCheck, ListeningOptions, Segment, Transcriber, TranscriberError, Transcript,
    WordCheck,
};
pub use probe::{ProbeReport, ProbeVoice, READY_WITHIN, ask_ready, probe, speak_probe};
pub use request::{EngineIdentity, Part, Reference, Request};
pub use secret::Secret;
pub use statement::{Expectation, Naming, Statement};
pub use table::{BackendSettings, backend_kinds, expect_backend, open_backend};
