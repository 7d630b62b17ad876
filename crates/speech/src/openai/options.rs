//! What the configuration says of a server, checked once.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use rhapsode_audio::{SampleRate, decode::Format};
use serde::Deserialize;
use serde_json::Value;

use super::base_url::BaseUrl;
use crate::{
    BackendSettings, Capabilities, Description, EngineIdentity, Naming, Price, SpeechError, Statement, key,
};

/// Best first: what loses nothing, then what most servers have.
const FORMATS: [Format; 5] = [Format::Flac, Format::Wav, Format::Mp3, Format::Opus, Format::Pcm];

/// The model that nearly every server takes, whatever it speaks with.
const MODEL: &str = "tts-1";

/// The voice that nearly every server has, if only as another name for its own.
const VOICE: &str = "alloy";

/// Under half a minute of speech. Autoregressive engines begin to drop and repeat words soon after that, while OpenAI
/// itself would take ten times as much.
const MAX_CHARS: usize = 400;

/// Kokoro-FastAPI takes so many at a time, others queue.
const MAX_CONCURRENCY: usize = 4;

/// The `[[backend]]` block of this kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Options {
    url: String,
    model: Option<String>,
    voice: Option<String>,
    #[serde(default)]
    voices: Vec<String>,
    #[serde(default)]
    languages: Vec<String>,
    /// The command line reads the variable and fills in the secret.
    api_key_env: Option<String>,
    api_key_file: Option<PathBuf>,
    #[serde(default)]
    params: BTreeMap<String, Value>,
    formats: Option<Vec<Format>>,
    pcm_rate: Option<u32>,
    min_chars: Option<usize>,
    max_chars: Option<usize>,
    max_concurrency: Option<usize>,
    identity: Option<String>,
    price_per_million_chars: Option<f64>,
    ca_file: Option<PathBuf>,
    #[serde(default)]
    addresses: Addresses,
    #[serde(default = "ten_seconds")]
    time_out: f64,
    #[serde(default = "mebibytes")]
    max_body_mib: usize,
}

fn ten_seconds() -> f64 {
    10.0
}

fn mebibytes() -> usize {
    64
}

/// What several addresses of one name are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Addresses {
    /// Machines of their own: each is a backend.
    #[default]
    Each,
    /// Doors to one service.
    One,
}

/// A server as it was configured.
#[derive(Debug, Clone)]
pub(super) struct Config {
    pub(super) name: String,
    pub(super) url: BaseUrl,
    /// The model to ask for, if one was configured.
    model: Option<String>,
    voice: Option<String>,
    voices: Vec<String>,
    languages: Vec<String>,
    pub(super) api_key_env: Option<String>,
    pub(super) api_key_file: Option<PathBuf>,
    pub(super) params: BTreeMap<String, Value>,
    pub(super) formats: Vec<Format>,
    pub(super) pcm_rate: Option<SampleRate>,
    min_chars: Option<usize>,
    max_chars: Option<usize>,
    max_concurrency: Option<usize>,
    identity: Option<String>,
    price: Option<Price>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) addresses: Addresses,
    pub(super) time_out: Duration,
    /// Bytes of an answer that are read.
    pub(super) max_body: usize,
}

impl Config {
    pub(super) fn read(settings: &BackendSettings) -> Result<Self, SpeechError> {
        let options: Options = settings.options()?;
        let refuse = |reason: &str| Err(settings.unusable(reason));
        let url = BaseUrl::parse(&options.url).map_err(|reason| settings.unusable(reason))?;
        if options.max_chars == Some(0) || options.max_concurrency == Some(0) || options.max_body_mib == 0 {
            return refuse("its max-chars, max-concurrency and max-body-mib are at least 1");
        }
        let Ok(time_out) = Duration::try_from_secs_f64(options.time_out) else {
            return refuse("its time-out is no number of seconds");
        };
        if options.pcm_rate.is_some_and(|rate| !(8_000..=192_000).contains(&rate)) {
            return refuse("its pcm-rate is not between 8000 and 192000 samples a second");
        }
        if options.formats.as_ref().is_some_and(Vec::is_empty) {
            return refuse("its formats are none");
        }
        if options.formats.as_deref() == Some(&[Format::Pcm]) && options.pcm_rate.is_none() {
            return refuse("it has only the format pcm, which does not say its rate: set pcm-rate");
        }
        let price = options.price_per_million_chars.map(|price| {
            Price::new(price).ok_or_else(|| settings.unusable("its price-per-million-chars is no price"))
        });
        Ok(Self {
            name: settings.name.clone(),
            url,
            model: options.model,
            voice: options.voice,
            voices: options.voices,
            languages: options.languages,
            api_key_env: options.api_key_env,
            api_key_file: options.api_key_file,
            params: options.params,
            formats: options.formats.unwrap_or_else(|| FORMATS.to_vec()),
            pcm_rate: options.pcm_rate.map(SampleRate),
            min_chars: options.min_chars,
            max_chars: options.max_chars,
            max_concurrency: options.max_concurrency,
            identity: options.identity,
            price: price.transpose()?,
            ca_file: options.ca_file,
            addresses: options.addresses,
            time_out,
            max_body: options.max_body_mib.saturating_mul(1 << 20),
        })
    }

    /// What the configuration alone says.
    pub(super) fn expect(&self) -> Description {
        self.describe(&self.name, &Known::default())
    }

    /// What is known after the server was asked: where the configuration says something, it counts, but nothing is
    /// asked of a server beyond what it says that it can do.
    pub(super) fn describe(&self, name: &str, known: &Known) -> Description {
        let capabilities = known.capabilities.as_ref();
        let limit = |configured: Option<usize>, said: Option<usize>, otherwise| match (configured, said) {
            (Some(configured), Some(said)) => configured.min(said),
            (configured, said) => configured.or(said).unwrap_or(otherwise),
        };
        let max_chars = limit(self.max_chars, capabilities.map(|c| c.max_chars), MAX_CHARS);
        let min_chars = self.min_chars.or(capabilities.map(|c| c.min_chars)).unwrap_or(1);
        let said = capabilities.map_or(&[][..], |c| &c.languages);
        let languages = if self.languages.is_empty() { said } else { &self.languages };
        Description {
            name: name.to_owned(),
            identity: self.identity(known),
            voices: self.voices(known),
            languages: if languages.is_empty() { vec!["en".to_owned()] } else { languages.to_vec() },
            rate: capabilities.and_then(|c| c.rate).map(SampleRate),
            max_concurrency: limit(
                self.max_concurrency,
                capabilities.map(|c| c.max_concurrency),
                MAX_CONCURRENCY,
            ),
            min_chars: min_chars.min(max_chars),
            max_chars,
            phonemes: capabilities.is_some_and(|c| c.phonemes),
            price: self.price,
        }
    }

    /// What the server says of itself in its own words, with what the configuration says of its voices and languages.
    pub(super) fn statement(&self, known: &Known) -> Statement {
        let capabilities = known.capabilities.as_ref();
        let listed = |configured: &[String], said: &[String]| {
            let list = if configured.is_empty() { said } else { configured };
            (!list.is_empty()).then(|| list.to_vec())
        };
        // A voice that was configured is not to be doubted because a list of the server leaves it out.
        let voices = listed(&self.voices, &known.voices).map(|mut voices| {
            voices.extend(self.voice.clone().filter(|voice| !voices.contains(voice)));
            voices
        });
        Statement {
            identity: capabilities.map(Capabilities::stated_identity),
            earlier: None,
            models: None,
            voices,
            languages: listed(&self.languages, capabilities.map_or(&[], |c| &c.languages)),
            naming: if capabilities.is_some() { Naming::Exact } else { Naming::Loose },
            min_reference_ms: capabilities.and_then(|c| c.min_reference_ms),
        }
    }

    /// The model to ask for.
    pub(super) fn model(&self, known: &Known) -> String {
        let said = known.capabilities.as_ref().map(|capabilities| &capabilities.model);
        self.model.as_ref().or(said).map_or(MODEL, String::as_str).to_owned()
    }

    fn identity(&self, known: &Known) -> EngineIdentity {
        let said = known.capabilities.as_ref().and_then(crate::Capabilities::identity);
        let mut identity = said.unwrap_or_else(|| EngineIdentity {
            engine: "openai".to_owned(),
            model: self.model(known),
            // Two servers that say nothing of themselves are two engines, however alike their models are named.
            revision: self.identity.clone().unwrap_or_else(|| self.url.as_str().to_owned()),
            sound_revision: 0,
        });
        // Parameters of the backend are in no request, and they are heard.
        if !self.params.is_empty() {
            identity.revision = format!("{} {}", identity.revision, key::digest(&self.params));
        }
        identity
    }

    /// The default voice first, and none twice.
    fn voices(&self, known: &Known) -> Vec<String> {
        let listed = if self.voices.is_empty() { &known.voices } else { &self.voices };
        let mut voices: Vec<String> = Vec::new();
        for voice in self.voice.iter().chain(listed) {
            if !voices.contains(voice) {
                voices.push(voice.clone());
            }
        }
        if voices.is_empty() { vec![VOICE.to_owned()] } else { voices }
    }
}

/// What a server said of itself when it was asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) capabilities: Option<crate::Capabilities>,
    pub(super) voices: Vec<String>,
}
