//! The way in: recognises the format and hands the bytes to its reader.

use std::path::Path;

use crate::{Book, Format, ReadError, ReadPolicy};

/// How a manuscript is to be read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Take this format instead of recognising it.
    pub format: Option<Format>,
    /// What is read aloud and what is left out.
    pub policy: ReadPolicy,
}

/// Reads the manuscript at `path`.
///
/// # Errors
/// [`ReadError`] says what is wrong and where in the file.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Book, ReadError> {
    let bytes = std::fs::read(path)?;
    read_bytes(&bytes, path, options)
}

/// Reads a manuscript from memory; `name` gives the extension and the title of last resort.
///
/// # Errors
/// [`ReadError`] says what is wrong and where in the file.
pub fn read_bytes(bytes: &[u8], name: &Path, options: &ReadOptions) -> Result<Book, ReadError> {
    let format = match options.format {
        Some(format) => format,
        None => Format::recognise(bytes, name)?,
    };
    format.read(bytes, name, &options.policy)
}
