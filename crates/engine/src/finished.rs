//! A book that was made, as its job directory tells of it long after: what reports and pages are written from. Nothing
//! is spoken and no lock is taken, so a job may be at work on the same book.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use rhapsode_audio::course::{Course, Step};
use rhapsode_release::{Track, encode};
use rhapsode_store::{StoredTake, TakeStore, read_versioned};
use serde_json::Value;

use crate::{
    EngineError, Plan, SkippedText, Summary,
    ledger::LEDGER,
    report::{REPORT, Report},
};

/// A book that was made.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The job directory.
    pub job: PathBuf,
    /// How the last run of the job ended.
    pub summary: Summary,
    /// What it was to do.
    pub plan: Plan,
    /// Its chapters as they were mastered, in reading order.
    pub tracks: Vec<Track>,
    /// What was not spoken; none of a job of before that was written down.
    pub skipped: Option<SkippedText>,
    /// What the gate found, if it was asked.
    pub gate: Option<Value>,
}

/// What spoke some of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// The engine's identity, as its takes have it.
    pub identity: Value,
    /// Chunks that it spoke.
    pub chunks: usize,
}

impl Finished {
    /// Finds the job of a manuscript, or of a release, in folders that have job directories in them.
    ///
    /// A manuscript is known by its content, so it may have moved; it must be as it was when the book was made.
    ///
    /// # Errors
    /// [`EngineError::NotMade`] if no finished job is of this book.
    pub fn find(book: &Path, folders: &[PathBuf]) -> Result<Self, EngineError> {
        let read = |source| EngineError::Read {
            path: book.to_owned(),
            source: rhapsode_book::ReadError::Io(source),
        };
        let hash = match std::fs::metadata(book).map_err(read)?.is_dir() {
            true => None,
            false => Some(hash(book).map_err(read)?),
        };
        let place = std::fs::canonicalize(book).map_err(read)?;
        let is_release = |report: &Report, job: &Path| {
            let mut paths = report.summary.releases.iter().map(|release| where_it_is(&release.path, job));
            paths.any(|path| std::fs::canonicalize(path).is_ok_and(|path| path == place))
        };
        for folder in folders {
            let Ok(jobs) = std::fs::read_dir(folder.join(".rhapsode")) else { continue };
            for job in jobs.flatten().map(|entry| entry.path()) {
                // What cannot be read is another job's business.
                let Ok(Some(report)) = read_versioned::<Report>(&job.join(REPORT)) else { continue };
                if Some(&report.plan.source_hash) == hash.as_ref() || is_release(&report, &job) {
                    return Self::of(job, report);
                }
            }
        }
        Err(EngineError::NotMade { book: book.to_owned(), searched: folders.to_vec() })
    }

    fn of(job: PathBuf, report: Report) -> Result<Self, EngineError> {
        let skipped = read_versioned(&job.join(LEDGER))?;
        let Report { mut summary, plan, mut tracks, gate, .. } = report;
        for release in &mut summary.releases {
            release.path = where_it_is(&release.path, &job);
        }
        for track in &mut tracks {
            if let Some(name) = track.encoded.path.file_name() {
                track.encoded.path = job.join("tracks").join(name);
            }
        }
        Ok(Self { job, summary, plan, tracks, skipped, gate })
    }

    /// The course of each chapter's sound in so many steps; none where its track is not kept any more.
    #[must_use]
    pub fn courses(&self, steps: usize) -> Vec<Option<Vec<Step>>> {
        self.tracks.par_iter().map(|track| course(track, steps)).collect()
    }

    /// What spoke the book, by how much of it, and how many of its takes are not in the store any more.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn speakers(&self, store: &TakeStore) -> Result<(Vec<Speaker>, usize), EngineError> {
        let chunks: Vec<_> = self.tracks.iter().flat_map(|track| &track.chunks).collect();
        let identities = chunks
            .par_iter()
            .map(|chunk| Ok(store.get(&chunk.key)?.map(|take| take.record.identity)))
            .collect::<Result<Vec<_>, EngineError>>()?;
        // Not by the value itself: JSON has no order.
        let mut speakers: BTreeMap<String, Speaker> = BTreeMap::new();
        let mut missing = 0;
        for identity in identities {
            let Some(identity) = identity else {
                missing += 1;
                continue;
            };
            let speaker = speakers.entry(identity.to_string()).or_insert(Speaker { identity, chunks: 0 });
            speaker.chunks += 1;
        }
        let mut speakers: Vec<Speaker> = speakers.into_values().collect();
        speakers.sort_by_key(|speaker| std::cmp::Reverse(speaker.chunks));
        Ok((speakers, missing))
    }

    /// The take of a chunk, if it is in the store.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn take(&self, ordinal: u32, store: &TakeStore) -> Result<Option<StoredTake>, EngineError> {
        let mut chunks = self.tracks.iter().flat_map(|track| &track.chunks);
        match chunks.find(|chunk| chunk.ordinal == ordinal) {
            Some(chunk) => Ok(store.get(&chunk.key)?),
            None => Ok(None),
        }
    }
}

/// Where a release is now: the report may have been written by a run that stood in another folder, and job and release may
/// have moved together.
fn where_it_is(path: &Path, job: &Path) -> PathBuf {
    let folder = job.parent().and_then(Path::parent);
    match (folder, path.file_name()) {
        (Some(folder), Some(name)) if !path.exists() => folder.join(name),
        _ => path.to_owned(),
    }
}

/// The hash by which a manuscript is known.
fn hash(path: &Path) -> std::io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize().to_hex().to_string())
}

fn course(track: &Track, steps: usize) -> Option<Vec<Step>> {
    let mut course = Course::new(track.encoded.rate, track.encoded.samples, steps);
    encode::decode(&track.encoded, &mut |samples| course.add(samples)).ok()?;
    Some(course.finish())
}
