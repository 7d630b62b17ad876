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
    /// BCP 47 language.
    pub language: String,
    /// Speaking rate, 1.0 is normal.
    pub speed: f32,
    /// Parameters of the engine.
    pub parameters: std::collections::BTreeMap<String, serde_json::Value>,
    /// Seed of the first attempt; attempt n uses `seed + n`.
    pub seed: u64,
    /// Raised by `rhapsode redo` to ask for another take of the same text.
    pub generation: u32,
}

impl Request {
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
