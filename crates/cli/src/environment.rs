//! The one place that reads the environment and asks the system for its directories.
#![allow(clippy::disallowed_methods, reason = "settings enter the program here and go on as values")]

use std::path::PathBuf;

use directories::ProjectDirs;
use rhapsode_engine::speech::STARTED_BY;

use crate::layers::ConfigError;

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "rhapsode")
}

/// `RHAPSODE_*` and their values.
pub(crate) fn variables() -> Result<Vec<(String, String)>, ConfigError> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, _)| name.starts_with("RHAPSODE_") && name != STARTED_BY)
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(ConfigError::Environment { name, message: "its value is not UTF-8".into() }),
        })
        .collect()
}

/// The user's configuration file, whether it is there or not.
pub(crate) fn user_config() -> Option<PathBuf> {
    Some(project()?.config_dir().join("rhapsode.toml"))
}

/// Where takes and voices live. They are data and not cache: some of them were paid for.
pub(crate) fn data_folder() -> PathBuf {
    project().map_or_else(|| PathBuf::from(".rhapsode"), |dirs| dirs.data_dir().to_owned())
}

/// What a variable holds that the configuration names, such as the key of a server.
pub(crate) fn secret(variable: &str) -> Result<String, String> {
    match std::env::var(variable) {
        Ok(secret) if !secret.is_empty() => Ok(secret),
        Ok(_) | Err(std::env::VarError::NotPresent) => Err(format!("the variable {variable} is not set")),
        Err(std::env::VarError::NotUnicode(_)) => Err(format!("the variable {variable} is not UTF-8")),
    }
}

/// The backend whose command started this program, if one did.
pub(crate) fn started_by() -> Option<String> {
    std::env::var(STARTED_BY).ok()
}

/// Where Hugging Face is, unless the user names a mirror.
const HUB: &str = "https://huggingface.co";

/// The address of the model hub.
pub(crate) fn hub_endpoint() -> String {
    std::env::var("HF_ENDPOINT")
        .ok()
        .filter(|endpoint| !endpoint.is_empty())
        .unwrap_or_else(|| HUB.to_owned())
}

/// Cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
