//! What the user wants of the watcher.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    Hook, WatchError,
    inbox::Arrival,
    moving::{Removal, removal},
};

/// Folders and rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchSettings {
    /// Where manuscripts come to.
    pub inbox: PathBuf,
    /// Where books go to.
    pub library: PathBuf,
    /// Where manuscripts go that were done.
    pub done: PathBuf,
    /// Where manuscripts go that cannot be done, each with a report.
    pub failed: PathBuf,
    /// Queue, locks and work: on this machine's own disk.
    pub state: PathBuf,
    /// For how long a file must look the same before it counts as complete.
    pub settle: Duration,
    /// How often the inbox is looked through; none to trust events where they can be trusted.
    pub poll: Option<Duration>,
    /// What becomes of manuscripts.
    pub originals: Originals,
    /// What becomes of content that was done before.
    pub repeats: Repeats,
    /// Books in flight at the same time.
    pub books: usize,
    /// When watching ends.
    pub until: Until,
    /// Who is told of each book.
    pub hooks: Vec<Hook>,
}

/// What becomes of a manuscript once its book is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Originals {
    /// It is moved to `done`, or to `failed`.
    #[default]
    Move,
    /// It stays: the inbox belongs to somebody else.
    Stay,
}

/// What becomes of content that was done before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Repeats {
    /// It is not done again.
    #[default]
    Skip,
    /// It is.
    DoAgain,
}

/// When watching ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Until {
    /// When the user ends it.
    #[default]
    Stopped,
    /// When nothing is left to do: for scheduled jobs.
    Idle,
}

impl WatchSettings {
    /// How a book is put away into a folder; not at all where manuscripts stay.
    pub(crate) fn removal(&self, book: &Arrival, into: &Path) -> Option<Removal> {
        match self.originals {
            Originals::Move => Some(removal(&self.inbox, book, into)),
            Originals::Stay => None,
        }
    }

    /// Makes the folders that are not there, and makes sure that none lies in the inbox.
    ///
    /// # Errors
    /// If a folder cannot be made, or one lies in the inbox.
    pub(crate) fn prepare(&self) -> Result<(), WatchError> {
        std::fs::create_dir_all(&self.inbox).map_err(WatchError::io("create", &self.inbox))?;
        let inbox = self.inbox.canonicalize().map_err(WatchError::io("look into", &self.inbox))?;
        let mut folders = vec![("library", &self.library), ("state", &self.state)];
        if self.originals == Originals::Move {
            folders.extend([("done", &self.done), ("failed", &self.failed)]);
        }
        for (what, folder) in folders {
            let nested = |path: &Path| path.starts_with(&inbox);
            std::fs::create_dir_all(folder).map_err(WatchError::io("create", folder))?;
            if folder.canonicalize().is_ok_and(|path| nested(&path)) {
                let (inbox, other) = (self.inbox.clone(), folder.clone());
                return Err(WatchError::Nested { inbox, what, other });
            }
        }
        Ok(())
    }
}
