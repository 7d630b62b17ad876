//! Why the store or the job directory cannot be used.

use std::{
    io,
    path::{Path, PathBuf},
};

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

impl StoreError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), source }
    }

    pub(crate) fn corrupt(path: &Path, reason: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), reason: reason.into() }
    }

    /// Whether there is no room left, on the disk or in the user's quota. Everything that was stored is whole.
    #[must_use]
    pub fn is_storage_full(&self) -> bool {
        match self {
            Self::Io { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            Self::Locked { .. } | Self::Newer { .. } | Self::Corrupt { .. } => false,
        }
    }
}
