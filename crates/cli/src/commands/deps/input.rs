//! From what the user names to what is judged: a file or folder, or a speech server that is asked.

use std::path::{Path, PathBuf};

use rhapsode_deps::{DepsError, Subject};
use rhapsode_engine::speech::{BackendSettings, SpeechError, open_backend};

use super::Context;
use crate::{
    backends::{self, Keys},
    environment,
    failure::{Failure, Kind},
};

/// What is looked for, in this order, where nothing is named and no environment is active.
const NEAREST: [&str; 6] =
    [".venv", "venv", "uv.lock", "pylock.toml", "requirements.lock.txt", "requirements.txt"];

/// Reads an input.
pub(super) async fn subject(input: &str, context: &Context) -> Result<Subject, Failure> {
    if input.starts_with("http://") || input.starts_with("https://") {
        return live(input, context).await;
    }
    Ok(rhapsode_deps::open(Path::new(input))?)
}

/// Reads the named input, or else the active environment, or else the nearest environment or lock.
pub(super) async fn subject_or_nearest(input: Option<&str>, context: &Context) -> Result<Subject, Failure> {
    if let Some(input) = input {
        return subject(input, context).await;
    }
    let nearest = || NEAREST.map(PathBuf::from).into_iter().find(|path| path.exists());
    let path = environment::virtual_environment().or_else(nearest).ok_or_else(|| {
        let message = "failed to find an environment or a lock: none is active, and none lies in this folder";
        Failure::new(
            Kind::Usage,
            message,
            Some("name one: a virtual environment, a lock, a report, or a URL"),
        )
    })?;
    Ok(rhapsode_deps::open(&path)?)
}

/// Asks a speech server for its report. A server of the configuration is asked with its key.
async fn live(address: &str, context: &Context) -> Result<Subject, Failure> {
    let layers = context.layers(None)?;
    let mut config = layers.config()?;
    let root = root(address);
    let is_it = |options: &std::collections::BTreeMap<String, toml::Value>| {
        options.get("url").and_then(toml::Value::as_str).is_some_and(|url| self::root(url) == root)
    };
    let known = config.backend.iter().find(|block| is_it(&block.options)).map(|block| block.name.clone());
    config.speech.backends = vec![known.unwrap_or_else(|| root.to_owned())];
    let mut report = None;
    for settings in backends::chosen(&config, &layers, Keys::Demanded)? {
        report = ask(&settings).await.map_err(rhapsode_engine::EngineError::from)?;
    }
    let Some(report) = report else {
        let message = format!("failed to judge {address}: it offers no dependency report");
        let hint = "speech servers of ours have one at /v1/dependencies; judge another's environment by its \
                    folder or its `pip inspect`";
        return Err(Failure::new(Kind::Voice, message, Some(hint)));
    };
    Ok(rhapsode_deps::report(address, &report)?)
}

/// Of several servers behind one name the first is judged.
async fn ask(settings: &BackendSettings) -> Result<Option<serde_json::Value>, SpeechError> {
    match open_backend(settings).await?.first() {
        Some(backend) => backend.dependencies().await,
        None => Ok(None),
    }
}

/// An address without the call that people copy it with.
fn root(address: &str) -> &str {
    let address = address.trim().trim_end_matches('/');
    let address = address.strip_suffix("/dependencies").unwrap_or(address);
    address.strip_suffix("/v1").unwrap_or(address).trim_end_matches('/')
}

impl From<DepsError> for Failure {
    fn from(error: DepsError) -> Self {
        let hint = match &error {
            DepsError::Unknown { .. } => Some(
                "what can be judged: a virtual environment, `pip inspect` JSON, a dependency report, a folder of \
                 build artifacts, requirements*.txt, pylock.toml, uv.lock, a folder of wheels",
            ),
            _ => None,
        };
        Self::new(Kind::Files, format!("failed to {error}"), hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_s_own_address_names_its_server() {
        for address in ["http://a:5124", "http://a:5124/v1/", "http://a:5124/v1/dependencies"] {
            assert_eq!(root(address), "http://a:5124");
        }
    }
}
