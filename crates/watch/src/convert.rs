//! What the watcher wants of whoever makes books: it knows folders and not how speech is made.

use std::{future::Future, path::PathBuf, pin::Pin};

use rhapsode_release::Tags;
use tokio::sync::watch;

use crate::{EntryId, ProgressBoard};

/// How urgently everything is to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Halt {
    /// Not at all.
    #[default]
    GoOn,
    /// Begin nothing new, finish what is in flight.
    Drain,
    /// At once.
    Now,
}

/// A book to be made.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// Its number in the queue.
    pub id: EntryId,
    /// The manuscript, with its sidecars beside it.
    pub manuscript: PathBuf,
    /// All files of the book, the manuscript among them; what else lies there is not its own.
    pub files: Vec<PathBuf>,
    /// The folder that its releases go to, with all that is to lie beside them; it exists.
    pub output: PathBuf,
    /// The folder of its job directory, on this machine's own disk.
    pub work: PathBuf,
    /// Where its progress is shown.
    pub progress: ProgressBoard,
    /// Told when it is to stop.
    pub stop: watch::Receiver<Halt>,
}

/// A book that was made.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Converted {
    /// What is known of it.
    pub tags: Tags,
    /// Chunks with a defect.
    pub defects: usize,
}

/// Why a book was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It lies with the book: another attempt would end the same.
    Book(String),
    /// It lies elsewhere and may pass: no backend, no room.
    Outage(String),
    /// It was told to stop.
    Stopped,
}

/// Who makes books.
pub trait Converter: Send + Sync + 'static {
    /// Makes a book. What it made of it so far is kept when it does not come to an end.
    fn convert(
        &self,
        conversion: Conversion,
    ) -> Pin<Box<dyn Future<Output = Result<Converted, Trouble>> + Send + '_>>;
}
