//! What an input is: by its name where that is fixed, otherwise by what it holds.

use std::path::Path;

use serde_json::Value;

use super::{Kind, artifacts, file, folder, venv, wheels};
use crate::{DepsError, model::Packages};

/// Locks that a project folder may hold, the best first.
const LOCKS: [(&str, Kind); 5] = [
    ("uv.lock", Kind::Uv),
    ("pylock.toml", Kind::Pylock),
    ("requirements.lock.txt", Kind::Requirements),
    ("requirements.txt", Kind::Requirements),
    ("requirements.in", Kind::Requirements),
];

/// Reads a folder: an environment, the artifacts of a build, wheels, or a project with a lock.
pub(super) fn folder(path: &Path) -> Result<Packages, DepsError> {
    if let Some(environment) = venv::open(path) {
        return Ok(Packages::Environment(Box::new(environment?)));
    }
    if let Some(packages) = artifacts::open(path) {
        return packages;
    }
    let entries = folder::list(path)?;
    if wheels::is_folder(&entries) {
        return Ok(Packages::Wheels(Box::new(wheels::open(path, &entries))));
    }
    if let Some((name, _)) = LOCKS.iter().find(|(name, _)| path.join(name).is_file()) {
        return super::open(&path.join(name)).map(|subject| subject.packages);
    }
    Err(DepsError::Unknown {
        input: path.display().to_string(),
        reason:
            "the folder is no virtual environment and holds no wheels, no lock and no artifacts of a build"
                .to_owned(),
    })
}

/// What a file is.
pub(super) fn kind(path: &Path, bytes: &[u8]) -> Result<Kind, DepsError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if let Some((_, kind)) = LOCKS.iter().find(|(known, _)| name == *known) {
        return Ok(*kind);
    }
    if name.starts_with("pylock.") && name.ends_with(".toml") {
        return Ok(Kind::Pylock);
    }
    if name.ends_with(".whl") {
        return Ok(Kind::Wheel);
    }
    by_content(&path.display().to_string(), &name, bytes)
}

fn by_content(input: &str, name: &str, bytes: &[u8]) -> Result<Kind, DepsError> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(Kind::Wheel);
    }
    let text = file::text(input, bytes)?;
    let start = text.trim_start();
    if start.starts_with(['{', '[']) && !name.ends_with(".toml") && !start.starts_with("[[package") {
        return json(input, text);
    }
    if name.ends_with(".txt") || name.ends_with(".in") {
        return Ok(Kind::Requirements);
    }
    if text.contains("[[packages]]") && text.contains("lock-version") {
        return Ok(Kind::Pylock);
    }
    if text.contains("[[package]]") && text.contains("source = {") {
        return Ok(Kind::Uv);
    }
    Err(DepsError::Unknown {
        input: input.to_owned(),
        reason: "it is neither a lock, nor a dependency report, nor what pip inspect or pipdeptree write"
            .to_owned(),
    })
}

fn json(input: &str, text: &str) -> Result<Kind, DepsError> {
    let json: Value = serde_json::from_str(text).map_err(|error| file::json_error(input, &error))?;
    if json.is_array() {
        return Ok(Kind::Tree);
    }
    if json.get("installed").is_some() {
        return Ok(Kind::Inspection);
    }
    if json.get("distributions").is_some() || json.get("schema").is_some() {
        return Ok(Kind::Report);
    }
    Err(DepsError::Unknown {
        input: input.to_owned(),
        reason: "its JSON is neither of pip inspect, nor of pipdeptree, nor a dependency report".to_owned(),
    })
}
