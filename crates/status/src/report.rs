//! What a book's job said at its end, kept by the book's number: the queue knows no titles and no defects, and the job
//! directory belongs to whoever makes the manuscript again.

use std::path::{Path, PathBuf};

use rhapsode_store::{StoreError, read_versioned, write_versioned};
use rhapsode_watch::EntryId;
use serde::{Deserialize, Serialize};

/// A book that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BookReport {
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Its length.
    pub seconds: f64,
    /// Chunks of the job.
    pub chunks: usize,
    /// Chunks that were spoken by the last run of the job; the others were there.
    pub spoken: usize,
    /// What that run took.
    pub wall_seconds: f64,
    /// Chunks that no attempt made good, in reading order.
    pub defects: Vec<Defect>,
    /// The file with everything that the job reports.
    pub report: PathBuf,
}

/// A chunk that no attempt made good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defect {
    /// Its number in the book.
    pub ordinal: u32,
    /// Title of its chapter.
    pub chapter: String,
    /// The words of the manuscript.
    pub text: String,
    /// What is wrong, with figures where there are any.
    pub reasons: Vec<String>,
    /// The file of its take.
    pub take: PathBuf,
}

/// The reports of a state directory.
#[derive(Debug, Clone)]
pub struct Reports {
    folder: PathBuf,
}

impl Reports {
    /// Those of a watcher.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self { folder: state.join("reports") }
    }

    /// Keeps the report of a book, in place of an earlier one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, id: EntryId, report: &BookReport) -> Result<(), StoreError> {
        std::fs::create_dir_all(&self.folder).map_err(|source| {
            let path = self.folder.clone();
            StoreError::Io { action: "create", path, source }
        })?;
        write_versioned(&self.file(id), report)
    }

    /// The report of a book; none if none was kept.
    ///
    /// # Errors
    /// If there is one that cannot be read.
    pub fn read(&self, id: EntryId) -> Result<Option<BookReport>, StoreError> {
        read_versioned(&self.file(id))
    }

    fn file(&self, id: EntryId) -> PathBuf {
        self.folder.join(format!("{:08}.json", id.0))
    }
}
