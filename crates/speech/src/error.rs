//! Why speech failed, sorted by what a dispatcher can do about it.

/// Why speech failed. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpeechError {
    /// The text cannot be spoken by this engine, now or later.
    #[error("speak the text: {0}")]
    Unspeakable(String),
    /// The text is too long for this engine.
    #[error("speak the text: it has {characters} characters, the engine takes {limit}")]
    TooLong {
        /// Characters in the text.
        characters: usize,
        /// The engine's limit.
        limit: usize,
    },
    /// It went wrong this time; another attempt may succeed.
    #[error("get speech from {backend}: {reason}")]
    Transient {
        /// The backend's name.
        backend: String,
        /// What happened.
        reason: String,
    },
    /// The backend cannot work at all.
    #[error("use {backend}: {reason}")]
    Unavailable {
        /// The backend's name.
        backend: String,
        /// What is wrong.
        reason: String,
    },
}
