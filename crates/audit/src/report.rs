//! What an audit gives: books of files, each with what was measured and found.

use std::path::PathBuf;

use serde::Serialize;

use crate::chapters::ChapterList;
use crate::finding::{Finding, Verdict};
use crate::measure::Measurements;
use crate::profile::Profile;
use crate::sound::{BitRate, Damage, Stream};
use crate::tags::Tags;

/// A whole audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// Version of this shape.
    pub schema: u32,
    /// The rules that were applied.
    pub profile: Profile,
    /// The worst verdict in it.
    pub verdict: Verdict,
    /// The books.
    pub books: Vec<BookReport>,
}

/// Version of [`Audit`] as JSON.
pub const SCHEMA: u32 = 1;

/// The files of one book.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BookReport {
    /// Its title, if its files say one.
    pub title: Option<String>,
    /// The folder that its files are in.
    pub folder: PathBuf,
    /// Its files, in the order of their names.
    pub files: Vec<FileReport>,
    /// What was found of all of them together.
    pub findings: Vec<Finding>,
}

/// A sound file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What it holds; none if nothing of it decodes.
    pub stream: Option<Stream>,
    /// Bits a second, where they count.
    pub bit_rate: Option<BitRate>,
    /// Length that its container promises, in seconds.
    pub promised_seconds: Option<f64>,
    /// What was measured on its sound.
    pub measurements: Option<Measurements>,
    /// What is broken in it.
    pub damage: Damage,
    /// Its chapters, of each kind that it has.
    pub chapters: Vec<ChapterList>,
    /// What it says of its book.
    pub tags: Tags,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl FileReport {
    /// The worst verdict on the file.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        worst(&self.findings)
    }
}

impl BookReport {
    /// Every finding of the book and of its files.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.files.iter().flat_map(|file| &file.findings).chain(&self.findings)
    }
}

impl Audit {
    pub(crate) fn new(profile: Profile, books: Vec<BookReport>) -> Self {
        let all = books.iter().flat_map(BookReport::all_findings);
        let verdict = all.map(|finding| finding.verdict).max().unwrap_or(Verdict::Info);
        Self { schema: SCHEMA, profile, verdict, books }
    }

    /// How many findings have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let all = self.books.iter().flat_map(BookReport::all_findings);
        all.filter(|finding| finding.verdict == verdict).count()
    }
}

fn worst(findings: &[Finding]) -> Verdict {
    findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Info)
}
