//! What a watcher shows of the moment to those who look at its state directory. It is rewritten all the time and may be
//! missing: nothing is taken up from it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::EntryId;

/// How far the making of a book is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Chunks of the book.
    pub chunks: usize,
    /// Those that are spoken.
    pub done: usize,
}

/// Where the progress of a book is shown.
#[derive(Debug, Clone)]
pub struct ProgressBoard(PathBuf);

impl ProgressBoard {
    pub(crate) fn of(state: &Path, id: EntryId) -> Self {
        Self(state.join("progress").join(format!("{:08}.json", id.0)))
    }

    /// Shows how far it is. A disk that takes no more does not hold the book up.
    pub fn show(&self, progress: Progress) {
        let folder = self.0.parent().expect("it lies in a folder");
        if let Ok(json) = serde_json::to_vec(&progress) {
            let _ = fs::create_dir_all(folder).and_then(|()| fs::write(&self.0, json));
        }
    }

    /// How far it is, if anybody said.
    pub(crate) fn progress(&self) -> Option<Progress> {
        serde_json::from_slice(&fs::read(&self.0).ok()?).ok()
    }

    pub(crate) fn clear(&self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn parked_file(state: &Path) -> PathBuf {
    state.join("parked")
}

/// Shows why the queue stands still, or that it does not.
pub(crate) fn show_parked(state: &Path, reason: Option<&str>) {
    let file = parked_file(state);
    let _ = match reason {
        Some(reason) => fs::write(file, reason),
        None => fs::remove_file(file),
    };
}

/// Why the queue stands still, if it does.
pub(crate) fn parked(state: &Path) -> Option<String> {
    fs::read_to_string(parked_file(state)).ok()
}
