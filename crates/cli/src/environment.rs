//! The one place that reads the environment and asks the system for its directories.
#![allow(clippy::disallowed_methods, reason = "settings enter the program here and go on as values")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use directories::{BaseDirs, ProjectDirs};
use rhapsode_engine::{release::safe_file_name, speech::STARTED_BY};

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

/// Where the watchers of this user keep their queues.
fn watch_folder() -> PathBuf {
    let state = project().and_then(|dirs| dirs.state_dir().map(Path::to_owned));
    state.unwrap_or_else(data_folder).join("watch")
}

/// The state directory of the watcher of an inbox.
pub(crate) fn watch_state(inbox: &Path) -> std::io::Result<PathBuf> {
    let inbox = inbox.canonicalize()?;
    let name = inbox.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let hash = blake3::hash(inbox.as_os_str().as_encoded_bytes()).to_hex();
    Ok(watch_folder().join(format!("{}-{}", safe_file_name(&name, 100), &hash[..8])))
}

/// The state directories of all watchers that this user ever had.
pub(crate) fn watch_states() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(watch_folder()).into_iter().flatten().flatten();
    let mut states: Vec<PathBuf> = folders.map(|folder| folder.path()).filter(|path| path.is_dir()).collect();
    states.sort();
    states
}

/// What a variable holds that the configuration names, such as the key of a server.
pub(crate) fn secret(variable: &str) -> Result<String, String> {
    match std::env::var(variable) {
        Ok(secret) if !secret.is_empty() => Ok(secret),
        Ok(_) | Err(std::env::VarError::NotPresent) => Err(format!("the variable {variable} is not set")),
        Err(std::env::VarError::NotUnicode(_)) => Err(format!("the variable {variable} is not UTF-8")),
    }
}

/// A variable that the program of a hook gets.
pub(crate) fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// A setting of the stack, where the environment has it: it counts over `.env`, as compose has it too.
pub(crate) fn compose_variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Where the user stands.
pub(crate) fn current_folder() -> std::io::Result<PathBuf> {
    std::env::current_dir()
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

/// What `pip` and `uv` are told by the environment.
pub(crate) fn installer_variables() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os()
        .filter_map(text)
        .filter(|(name, _)| name.starts_with("PIP_") || name.starts_with("UV_"))
        .collect()
}

/// The configuration files of `pip`, whether they are there or not; later ones count over earlier ones.
pub(crate) fn pip_files() -> Vec<PathBuf> {
    let name = if cfg!(windows) { "pip.ini" } else { "pip.conf" };
    let named = std::env::var_os("PIP_CONFIG_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
    // This is how pip is told to read none.
    if named.as_ref().is_some_and(|path| path.as_os_str() == if cfg!(windows) { "nul" } else { "/dev/null" })
    {
        return Vec::new();
    }
    let mut files = Vec::new();
    if cfg!(unix) {
        files.extend([PathBuf::from("/etc/xdg/pip").join(name), PathBuf::from("/etc").join(name)]);
    }
    if let Some(dirs) = BaseDirs::new() {
        files.extend([
            dirs.home_dir().join(if cfg!(windows) { "pip" } else { ".pip" }).join(name),
            dirs.config_dir().join("pip").join(name),
        ]);
    }
    files.extend(virtual_environment().map(|folder| folder.join(name)));
    files.extend(named);
    files
}

/// The virtual environment that is active.
pub(crate) fn virtual_environment() -> Option<PathBuf> {
    std::env::var_os("VIRTUAL_ENV").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
