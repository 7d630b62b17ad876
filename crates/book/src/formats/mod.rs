//! The table of manuscript formats. A new format is one file here and one line in [`READERS`].

mod docx;
mod epub;
mod html;
mod markdown;
mod outline;
mod text;
mod year;

pub use epub::{EpubSource, SourceDocument, SourceEntry, SourceItem};

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

/// What a manuscript format brings: its names, how its first bytes tell it, and its reader.
struct Reader {
    format: Format,
    name: &'static str,
    extensions: &'static [&'static str],
    /// Whether the bytes can be nothing else; `|_| false` where only the extension tells.
    magic: fn(&[u8]) -> bool,
    read: fn(&[u8], &Path, &ReadPolicy) -> Result<Book, ReadError>,
}

const READERS: &[Reader] = &[
    Reader {
        format: Format::Epub,
        name: "EPUB",
        extensions: &["epub"],
        magic: epub::magic,
        read: epub::read,
    },
    Reader {
        format: Format::Html,
        name: "HTML",
        extensions: &["html", "htm", "xhtml", "xht"],
        magic: html::magic,
        read: html::read,
    },
    Reader {
        format: Format::Markdown,
        name: "Markdown",
        extensions: &["md", "markdown", "mdown", "mkd"],
        magic: |_| false,
        read: markdown::read,
    },
    Reader {
        format: Format::Text,
        name: "plain text",
        extensions: &["txt", "text"],
        magic: |_| false,
        read: text::read,
    },
    Reader {
        format: Format::Docx,
        name: "Word (DOCX)",
        extensions: &["docx", "docm", "dotx"],
        magic: docx::magic,
        read: docx::read,
    },
];

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
    pub fn recognise(bytes: &[u8], name: &Path) -> Result<Self, ReadError> {
        let extension = name.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
        let by_magic = READERS.iter().find(|r| (r.magic)(bytes));
        let by_extension =
            || READERS.iter().find(|r| extension.as_deref().is_some_and(|e| r.extensions.contains(&e)));
        by_magic.or_else(by_extension).map(|r| r.format).ok_or_else(|| {
            ReadError::UnknownFormat(format!(
                "{} is none of {}",
                name.display(),
                READERS.iter().map(|r| r.name).collect::<Vec<_>>().join(", ")
            ))
        })
    }

    pub(crate) fn read(self, bytes: &[u8], name: &Path, policy: &ReadPolicy) -> Result<Book, ReadError> {
        let reader = READERS.iter().find(|r| r.format == self);
        let reader = reader.ok_or_else(|| ReadError::UnknownFormat(self.to_string()))?;
        (reader.read)(bytes, name, policy)
    }
}
