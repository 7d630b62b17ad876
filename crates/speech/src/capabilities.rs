//! What `GET /v1/capabilities` answers: a [`Description`] as it goes over the wire. Our servers write it and the
//! `openai` backend reads it.

use rhapsode_audio::SampleRate;
use serde::{Deserialize, Serialize};

use crate::{Description, EngineIdentity};

/// What a speech server can do. Fields that a reader does not know are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Version of this structure, [`Capabilities::SCHEMA`].
    pub schema: u32,
    /// Name for people.
    pub name: String,
    /// Engine, such as `hibari`.
    pub engine: String,
    /// Model, such as `af_heart`.
    pub model: String,
    /// Hash or revision of the model. Empty if the server does not know it.
    #[serde(default)]
    pub revision: String,
    /// Raised whenever the code around the model changes what is heard.
    #[serde(default)]
    pub sound_revision: u32,
    /// Voices it has.
    pub voices: Vec<String>,
    /// BCP 47 primary subtags it speaks.
    pub languages: Vec<String>,
    /// Samples a second of what it returns, if that is always the same.
    #[serde(default)]
    pub rate: Option<u32>,
    /// Requests it takes at the same time.
    pub max_concurrency: usize,
    /// Characters that a text should have at least.
    pub min_chars: usize,
    /// Characters that a text may have at most.
    pub max_chars: usize,
    /// Whether it takes phonemes: then a request has its text once more as `parts`, see
    /// [`Part`](crate::Part).
    #[serde(default)]
    pub phonemes: bool,
    /// Milliseconds that a recording must have at least for a voice to be taken from it, if the engine has such a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_reference_ms: Option<u32>,
}

impl Capabilities {
    /// The version that this program writes.
    pub const SCHEMA: u32 = 1;

    /// Whether everything in it is of use: one request and one character at least.
    pub(crate) fn is_usable(&self) -> bool {
        self.schema >= 1 && self.max_concurrency > 0 && self.max_chars > 0 && !self.engine.is_empty()
    }

    /// Which engine it is; none if the server does not know its revision.
    pub(crate) fn identity(&self) -> Option<EngineIdentity> {
        (!self.revision.is_empty()).then(|| self.stated_identity())
    }

    /// Which engine it says it is, with an empty revision if it does not know that.
    pub(crate) fn stated_identity(&self) -> EngineIdentity {
        EngineIdentity {
            engine: self.engine.clone(),
            model: self.model.clone(),
            revision: self.revision.clone(),
            sound_revision: self.sound_revision,
        }
    }
}

impl From<&Description> for Capabilities {
    fn from(description: &Description) -> Self {
        // No `..`: a new field is served too, or it is decided here that it is not.
        let Description {
            name,
            identity: EngineIdentity { engine, model, revision, sound_revision },
            voices,
            languages,
            rate,
            max_concurrency,
            min_chars,
            max_chars,
            phonemes,
            price: _,
        } = description;
        Self {
            schema: Self::SCHEMA,
            name: name.clone(),
            engine: engine.clone(),
            model: model.clone(),
            revision: revision.clone(),
            sound_revision: *sound_revision,
            voices: voices.clone(),
            languages: languages.clone(),
            rate: rate.map(|SampleRate(rate)| rate),
            max_concurrency: *max_concurrency,
            min_chars: *min_chars,
            max_chars: *max_chars,
            phonemes: *phonemes,
            min_reference_ms: None,
        }
    }
}
