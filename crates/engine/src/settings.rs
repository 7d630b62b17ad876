//! Everything that decides how a job runs, resolved: no environment, no files left to find. The command line
//! makes it from flags, environment and `rhapsode.toml`.

use std::path::PathBuf;

use rhapsode_book::{Metadata, ReadPolicy};
use rhapsode_release::{Format, MasterSettings};
use rhapsode_script::{ChapterSelection, Lexicon, Pauses};
use rhapsode_voice::pack::PackSettings;

/// How jobs run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What is read aloud and what is left out.
    pub policy: ReadPolicy,
    /// Chapters to speak.
    pub selection: ChapterSelection,
    /// Words and how they sound; the one beside the book is merged over it by the command line.
    pub lexicon: Lexicon,
    /// Length of each kind of pause.
    pub pauses: Pauses,
    /// Name of the voice.
    pub voice: String,
    /// Speaking rate, 0.5 to 2.0; 1.0 is the voice's own.
    pub speed: f32,
    /// Seed of every chunk's first attempt.
    pub seed: u64,
    /// Attempts at a chunk before the best one is taken with its defect.
    pub attempts: u32,
    /// Chunks spoken at the same time by the built-in voice.
    pub workers: usize,
    /// Where voice packs are and come from.
    pub packs: PackSettings,
    /// The take store.
    pub store: PathBuf,
    /// Where job directories go; beside the output if `None`.
    pub work: Option<PathBuf>,
    /// Formats of the release, at least one.
    pub formats: Vec<Format>,
    /// Bits a second of lossy formats.
    pub bitrate: u32,
    /// How tracks are mastered; the rate is set from the takes.
    pub master: MasterSettings,
    /// What the user says of the book, over what the manuscript says: every field that is set.
    pub metadata: Metadata,
    /// What happens to a file that stands where the release goes and is not this job's.
    pub overwrite: Overwrite,
    /// What happens to chunks that an earlier run left with a defect.
    pub defects: DefectPolicy,
}

/// What happens to a file that stands where the release goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overwrite {
    /// A release that this job made is replaced when it is out of date; anything else is an error.
    #[default]
    OwnOnly,
    /// It is replaced, and a release that is up to date is made again.
    Always,
}

/// What happens to chunks that an earlier run left with a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DefectPolicy {
    /// They are used as they are.
    #[default]
    Keep,
    /// They are spoken again.
    Retry,
}
