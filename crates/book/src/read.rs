//! The way in: recognises the format and hands the bytes to its reader.

use std::io::Read;
use std::path::Path;

use crate::{Book, Format, ReadError, ReadPolicy};

/// Largest manuscript, in bytes. EPUBs full of pictures reach some hundred MiB.
const MAX_FILE_BYTES: u64 = 1 << 30;

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
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge {
            place: path.display().to_string(),
            what: "its size".into(),
            limit: format!("{MAX_FILE_BYTES} bytes"),
        });
    }
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
