//! Why a manuscript cannot be read. Every text names the place; the command line adds the file and a hint.

use crate::{Format, LedgerError};

/// Why a manuscript cannot be read. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened or read.
    #[error("read the file: {0}")]
    Io(#[from] std::io::Error),
    /// No reader takes this file.
    #[error("tell the format of the manuscript: {0}")]
    UnknownFormat(String),
    /// The file is not what its format demands; `place` is a member of the archive, or a line and column.
    #[error("read {format} at {place}: {reason}")]
    Malformed {
        /// The format that it was read as.
        format: Format,
        /// Where: a file of the archive, or line and column.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The content is encrypted (DRM).
    #[error("read {place}: it is encrypted with {scheme}")]
    Encrypted {
        /// The encrypted member.
        place: String,
        /// The scheme, if it is known.
        scheme: String,
    },
    /// A limit that protects memory was passed.
    #[error("read {place}: {what} is more than the limit of {limit}")]
    TooLarge {
        /// Where.
        place: String,
        /// What was counted, with its value.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// A path inside an archive points outside of it.
    #[error("read {0}: the path leaves the archive")]
    PathEscape(String),
    /// There is no text to speak.
    #[error("find text to speak in the manuscript: {0}")]
    Empty(String),
    /// A character would be lost.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
