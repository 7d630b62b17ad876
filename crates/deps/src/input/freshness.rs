//! Whether a lock is older than what it was made from.
//!
//! Only the times of the files tell, and a checkout or a copy gives all files about one time, in any order. So an
//! input counts as newer only where it is newer by more than that.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// Files that were written by one command are not further apart.
const SAME_TIME: Duration = Duration::from_secs(2);

/// Those of the inputs that were changed after the lock.
pub(super) fn newer_inputs(lock: &Path, inputs: Vec<PathBuf>) -> Vec<PathBuf> {
    let Some(locked) = modified(lock) else { return Vec::new() };
    let is_newer = |input: &PathBuf| {
        modified(input)
            .and_then(|changed| changed.duration_since(locked).ok())
            .is_some_and(|by| by > SAME_TIME)
    };
    inputs.into_iter().filter(is_newer).collect()
}

fn modified(path: &Path) -> Option<SystemTime> {
    let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    // Archives without times give the start of the clock.
    metadata.modified().ok().filter(|time| *time > SystemTime::UNIX_EPOCH)
}

/// The inputs of a lock: those that the command in its header names, otherwise its sibling of the same stem.
pub(super) fn inputs_of_header(lock: &Path, header: &[String]) -> Vec<PathBuf> {
    let named = header.iter().find_map(|comment| command_inputs(lock, comment));
    named.unwrap_or_else(|| sibling(lock).into_iter().collect())
}

/// The files beside a lock that it may be made from.
fn sibling(lock: &Path) -> Option<PathBuf> {
    let name = lock.file_name()?.to_str()?;
    let stem = name.split('.').next()?;
    let beside = |name: &str| Some(lock.with_file_name(name)).filter(|path| path.is_file() && path != lock);
    beside(&format!("{stem}.in")).or_else(|| {
        // A file that is no lock is its own input.
        name.contains(".lock.").then(|| beside(&format!("{stem}.txt"))).flatten()
    })
}

/// The project file beside a lock.
pub(super) fn project(lock: &Path) -> Vec<PathBuf> {
    Some(lock.with_file_name("pyproject.toml")).filter(|path| path.is_file()).into_iter().collect()
}

/// The inputs in `pip-compile --output-file=requirements.txt requirements.in` or `uv pip compile a.in -o b.txt`.
fn command_inputs(lock: &Path, comment: &str) -> Option<Vec<PathBuf>> {
    let command = comment.trim();
    let arguments = command.strip_prefix("pip-compile").or_else(|| command.strip_prefix("uv pip compile"))?;
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let is_output = |word: &str| matches!(word, "-o" | "--output-file");
    let output = words
        .iter()
        .find_map(|word| word.strip_prefix("--output-file="))
        .or_else(|| words.iter().position(|word| is_output(word)).and_then(|at| words.get(at + 1).copied()));
    // The command ran where the path of its output leads to the lock.
    let depth = output.map_or(1, |output| Path::new(output).components().count());
    let root = lock.ancestors().nth(depth)?;
    let folder = lock.parent()?;
    let mut inputs = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let is_value = at > 0 && words[at - 1].starts_with('-') && !words[at - 1].contains('=');
        let after_switch = at > 0 && is_switch(words[at - 1]);
        let is_file = [".in", ".txt", ".toml", ".cfg", ".py"].iter().any(|end| word.ends_with(end));
        if word.starts_with('-') || !is_file || (is_value && !after_switch) {
            continue;
        }
        let file_name = Path::new(word).file_name().unwrap_or_default();
        let places = [root.join(word), folder.join(word), folder.join(file_name)];
        inputs.extend(places.into_iter().find(|place| place.is_file() && place != lock));
    }
    (!inputs.is_empty()).then_some(inputs)
}

/// Options that stand alone, so that the word after them is a file.
fn is_switch(option: &str) -> bool {
    ["--universal", "--generate-hashes", "--strip-extras", "--all-extras", "--upgrade", "-U", "--quiet", "-q"]
        .contains(&option)
        || option.starts_with("--no-")
        || option.starts_with("--allow-")
        || option.starts_with("--emit-")
}
