//! `rhapsode.toml`: every setting with its default. Unknown keys are errors, so that a misspelt one is found
//! before the night's work and not after it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use chrono::NaiveDate;
use rhapsode_engine::{
    book::{Metadata, NotePolicy, ReadPolicy, Reading, SectionRole, Series, TablePolicy},
    gate::{CheckId, GateMode, Lowering, Reason},
    script::Pauses,
};
use serde::{Deserialize, Deserializer, Serialize, de};

/// The configuration. Its sections are the tables of `rhapsode.toml`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Config {
    pub(crate) speech: SpeechSection,
    pub(crate) release: ReleaseSection,
    pub(crate) reading: ReadingSection,
    pub(crate) pauses: Pauses,
    pub(crate) gate: GateSection,
    pub(crate) storage: StorageSection,
    pub(crate) metadata: MetadataSection,
    /// `[voices.<name>]`: what each backend or engine calls a voice.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) voices: BTreeMap<String, BTreeMap<String, VoiceEntry>>,
    /// `[[backend]]`
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) backend: Vec<BackendSection>,
}

/// `[[backend]]`: a speech backend. What its kind wants beside this, the kind itself knows and checks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct BackendSection {
    pub(crate) name: String,
    pub(crate) kind: String,
    #[serde(flatten)]
    pub(crate) options: BTreeMap<String, toml::Value>,
}

/// What a backend calls a voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum VoiceEntry {
    /// A voice of its own.
    Named(String),
    /// A recording that it clones.
    Recording(Recording),
}

/// `{ reference = "file.wav" }`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    pub(crate) reference: PathBuf,
}

/// `[speech]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SpeechSection {
    pub(crate) voice: String,
    pub(crate) speed: f32,
    pub(crate) seed: u64,
    /// 0 means one for each core.
    pub(crate) jobs: usize,
    pub(crate) attempts: u32,
    /// Names or URLs; all that are configured if there are none.
    pub(crate) backends: Vec<String>,
    pub(crate) mixing: Mixing,
    pub(crate) outage: Outage,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) verify: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lexicon: Option<PathBuf>,
}

impl Default for SpeechSection {
    fn default() -> Self {
        Self {
            voice: "hibari".into(),
            speed: 1.0,
            seed: 1,
            jobs: 0,
            attempts: 3,
            backends: Vec::new(),
            mixing: Mixing::default(),
            outage: Outage::default(),
            verify: None,
            lexicon: None,
        }
    }
}

/// Whether engines that sound different may speak one book.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mixing {
    #[default]
    Refuse,
    Allow,
}

/// What happens while no backend works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outage {
    #[default]
    Stop,
    Wait,
}

/// `[release]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ReleaseSection {
    pub(crate) formats: Vec<String>,
    pub(crate) profile: ReleaseProfile,
    pub(crate) files: Files,
    /// Hours of the longest part; 0 splits nothing.
    pub(crate) split_hours: f64,
    /// `auto`, or bits a second.
    pub(crate) bitrate: String,
    pub(crate) loudness: String,
    pub(crate) true_peak_dbtp: f64,
    pub(crate) head_ms: u32,
    pub(crate) tail_ms: u32,
    pub(crate) room_tone_dbfs: f64,
    /// Empty: nothing is spoken before the first chapter.
    pub(crate) opening_credits: String,
    pub(crate) closing_credits: String,
    /// Minutes of the longest chapter; 0 cuts none.
    pub(crate) longest_chapter: u32,
}

/// What shops ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReleaseProfile {
    #[default]
    Standard,
    Acx,
}

/// Files of a release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Files {
    #[default]
    Usual,
    Book,
    Chapters,
}

impl Default for ReleaseSection {
    fn default() -> Self {
        let master = rhapsode_engine::release::MasterSettings::default();
        Self {
            formats: vec!["m4b".into()],
            profile: ReleaseProfile::default(),
            files: Files::default(),
            split_hours: 0.0,
            bitrate: "auto".into(),
            loudness: "-20".into(),
            true_peak_dbtp: master.true_peak_dbtp,
            head_ms: master.head_ms,
            tail_ms: master.tail_ms,
            room_tone_dbfs: master.room_tone_dbfs,
            opening_credits: String::new(),
            closing_credits: String::new(),
            longest_chapter: 0,
        }
    }
}

/// `[reading]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ReadingSection {
    pub(crate) notes: NotePolicy,
    pub(crate) tables: TablePolicy,
    pub(crate) code: CodeReading,
    pub(crate) captions: Reading,
    pub(crate) include: BTreeSet<SectionRole>,
    pub(crate) exclude: BTreeSet<SectionRole>,
}

/// Code is left out unless the user wants it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CodeReading {
    Read,
    #[default]
    Skip,
}

impl ReadingSection {
    /// The reader's policy: its defaults with the user's sections in or out.
    pub(crate) fn policy(&self) -> ReadPolicy {
        let mut policy = ReadPolicy {
            notes: self.notes,
            tables: self.tables,
            code: match self.code {
                CodeReading::Read => Reading::Read,
                CodeReading::Skip => Reading::Skip,
            },
            captions: self.captions,
            ..ReadPolicy::default()
        };
        policy.skip_sections.extend(self.exclude.iter().copied());
        policy.skip_sections.retain(|role| !self.include.contains(role));
        policy
    }
}

/// `[gate]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct GateSection {
    pub(crate) mode: GateMode,
    /// Seconds that all checks together may take.
    pub(crate) time_out: f64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) allow: Vec<AllowEntry>,
}

impl Default for GateSection {
    fn default() -> Self {
        Self { mode: GateMode::default(), time_out: 60.0, allow: Vec::new() }
    }
}

/// `[[gate.allow]]`: a check whose failure is known and borne for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AllowEntry {
    pub(crate) check: CheckId,
    /// The backend for which it may fail; any if it is not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) backend: Option<String>,
    /// What it may fail at, such as a distribution; anything if it is not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    pub(crate) reason: Reason,
    pub(crate) until: Day,
}

/// The last day of an exception: a date of TOML, or one in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Day(pub(crate) NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        let wrong = |_| de::Error::custom(format!("{text} is no day such as 2027-01-31"));
        text.parse().map(Self).map_err(wrong)
    }
}

impl From<AllowEntry> for Lowering {
    fn from(entry: AllowEntry) -> Self {
        let AllowEntry { check, backend, subject, reason, until: Day(until) } = entry;
        Self { check, backend, subject, reason, until }
    }
}

/// `[storage]`
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct StorageSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) takes: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) voices: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) work: Option<PathBuf>,
}

/// `[metadata]`: what the user says of the book, over what the manuscript says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct MetadataSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subtitle: Option<String>,
    pub(crate) authors: Vec<String>,
    pub(crate) narrators: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) series: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) series_position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) year: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) publisher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

impl MetadataSection {
    pub(crate) fn metadata(&self) -> Metadata {
        Metadata {
            title: self.title.clone().unwrap_or_default(),
            subtitle: self.subtitle.clone(),
            authors: self.authors.clone(),
            narrators: self.narrators.clone(),
            series: self
                .series
                .as_ref()
                .map(|name| Series { name: name.clone(), position: self.series_position.clone() }),
            language: self.language.clone(),
            year: self.year,
            publisher: self.publisher.clone(),
            description: self.description.clone(),
            ..Metadata::default()
        }
    }
}
