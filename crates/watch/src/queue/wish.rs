//! What the user wants of the queue. A wish is a file that the watcher picks up, so that it needs no socket, survives a kill
//! and can be made while no watcher runs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rhapsode_store::{read_versioned, write_versioned};
use serde::{Deserialize, Serialize};

use super::EntryId;
use crate::WatchError;

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "wish")]
pub enum Wish {
    /// Take a book out of the queue; one that is being made is stopped, with all its takes kept.
    Cancel {
        /// The book.
        id: EntryId,
    },
    /// Put a book that failed or was cancelled back.
    Retry {
        /// The book.
        id: EntryId,
    },
    /// Have a book begin next.
    Up {
        /// The book.
        id: EntryId,
    },
    /// Begin no more books, now and after the next start.
    Pause,
    /// Go on.
    Resume,
}

/// The wishes of a state directory.
#[derive(Debug)]
pub(crate) struct Wishes {
    folder: PathBuf,
}

impl Wishes {
    pub(crate) fn of(state: &Path) -> Self {
        Self { folder: state.join("wishes") }
    }

    /// The folder that wishes come to.
    pub(crate) fn folder(&self) -> Result<&Path, WatchError> {
        fs::create_dir_all(&self.folder).map_err(WatchError::io("create", &self.folder))?;
        Ok(&self.folder)
    }

    /// Leaves a wish for the watcher.
    pub(crate) fn make(&self, wish: Wish) -> Result<(), WatchError> {
        let number = self.pending()?.last().and_then(|path| number(path)).map_or(1, |last| last + 1);
        // The process in the name: two that wish at the same time both get theirs.
        let name = format!("{number:08}-{}.json", std::process::id());
        Ok(write_versioned(&self.folder()?.join(name), &wish)?)
    }

    /// The oldest wish, with its file, which goes once it is fulfilled.
    pub(crate) fn next(&self) -> Result<Option<(Wish, PathBuf)>, WatchError> {
        for path in self.pending()? {
            if let Some(wish) = read_versioned(&path)? {
                return Ok(Some((wish, path)));
            }
        }
        Ok(None)
    }

    fn pending(&self) -> Result<Vec<PathBuf>, WatchError> {
        let folder = self.folder()?;
        let files = fs::read_dir(folder).map_err(WatchError::io("look into", folder))?;
        let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
        paths.retain(|path| number(path).is_some());
        paths.sort();
        Ok(paths)
    }
}

fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".json")?.split('-').next()?.parse().ok()
}
