//! Word processing documents of Office Open XML (ECMA-376), in both its transitional and its strict form.
//!
//! The characters of the ledger are those of the text elements of the document, its footnotes and endnotes:
//! `w:t`, deleted text, field instructions, and one character for each tab, page break and special hyphen. Headers, footers
//! and comments are no part of the running text and are not counted. Languages marked on runs are ignored:
//! word processors mark them by keyboard layout, and they are wrong more often than they help.

mod body;
mod fields;
mod numbering;
mod package;
mod styles;
mod survey;

use std::path::Path;

use self::body::Body;
use self::package::Package;
use self::survey::Survey;
use crate::archive::malformed;
use crate::assemble::Assembler;
use crate::dom::Dom;
use crate::formats::year::year_of;
use crate::{Book, Format, Metadata, ReadError, ReadPolicy};

/// The first bytes of an OLE compound file, in which Office wraps what has a password.
const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Bytes at the end of an archive in which its directory names the main part.
const TAIL: usize = 64 << 10;

/// Whether the bytes are a ZIP archive with a word processing document, or such a document under a password.
pub(super) fn magic(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    bytes.starts_with(b"PK\x03\x04") && contains(tail, b"word/document") || is_encrypted(bytes)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// Whether this is an OLE file with the stream that holds an encrypted package.
fn is_encrypted(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.starts_with(OLE) && contains(bytes, &name)
}

pub(super) fn read(bytes: &[u8], name: &Path, policy: &ReadPolicy) -> Result<Book, ReadError> {
    if is_encrypted(bytes) {
        let place = name.display().to_string();
        return Err(ReadError::Encrypted { place, scheme: "a password".into() });
    }
    if bytes.starts_with(OLE) {
        let reason = "this is the binary format of old Word versions; save it as .docx";
        return Err(malformed(Format::Docx, "the start of the file", reason));
    }
    let package = Package::open(bytes)?;
    let survey = Survey::of(&package);
    let mut metadata = package.core.as_ref().map(metadata).unwrap_or_default();
    if metadata.title.is_empty() {
        metadata.title = match &survey.title {
            Some(title) => title.clone(),
            None => name.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
    }
    if metadata.authors.is_empty() {
        metadata.authors.extend(survey.author.clone());
    }
    metadata.language = metadata.language.or_else(|| package.styles.language.clone());
    let mut body = Body::new(&package, &survey, policy, Assembler::new(name, policy));
    body.document();
    body.notes();
    body.out.finish(metadata, None, Format::Docx, bytes)
}

/// The core properties (ECMA-376 part 2, section 11).
fn metadata(core: &Dom) -> Metadata {
    let value = |name: &str| {
        let text = core.text(core.find(Dom::ROOT, name)?);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    };
    let list = |name: &str, separators: &[char]| -> Vec<String> {
        let values = value(name).unwrap_or_default();
        values.split(separators).map(str::trim).filter(|v| !v.is_empty()).map(str::to_owned).collect()
    };
    Metadata {
        // What printing to a file leaves behind is no title.
        title: value("title").filter(|t| !t.starts_with("Microsoft Word - ")).unwrap_or_default(),
        authors: list("creator", &[';']),
        language: value("language").and_then(|tag| crate::walk::Language::normal(&tag)),
        year: value("created").and_then(|date| year_of(&date)),
        description: value("description"),
        subjects: list("keywords", &[',', ';']),
        ..Metadata::default()
    }
}
