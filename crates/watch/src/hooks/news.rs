//! What is told of a book: one JSON object, the same for every hook and every attempt.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Entry, EntryId, paths};

/// Raised when a field of the news changes its meaning.
const SCHEMA: u32 = 1;

/// How a book ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is in the library.
    Done,
    /// It is in the library, with chunks that have a defect.
    Defects,
    /// It cannot be made.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Done, Self::Defects, Self::Failed];

    /// Its name, for people and programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Defects => "defects",
            Self::Failed => "failed",
        }
    }
}

/// The news of a book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// Version of these fields.
    pub schema: u32,
    /// The same however often it is told, and no other news has it.
    pub id: String,
    /// How the book ended.
    pub event: Outcome,
    /// When it did.
    pub time: DateTime<Utc>,
    /// Its number in the queue.
    pub book: EntryId,
    /// Its manuscript, from the inbox.
    #[serde(with = "paths::one")]
    pub manuscript: PathBuf,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// Its authors.
    pub authors: Vec<String>,
    /// Its folder, if it is in the library.
    #[serde(with = "paths::maybe")]
    pub folder: Option<PathBuf>,
    /// That folder from the library.
    #[serde(with = "paths::maybe")]
    pub place: Option<PathBuf>,
    /// The files in that folder.
    #[serde(with = "paths::many")]
    pub files: Vec<PathBuf>,
    /// Chunks with a defect.
    pub defects: usize,
    /// Why it cannot be made.
    pub reason: Option<String>,
}

/// What `metadata.json` beside the sound says.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    title: Option<String>,
    authors: Vec<String>,
}

impl News {
    /// A book is in the library.
    pub(crate) fn done(entry: &Entry, library: &Path, place: &Path, defects: usize) -> Self {
        let folder = library.join(place);
        let metadata = fs::read(folder.join("metadata.json")).ok();
        let metadata: Metadata =
            metadata.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let outcome = if defects == 0 { Outcome::Done } else { Outcome::Defects };
        let name = place.file_name().map(|name| name.to_string_lossy().into_owned());
        Self {
            title: metadata.title.or(name),
            authors: metadata.authors,
            files: files(&folder),
            folder: Some(folder),
            place: Some(place.to_owned()),
            defects,
            ..Self::of(entry, outcome)
        }
    }

    /// A book cannot be made.
    pub(crate) fn failed(entry: &Entry, reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..Self::of(entry, Outcome::Failed) }
    }

    fn of(entry: &Entry, event: Outcome) -> Self {
        // The time of arrival tells apart what the queues of two machines number alike.
        let identity = format!(
            "{} {} {} {} {}",
            entry.book.0,
            entry.id,
            entry.arrived.to_rfc3339(),
            entry.attempts,
            event.name()
        );
        Self {
            schema: SCHEMA,
            id: format!("book_{}", &blake3::hash(identity.as_bytes()).to_hex()[..32]),
            event,
            time: Utc::now(),
            book: entry.id,
            manuscript: entry.manuscript.clone(),
            title: None,
            authors: Vec::new(),
            folder: None,
            place: None,
            files: Vec::new(),
            defects: 0,
            reason: None,
        }
    }

    /// As it is sent.
    pub(super) fn body(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("every field of it has a form in JSON")
    }
}

/// The files of a folder that are not hidden, in the order of their names.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let shown = entries.filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."));
    let mut files: Vec<PathBuf> = shown.map(|entry| entry.file_name().into()).collect();
    files.sort();
    files
}
