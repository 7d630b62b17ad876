//! Files read whole, with a limit: nothing on a disk is believed about its own size.

use std::{fs::File, io::Read, path::Path};

use crate::DepsError;

/// Most bytes of a file. A report of a thousand distributions has two million.
pub(super) const MAX_BYTES: u64 = 64 << 20;

/// Reads a file whole.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, DepsError> {
    let failed = |source| DepsError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(malformed(&path.display().to_string(), None, format!("it has over {MAX_BYTES} bytes")));
    }
    Ok(bytes)
}

/// The text of bytes: UTF-8, with or without a byte order mark.
pub(super) fn text<'a>(input: &str, bytes: &'a [u8]) -> Result<&'a str, DepsError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        malformed(input, Some(line), "it is not UTF-8".to_owned())
    })
}

/// An input that is broken.
pub(super) fn malformed(input: &str, line: Option<usize>, reason: String) -> DepsError {
    DepsError::Malformed { input: input.to_owned(), line, reason }
}

/// A broken JSON text, with its line.
pub(super) fn json_error(input: &str, error: &serde_json::Error) -> DepsError {
    let line = Some(error.line()).filter(|line| *line > 0);
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default().to_owned();
    malformed(input, line, format!("it is not the JSON that it should be: {reason}"))
}
