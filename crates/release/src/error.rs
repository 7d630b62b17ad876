//! Why a release cannot be made.

use std::path::PathBuf;

/// Why a release cannot be made. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// A file cannot be read or written.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was tried: `write`, `rename`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A take of the chapter is not in the store.
    #[error("find the take of chunk {ordinal} in chapter {chapter:?}")]
    TakeMissing {
        /// The chunk.
        ordinal: u32,
        /// The chapter's title.
        chapter: String,
    },
    /// The take store failed.
    #[error(transparent)]
    Store(#[from] rhapsode_store::StoreError),
    /// An encoder failed.
    #[error("encode with {encoder}: {reason}")]
    Encoder {
        /// Its name.
        encoder: &'static str,
        /// What it said, with everything it printed.
        reason: String,
    },
    /// What was encoded is not as long as what was handed to the encoder.
    #[error("encode chapter {chapter:?} whole: {expected} samples went in, {found} came out")]
    Length {
        /// The chapter's title.
        chapter: String,
        /// Samples that went in.
        expected: u64,
        /// Samples that came out.
        found: u64,
    },
}
