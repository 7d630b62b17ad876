//! The table of manuscript formats. A new format is one file here and one line in [`READERS`].

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Book, ReadError, ReadPolicy};

/// A manuscript format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// EPUB 2 or 3.
    Epub,
    /// HTML or XHTML, one file.
    Html,
    /// Markdown (CommonMark with tables, footnotes and front matter).
    Markdown,
    /// Plain text.
    Text,
    /// Office Open XML word processing (Word).
    Docx,
}

/// What a manuscript format brings: its names, and its reader.
struct Reader {
    format: Format,
    name: &'static str,
    extensions: &'static [&'static str],
    read: fn(&[u8], &Path, &ReadPolicy) -> Result<Book, ReadError>,
}

const READERS: &[Reader] = &[];

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(READERS.iter().find(|r| r.format == *self).map_or("manuscript", |r| r.name))
    }
}

impl Format {
    /// Extensions of all formats, lower case, for folders and messages.
    pub fn extensions() -> impl Iterator<Item = &'static str> {
        READERS.iter().flat_map(|r| r.extensions.iter().copied())
    }

    /// Recognises a manuscript by its first bytes, then by its extension.
    ///
    /// # Errors
    /// [`ReadError::UnknownFormat`] if neither tells.
    pub fn recognise(_bytes: &[u8], name: &Path) -> Result<Self, ReadError> {
        Err(ReadError::UnknownFormat(name.display().to_string()))
    }

    pub(crate) fn read(self, bytes: &[u8], name: &Path, policy: &ReadPolicy) -> Result<Book, ReadError> {
        let reader = READERS.iter().find(|r| r.format == self);
        let reader = reader.ok_or_else(|| ReadError::UnknownFormat(self.to_string()))?;
        (reader.read)(bytes, name, policy)
    }
}
