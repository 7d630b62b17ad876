//! Why the store or the job directory cannot be used.

use std::path::PathBuf;

/// Why the store or the job directory cannot be used. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file cannot be read or written.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was tried: `write`, `rename`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not. A full disk is `ErrorKind::StorageFull`.
        source: std::io::Error,
    },
    /// Another process works on this job.
    #[error("lock {}: it is held by {owner}", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, as written by the holder: process, machine, since when.
        owner: String,
    },
    /// A file was written by a newer rhapsode.
    #[error("read {}: it has version {found}, this rhapsode knows up to {known}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// A file is not what it should be.
    #[error("read {}: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}
