//! What can go wrong with folders, queue and library. The texts fit after "failed to ".

use std::{
    io,
    path::{Path, PathBuf},
};

use rhapsode_store::StoreError;

use crate::{HookError, HookName};

/// Why watching failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// A folder or file cannot be used.
    #[error("{action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The state directory, or another watcher has it.
    #[error(transparent)]
    State(#[from] StoreError),
    /// A hook cannot be used.
    #[error("use the hook {name}: {source}")]
    Hook {
        /// Its name.
        name: HookName,
        /// What is wrong with it.
        source: HookError,
    },
    /// A task ended in a panic.
    #[error("finish a step: {0}")]
    Panicked(tokio::task::JoinError),
    /// Two of the folders are in each other.
    #[error("watch {}: the {what} folder {} lies in it; choose one outside", inbox.display(), other.display())]
    Nested {
        /// The inbox.
        inbox: PathBuf,
        /// What the other is for.
        what: &'static str,
        /// The other.
        other: PathBuf,
    },
    /// No book of the queue is meant.
    #[error("find {wanted:?} in the queue")]
    NoSuchBook {
        /// What was asked for.
        wanted: String,
    },
    /// More than one book of the queue may be meant.
    #[error("tell which book {wanted:?} is: {}", known.join(", "))]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// Those that it could be.
        known: Vec<String>,
    },
}

impl WatchError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Whether it may pass by itself: a full disk, a folder that is gone, a network that is down.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::State(StoreError::Io { .. }))
    }
}
