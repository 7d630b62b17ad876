//! What a backend says of itself when it is asked, and what its configuration says that it must be. A
//! [`Description`] is made of both, so it cannot tell whether the two agree; these can.

use serde::{Deserialize, Serialize};

use crate::{BackendSettings, Description, EngineIdentity};

/// What a backend says of itself at the moment. Nothing stands for what it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    /// Which engine it is, with an empty revision if it does not know that.
    pub identity: Option<EngineIdentity>,
    /// Which engine it said it was when it was opened.
    pub earlier: Option<EngineIdentity>,
    /// All models that can be asked for.
    pub models: Option<Vec<String>>,
    /// All voices that it has.
    pub voices: Option<Vec<String>>,
    /// BCP 47 primary subtags of all languages that it speaks.
    pub languages: Option<Vec<String>>,
    /// Whether its names are to be taken literally. Others know names that they do not list: other servers' voices,
    /// mixtures.
    pub naming: Naming,
    /// Milliseconds that a recording must have for a voice to be taken from it.
    pub min_reference_ms: Option<u32>,
}

/// Whether a backend knows names that it does not list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Naming {
    /// What is not listed is not there.
    Exact,
    /// It may have more than it lists.
    #[default]
    Loose,
}

impl Statement {
    /// What a backend says that is part of this program, and is what it was described as.
    #[must_use]
    pub fn of(description: &Description) -> Self {
        let identity = Some(description.identity.clone());
        Self {
            earlier: identity.clone(),
            identity,
            models: None,
            voices: Some(description.voices.clone()),
            languages: Some(description.languages.clone()),
            naming: Naming::Exact,
            min_reference_ms: None,
        }
    }
}

/// What a backend must be, as far as its configuration says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// Engine, such as `chatterbox`.
    pub engine: Option<String>,
    /// Model.
    pub model: Option<String>,
    /// Hash or revision of the model.
    pub revision: Option<String>,
    /// The accelerator that it is to run on, such as `cuda`.
    pub accelerator: Option<String>,
}

impl Expectation {
    /// Options that every kind of backend may have. Nothing is made of them but this.
    pub(crate) const OPTIONS: [&str; 3] = ["engine", "revision", "accelerator"];
}

impl BackendSettings {
    /// What this backend must be, as far as the settings say (`engine`, `model`, `revision`, `accelerator`).
    #[must_use]
    pub fn expectation(&self) -> Expectation {
        Expectation {
            engine: self.text("engine"),
            model: self.text("model"),
            revision: self.text("revision"),
            accelerator: self.text("accelerator"),
        }
    }

    /// Where this backend is to be found, for people and for notes of what was learnt of it: its address, or what
    /// stands for one.
    #[must_use]
    pub fn address(&self) -> String {
        self.text("url")
            .or_else(|| self.text("pack"))
            .unwrap_or_else(|| format!("{} {}", self.kind, self.name))
    }

    fn text(&self, option: &str) -> Option<String> {
        self.options.get(option).and_then(|value| value.as_str()).map(str::to_owned)
    }
}
