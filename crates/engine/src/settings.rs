//! Everything that decides how a job runs, resolved: no environment, no files left to find. The command line
//! makes it from flags, environment and `rhapsode.toml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use rhapsode_book::{Metadata, ReadPolicy};
use rhapsode_dispatch::Outage;
use rhapsode_release::{Format, MasterSettings};
use rhapsode_script::{ChapterSelection, Lexicon, Pauses};
use rhapsode_speech::{BackendSettings, ListeningCheck};
use rhapsode_voice::pack::PackSettings;

use crate::{Companions, GateTerms};

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
    /// Whether somebody asked for it.
    pub voice_origin: VoiceOrigin,
    /// What voices are called by each backend.
    pub voices: VoiceTables,
    /// The backends that speak, the preferred one first; the built-in voice if there is none.
    pub backends: Vec<BackendSettings>,
    /// Whether engines that sound different may speak one book.
    pub mixing: Mixing,
    /// What must be right before a job begins.
    pub gate: GateTerms,
    /// What happens when no backend works.
    pub outage: Outage,
    /// Listens to takes that passed every other check.
    pub listening: Option<Arc<dyn ListeningCheck>>,
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
    /// What is written beside the releases.
    pub beside: Beside,
    /// What is made beside the releases from the same words and tracks.
    pub companions: Companions,
    /// How the releases lie on disk.
    pub arrangement: Arrangement,
    /// Bits a second of lossy formats; each has its own if none is given.
    pub bitrate: Option<u32>,
    /// What is spoken before the first chapter and after the last.
    pub credits: Credits,
    /// The longest that a chapter may be; one that is expected to be longer is cut at a pause.
    pub longest_chapter: Option<Duration>,
    /// How tracks are mastered; the rate is set from the takes.
    pub master: MasterSettings,
    /// What the user says of the book, over what the manuscript says: every field that is set.
    pub metadata: Metadata,
    /// The picture that is the book's cover, over that of the manuscript.
    pub cover: Option<PathBuf>,
    /// What happens to a file that stands where the release goes and is not this job's.
    pub overwrite: Overwrite,
    /// What is made again although it is there.
    pub redo: Redo,
}

/// How the releases lie on disk, as far as somebody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Arrangement {
    /// Files.
    pub files: FilesWanted,
    /// The longest that a file of many chapters may be; a longer book has several.
    pub split: Option<Duration>,
}

/// Which files a release has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilesWanted {
    /// Those that are usual for the format.
    #[default]
    Usual,
    /// One for the book.
    Book,
    /// One for each chapter.
    Chapters,
}

/// Words that are spoken before the first chapter and after the last, as chapters of their own. `{title}`, `{subtitle}`,
/// `{author}`, `{narrator}`, `{series}`, `{publisher}`, `{year}` and `{copyright}` stand for what is known of the book.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Credits {
    /// Before the first chapter.
    pub opening: Option<String>,
    /// After the last.
    pub closing: Option<String>,
}

/// What is written beside the releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Beside {
    /// Nothing.
    #[default]
    Nothing,
    /// `metadata.json` and the cover, for a library that Audiobookshelf reads.
    Audiobookshelf,
}

/// Whether somebody asked for the voice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VoiceOrigin {
    /// Nobody did: a backend that does not have it speaks with its own.
    #[default]
    Default,
    /// Somebody did: a backend that does not have it does not speak.
    Chosen,
}

/// For each voice of a job, what a backend or an engine of that name calls it.
pub type VoiceTables = BTreeMap<String, BTreeMap<String, VoiceSource>>;

/// What a voice is to a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoiceSource {
    /// A voice of its own.
    Named(String),
    /// A recording that it clones.
    Recording(PathBuf),
}

/// Whether engines that sound different may speak one book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mixing {
    /// No: it is an error.
    #[default]
    Refuse,
    /// Yes: each chunk is spoken by whichever is free.
    Allow,
}

/// What is made again although it is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Redo {
    /// Chunks, by their ordinals in the report.
    pub chunks: BTreeSet<u32>,
    /// Chapters, by their numbers in the plan.
    pub chapters: BTreeSet<u32>,
    /// Chunks that an earlier run left with a defect.
    pub defects: DefectPolicy,
}

impl Redo {
    /// Whether nothing is made again.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
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

#[cfg(test)]
impl Settings {
    /// Settings of a job that nobody configured.
    pub(crate) fn for_tests() -> Self {
        Self {
            policy: ReadPolicy::default(),
            selection: ChapterSelection::All,
            lexicon: Lexicon::default(),
            pauses: Pauses::default(),
            voice: "hibari".to_owned(),
            voice_origin: VoiceOrigin::Default,
            voices: VoiceTables::new(),
            backends: Vec::new(),
            mixing: Mixing::Refuse,
            gate: GateTerms::default(),
            outage: Outage::Stop,
            listening: None,
            speed: 1.0,
            seed: 1,
            attempts: 3,
            workers: 1,
            packs: PackSettings::new(PathBuf::new(), ""),
            store: PathBuf::new(),
            work: None,
            formats: vec![Format::M4b],
            beside: Beside::Nothing,
            companions: Companions::default(),
            arrangement: Arrangement::default(),
            bitrate: None,
            credits: Credits::default(),
            longest_chapter: None,
            master: MasterSettings::default(),
            metadata: Metadata::default(),
            cover: None,
            overwrite: Overwrite::OwnOnly,
            redo: Redo::default(),
        }
    }
}
