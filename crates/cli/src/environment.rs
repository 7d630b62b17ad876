//! The one place that reads the environment and asks the system for its directories.
#![allow(clippy::disallowed_methods, reason = "settings enter the program here and go on as values")]

use std::path::PathBuf;

use directories::ProjectDirs;

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "rhapsode")
}

/// `RHAPSODE_*` and their values; others, and those that are no text, are not ours.
pub(crate) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The user's configuration file, whether it is there or not.
pub(crate) fn user_config() -> Option<PathBuf> {
    Some(project()?.config_dir().join("rhapsode.toml"))
}

/// Where takes and voices live. They are data and not cache: some of them were paid for.
pub(crate) fn data_folder() -> PathBuf {
    project().map_or_else(|| PathBuf::from(".rhapsode"), |dirs| dirs.data_dir().to_owned())
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
