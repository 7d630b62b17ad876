//! Markup as tokens with their places, for those that put marks into a document and leave every other byte alone.
//! Characters are counted exactly as the reader counts them: line ends are one character, a reference is what it
//! stands for.

use std::ops::Range;

use quick_xml::{events::Event, reader::Reader};

use crate::dom::Entities;

/// A stretch of markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where it stands.
    pub bytes: Range<usize>,
    /// What it is.
    pub kind: TokenKind,
}

/// What a stretch of markup is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenKind {
    /// A start tag; the name with its prefix.
    Start(String),
    /// An end tag.
    End,
    /// A tag of an element without content.
    Empty(String),
    /// Text without references.
    Text,
    /// A reference or a CDATA section, which no mark may stand in: the text that it stands for.
    Whole(String),
    /// The document type.
    DocumentType,
    /// The XML declaration.
    Declaration,
    /// A comment or a processing instruction.
    Other,
}

/// Cuts markup into tokens.
///
/// # Errors
/// What is wrong and where, if it is not well-formed.
pub fn tokens(markup: &str) -> Result<Vec<Token>, String> {
    let mut reader = Reader::from_str(markup);
    reader.config_mut().check_comments = false;
    let mut tokens = Vec::new();
    let mut entities = Entities::default();
    let mut start = 0;
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let kind = match event {
            Event::Eof => return Ok(tokens),
            Event::Start(tag) => TokenKind::Start(tag.name().as_ref().to_owned()),
            Event::Empty(tag) => TokenKind::Empty(tag.name().as_ref().to_owned()),
            Event::End(_) => TokenKind::End,
            Event::Text(_) => TokenKind::Text,
            Event::CData(text) => TokenKind::Whole(text.xml10_content().into_owned()),
            Event::GeneralRef(reference) => TokenKind::Whole(entities.text(&reference)?),
            Event::DocType(text) => {
                entities.declare(&text)?;
                TokenKind::DocumentType
            }
            Event::Decl(_) => TokenKind::Declaration,
            Event::Comment(_) | Event::PI(_) => TokenKind::Other,
        };
        let end = usize::try_from(reader.buffer_position()).unwrap_or(markup.len()).min(markup.len());
        tokens.push(Token { bytes: start..end, kind });
        start = end;
    }
}

/// Characters of a text token as the reader counts them, each with its first byte in the token.
pub fn characters(text: &str) -> impl Iterator<Item = (usize, char)> {
    let follows_return = |at: usize| at > 0 && text.as_bytes()[at - 1] == b'\r';
    text.char_indices().filter(move |&(at, c)| !(c == '\n' && follows_return(at)))
}
