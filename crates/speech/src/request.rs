//! A request and the key of its take. Everything that determines how a take sounds is in one of the two
//! structures here, and the key is a hash over both: a field added here changes the keys that it must change.

use serde::{Deserialize, Serialize};

/// One call for speech, complete: nothing else decides how it sounds but the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What is spoken, in the form that the engine's [`Description`](crate::Description) accepts.
    pub text: Vec<Part>,
    /// Name of the voice as the backend knows it.
    pub voice: String,
    /// The recording that a cloning engine takes the voice from, instead of a voice of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// BCP 47 language.
    pub language: String,
    /// Speaking rate, 1.0 is normal.
    pub speed: f32,
    /// Parameters of the engine.
    pub parameters: std::collections::BTreeMap<String, serde_json::Value>,
    /// Seed of the first attempt of generation 0, see [`Request::first_seed`].
    pub seed: u64,
    /// Raised by `rhapsode redo` to ask for another take of the same text.
    pub generation: u32,
}

/// A recording of a voice. What it sounds like is in its bytes, so they stand for it in the key, not its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The file.
    pub path: std::path::PathBuf,
    /// BLAKE3 of its bytes, in hex.
    pub blake3: String,
}

/// Seeds between the first attempts of two generations: more than a chunk ever has attempts.
const SEEDS_A_GENERATION: u64 = 1_000;

impl Request {
    /// Seed of the first attempt; attempt n takes the n-th after it. Another generation begins elsewhere, because an
    /// engine that is exact to the seed would repeat itself.
    #[must_use]
    pub fn first_seed(&self) -> u64 {
        self.seed.wrapping_add(u64::from(self.generation).wrapping_mul(SEEDS_A_GENERATION))
    }

    /// The text as plain words.
    #[must_use]
    pub fn plain_text(&self) -> String {
        self.text
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Phonemes { word, .. } => word.as_str(),
            })
            .collect()
    }
}

/// A piece of a request's text. Pieces join without anything between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Words as they are read.
    Text(String),
    /// A word whose sound is given; only for engines that take phonemes.
    Phonemes {
        /// Its spelling.
        word: String,
        /// IPA in the engine's alphabet.
        phonemes: String,
    },
}

/// Which engine speaks, to the revision.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EngineIdentity {
    /// Engine, such as `hibari`.
    pub engine: String,
    /// Model, such as `af_heart`.
    pub model: String,
    /// Hash or revision of the model.
    pub revision: String,
    /// Raised whenever the code around the model changes what is heard.
    pub sound_revision: u32,
}
