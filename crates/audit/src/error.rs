//! Why there is no audit at all. What is wrong with a file is a finding and no error.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no audit. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// A path cannot be used.
    #[error("{doing} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder has no sound files.
    #[error("find an audiobook in {path}: it has no sound files", path = path.display())]
    NoSound {
        /// The folder.
        path: PathBuf,
    },
}

impl AuditError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}
