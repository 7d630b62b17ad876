//! What can be wrong with an input as a whole. What is wrong *in* it is a [`Finding`](crate::Finding).

use std::path::PathBuf;

/// An input that cannot be judged. The text fits after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DepsError {
    /// The file or folder cannot be read.
    #[error("read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The input is of a kind that is known, but broken.
    #[error("read {input}{}: {reason}", line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Malformed {
        /// The file, folder or address.
        input: String,
        /// Line, counted from 1, where one is known.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// The input is none of the kinds that can be judged.
    #[error("recognise {input}: {reason}")]
    Unknown {
        /// The file, folder or address.
        input: String,
        /// What was looked for.
        reason: String,
    },
}
