//! Why bytes are not sound.

use std::fmt;

use super::Format;

/// Why bytes are not sound, or not all of it. The texts fit after "failed to ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undecodable {
    /// There are no bytes.
    #[error("decode the sound: nothing was sent")]
    Empty,
    /// It is something else altogether.
    #[error("decode the sound: {looks} was sent: {start}")]
    NotSound {
        /// What it looks like.
        looks: Looks,
        /// How it begins, for people.
        start: String,
    },
    /// It is sound in a format that is not read here.
    #[error("decode the sound: it is {0}, which cannot be read here")]
    Unsupported(String),
    /// The stream ends before its sound does.
    #[error("decode the sound: the {format} stream is cut: {reason}")]
    Truncated {
        /// What it is.
        format: Format,
        /// How that is known.
        reason: String,
    },
    /// The stream contradicts itself.
    #[error("decode the sound: the {format} stream is broken: {reason}")]
    Broken {
        /// What it is.
        format: Format,
        /// Where.
        reason: String,
    },
    /// It is a complete file of no length.
    #[error("decode the sound: the {format} stream has no samples")]
    NoSamples {
        /// What it is.
        format: Format,
    },
    /// It goes on for longer than any speech that was asked for.
    #[error("decode the sound: it is longer than {max_seconds} seconds")]
    TooLong {
        /// The longest that is taken.
        max_seconds: u32,
    },
}

/// What bytes look like that are not sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// A page, as proxies and web applications answer with.
    Html,
    /// JSON, most likely an error.
    Json,
    /// Some other text.
    Text,
    /// Nothing that is known.
    Junk,
}

impl fmt::Display for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "an HTML page",
            Self::Json => "JSON",
            Self::Text => "text",
            Self::Junk => "something unknown",
        })
    }
}
