//! From the configuration's backends and voices to the engine's: names and URLs are looked up, keys are taken from the
//! environment, and what a kind cannot use is refused with the block that says it.

use std::collections::BTreeMap;

use rhapsode_engine::{
    VoiceSource, VoiceTables,
    speech::{BackendSettings, Secret, SpeechError, expect_backend},
};

use crate::{
    config::{BackendSection, Config, Recording, VoiceEntry},
    environment,
    layers::{ConfigError, Layers},
};

/// The kind of a backend that is named by its URL alone.
const AD_HOC: &str = "openai";
/// The kind that starts programs.
const COMMAND: &str = "command";
/// The backend that is there without being configured.
const BUILTIN: &str = "builtin";

/// What becomes of a backend whose key is not in the environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    /// It is an error: somebody is about to speak.
    Demanded,
    /// Nothing, until it is asked: it is only looked at.
    IfThere,
}

/// The backends of a job in the order in which they are preferred; none stands for the built-in voice.
pub(crate) fn chosen(
    config: &Config,
    layers: &Layers,
    keys: Keys,
) -> Result<Vec<BackendSettings>, ConfigError> {
    let wanted = &config.speech.backends;
    if wanted.is_empty() {
        return all(config, layers, keys);
    }
    let mut backends: Vec<BackendSettings> = Vec::new();
    for name in wanted {
        let block = config.backend.iter().find(|block| block.name == *name);
        let backend = match block {
            Some(block) => configured(block, layers, keys)?,
            None if name.contains("://") => {
                let url = BTreeMap::from([("url".to_owned(), toml::Value::from(name.as_str()))]);
                settings(short_name(name), AD_HOC, url).map_err(|m| layers.refuse("speech.backends", m))?
            }
            None if name == BUILTIN => settings(BUILTIN, BUILTIN, BTreeMap::new())
                .map_err(|message| layers.refuse("speech.backends", message))?,
            None => return Err(layers.refuse("speech.backends", unknown(name, config))),
        };
        if !backends.contains(&backend) {
            backends.push(backend);
        }
    }
    Ok(backends)
}

/// Every `[[backend]]` of the configuration.
pub(crate) fn all(config: &Config, layers: &Layers, keys: Keys) -> Result<Vec<BackendSettings>, ConfigError> {
    config.backend.iter().map(|block| configured(block, layers, keys)).collect()
}

/// A `[[backend]]` block, checked by its kind.
fn configured(block: &BackendSection, layers: &Layers, keys: Keys) -> Result<BackendSettings, ConfigError> {
    let refuse = |message: String| layers.refuse(&format!("backend.{}", block.name), message);
    if block.kind == COMMAND
        && let Some(name) = environment::started_by()
    {
        return Err(refuse(format!(
            "the command of the backend {name:?} starts rhapsode, which would start it again without end; let it say \
             `--backend builtin`"
        )));
    }
    let mut backend = settings(&block.name, &block.kind, block.options.clone()).map_err(refuse)?;
    if let Some(variable) = backend.secret_variable() {
        let secret = environment::secret(variable);
        backend.secret = match keys {
            Keys::Demanded => Some(secret.map_err(refuse)?),
            Keys::IfThere => secret.ok(),
        }
        .map(|secret| Secret::new(&secret));
    }
    // The voice of a built-in backend is found later, if it names none.
    if backend.kind != BUILTIN || backend.options.contains_key("pack") {
        expect_backend(&backend).map_err(|error| {
            refuse(match error {
                SpeechError::Unavailable { reason, .. } => reason,
                other => other.to_string(),
            })
        })?;
    }
    Ok(backend)
}

fn settings(
    name: &str,
    kind: &str,
    options: BTreeMap<String, toml::Value>,
) -> Result<BackendSettings, String> {
    let json = |(key, value)| Ok((key, serde_json::to_value(value)?));
    let options = options.into_iter().map(json).collect::<Result<_, serde_json::Error>>();
    Ok(BackendSettings::new(name, kind, options.map_err(|error| error.to_string())?))
}

/// `http://127.0.0.1:8880/v1` is called `127.0.0.1:8880`.
fn short_name(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().filter(|name| !name.is_empty()).unwrap_or(url)
}

fn unknown(name: &str, config: &Config) -> String {
    let known: Vec<&str> = config.backend.iter().map(|block| block.name.as_str()).chain([BUILTIN]).collect();
    format!("there is no backend {name:?}; known are {}, and any URL", known.join(", "))
}

/// What voices are called by each backend.
pub(crate) fn voices(config: &Config) -> VoiceTables {
    let source = |entry: &VoiceEntry| match entry {
        VoiceEntry::Named(name) => VoiceSource::Named(name.clone()),
        VoiceEntry::Recording(Recording { reference }) => VoiceSource::Recording(reference.clone()),
    };
    let table = |table: &BTreeMap<String, VoiceEntry>| {
        table.iter().map(|(backend, entry)| (backend.clone(), source(entry))).collect()
    };
    config.voices.iter().map(|(voice, entries)| (voice.clone(), table(entries))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_a_name_is_called_by_its_address() {
        assert_eq!(short_name("http://127.0.0.1:8880/v1"), "127.0.0.1:8880");
        assert_eq!(short_name("https://api.example.com"), "api.example.com");
    }
}
