//! Locks in TOML: `uv.lock` and `pylock.toml`.

pub(super) mod pylock;
pub(super) mod uv;

use serde::de::DeserializeOwned;

use super::{archive_name, file};
use crate::DepsError;

/// Reads TOML into a shape; errors have their line.
fn parse<T: DeserializeOwned>(input: &str, text: &str) -> Result<T, DepsError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| line_at(text, span.start));
        file::malformed(input, line, error.message().lines().collect::<Vec<_>>().join(" "))
    })
}

/// The line of a byte, counted from 1.
fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The file that an address or a path of a lock ends with.
fn file_of(name: Option<&String>, url: Option<&String>, path: Option<&String>) -> Option<String> {
    let address = name.or(url).or(path)?;
    Some(archive_name::file_name(address)).filter(|name| !name.is_empty())
}
