//! Why there is no read-along edition of a book.

use std::path::PathBuf;

use rhapsode_book::ReadError;
use rhapsode_release::ReleaseError;

/// Why there is no read-along edition. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadAlongError {
    /// The manuscript cannot be read again.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The manuscript is another than the one that was spoken.
    #[error("make a read-along edition: {} was changed while it was spoken", .0.display())]
    Changed(PathBuf),
    /// A file cannot be written.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The source brings its own narration, which would be lost.
    #[error("make a read-along edition: the manuscript is one already, {0} holds its times")]
    Narrated(String),
    /// A document cannot be marked.
    #[error("mark the words in {place}: {reason}")]
    Document {
        /// The document in the manuscript.
        place: String,
        /// Why not.
        reason: String,
    },
    /// The archive cannot be written.
    #[error("pack the read-along edition: {0}")]
    Pack(#[from] zip::result::ZipError),
}
