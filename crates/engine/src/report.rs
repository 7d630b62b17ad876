//! What a job says when it is done: the closing summary, and `report.json` with everything a listener or a
//! developer may ask for later.

use std::path::PathBuf;

use rhapsode_release::{Tags, Track};
use serde::{Deserialize, Serialize};

use crate::Plan;

/// The report's file in the job directory.
pub(crate) const REPORT: &str = "report.json";

/// How a job ended, in figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Title of the book.
    pub title: String,
    /// What was published, one for each format.
    pub releases: Vec<PublishedRelease>,
    /// What was made beside the releases.
    #[serde(default)]
    pub companions: Vec<PublishedRelease>,
    /// Length of the release in seconds.
    pub seconds: f64,
    /// Chunks of the job.
    pub chunks: usize,
    /// Chunks that were spoken in this run; the others were there.
    pub spoken: usize,
    /// Chunks whose take has a defect, in reading order.
    pub defects: Vec<DefectReport>,
    /// Where the time went.
    pub times: Times,
    /// The report's file.
    pub report: PathBuf,
    /// What the releases say of the book.
    #[serde(default)]
    pub tags: Tags,
    /// Whether everything was there and up to date, and nothing was done.
    pub up_to_date: bool,
}

/// A finished release, or a file beside one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedRelease {
    /// Name of the format, or of what it is.
    pub format: String,
    /// The file, or the folder of a format with a file for each chapter.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

/// A chunk that no attempt made good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefectReport {
    /// The chunk, as `rhapsode redo --chunk` counts.
    pub ordinal: u32,
    /// Title of its chapter.
    pub chapter: String,
    /// The words of the manuscript.
    pub text: String,
    /// Names of what is wrong with the take.
    pub defects: Vec<String>,
    /// The same with what was measured and what would have been accepted, where there are figures.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// The file of the take.
    #[serde(default)]
    pub file: PathBuf,
}

/// Where a job's time went, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Times {
    /// From start to end.
    pub wall: f64,
    /// Reading the manuscript.
    pub read: f64,
    /// Scripting.
    pub script: f64,
    /// Looking takes up.
    pub lookup: f64,
    /// Speaking, summed over the workers.
    pub speech: f64,
    /// Mastering and encoding, summed over the threads.
    pub mastering: f64,
    /// From the last take to the finished release.
    pub after_last_take: f64,
    /// Takes of this run and of earlier ones whose loudness was measured while others of their chapter were spoken.
    #[serde(default)]
    pub measured_early: usize,
}

/// `report.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) summary: Summary,
    pub(crate) plan: Plan,
    pub(crate) tracks: Vec<Track>,
    /// What the releases were made of: same fingerprint, same release.
    pub(crate) fingerprint: String,
    /// What the gate found, if it was asked: for people, and not understood again.
    #[serde(default)]
    pub(crate) gate: Option<serde_json::Value>,
}
