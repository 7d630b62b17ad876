//! Why speech failed, sorted by what a dispatcher can do about it.

use std::time::Duration;

/// Why speech failed. The texts fit after "failed to ".
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SpeechError {
    /// The text cannot be spoken by this engine, now or later.
    #[error("speak the text: {0}")]
    Unspeakable(String),
    /// The text is too long for this engine; parts of it may not be.
    #[error("speak the text: {backend} refuses {characters} characters: {reason}")]
    TooLong {
        /// The backend's name.
        backend: String,
        /// Characters in the text.
        characters: usize,
        /// The engine's limit, if it names one.
        limit: Option<usize>,
        /// What it said.
        reason: String,
    },
    /// The backend has no room at the moment, or is loading.
    #[error("get speech from {backend}: {reason}")]
    Busy {
        /// The backend's name.
        backend: String,
        /// What it said.
        reason: String,
        /// When it wants to be asked again (`Retry-After`).
        retry_after: Option<Duration>,
    },
    /// It went wrong this time; another attempt may succeed.
    #[error("get speech from {backend}: {reason}")]
    Transient {
        /// The backend's name.
        backend: String,
        /// What happened.
        reason: String,
    },
    /// Nobody answers at the address; the backend may come back.
    #[error("reach {backend}: {reason}")]
    Unreachable {
        /// The backend's name.
        backend: String,
        /// What happened.
        reason: String,
    },
    /// The backend cannot work at all: wrong key, no such model, a broken installation.
    #[error("use {backend}: {reason}")]
    Unavailable {
        /// The backend's name.
        backend: String,
        /// What is wrong.
        reason: String,
    },
}
