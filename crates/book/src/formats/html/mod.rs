//! A manuscript that is one HTML or XHTML file.

use std::path::Path;

use crate::{Book, Format, ReadError, ReadPolicy};

/// Whether the bytes open like an HTML document.
pub(super) fn magic(bytes: &[u8]) -> bool {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let opens = |tag: &[u8]| start.len() >= tag.len() && start[..tag.len()].eq_ignore_ascii_case(tag);
    opens(b"<!doctype html") || opens(b"<html")
}

pub(super) fn read(_bytes: &[u8], name: &Path, _policy: &ReadPolicy) -> Result<Book, ReadError> {
    Err(ReadError::Malformed { format: Format::Html, place: name.display().to_string(), reason: "no text".into() })
}
