//! A book of the queue and the step that it is at.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    inbox::{Arrival, Baggage, Stamp},
    paths,
};

/// A book's number, in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub u64);

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

/// BLAKE3 of a manuscript and of all that travels with it, in hex: what a book is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BookHash(pub String);

/// A book of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number.
    pub id: EntryId,
    /// What it is known by.
    pub book: BookHash,
    /// The manuscript, from the inbox.
    #[serde(with = "paths::one")]
    pub manuscript: PathBuf,
    pub(crate) baggage: Baggage,
    /// Its files as they were when it was taken.
    #[serde(with = "paths::keys")]
    pub(crate) files: BTreeMap<PathBuf, Stamp>,
    /// When it came.
    pub arrived: DateTime<Utc>,
    /// Books of a higher one begin first.
    pub priority: i64,
    /// How often its conversion was begun.
    pub attempts: u32,
    /// Where its files were moved.
    #[serde(default)]
    pub moved: Vec<Move>,
    /// The step that it is at.
    pub state: State,
    /// When it came to that step.
    pub since: DateTime<Utc>,
}

/// The step that a book is at. What is about to be done is written down before it is done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
pub enum State {
    /// It waits for its turn.
    Waiting,
    /// It is being converted.
    Working,
    /// It is there, and being renamed into its place in the library.
    Publishing {
        /// The staged folder.
        #[serde(with = "paths::one")]
        staged: PathBuf,
        /// Where it goes, from the library.
        #[serde(with = "paths::one")]
        place: PathBuf,
        /// Chunks with a defect.
        defects: usize,
    },
    /// Its files are being moved out of the inbox.
    Moving {
        /// Each with where it goes.
        moves: Vec<Move>,
        /// What it is after that.
        then: Box<State>,
    },
    /// It is in the library.
    Done {
        /// Its folder, from the library.
        #[serde(with = "paths::one")]
        place: PathBuf,
        /// Chunks with a defect.
        defects: usize,
    },
    /// The same content was there already.
    Duplicate {
        /// The book that it is.
        of: EntryId,
    },
    /// It cannot be made into an audiobook as it is.
    Failed {
        /// Why, with a hint.
        reason: String,
    },
    /// The user took it out of the queue; its files stay in the inbox.
    Cancelled,
    /// Its files were changed or taken away before it was done. What is there now is another book.
    Gone,
}

impl Entry {
    /// The book as it came.
    pub(crate) fn arrival(&self) -> Arrival {
        let Self { manuscript, baggage, files, .. } = self.clone();
        Arrival { manuscript, baggage, files }
    }

    /// Comes to another step.
    pub(crate) fn enter(&mut self, state: State) {
        self.state = state;
        self.since = Utc::now();
    }
}

impl State {
    /// Its name, for people and programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Publishing { .. } => "publishing",
            Self::Moving { .. } => "moving",
            Self::Done { .. } => "done",
            Self::Duplicate { .. } => "duplicate",
            Self::Failed { .. } => "failed",
            Self::Cancelled => "cancelled",
            Self::Gone => "gone",
        }
    }

    /// Whether nothing more happens to it by itself.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Waiting | Self::Working | Self::Publishing { .. } | Self::Moving { .. })
    }
}

/// A file or folder that is moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Where it is.
    #[serde(with = "paths::one")]
    pub from: PathBuf,
    /// Where it goes.
    #[serde(with = "paths::one")]
    pub to: PathBuf,
}
