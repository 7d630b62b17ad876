//! Markdown: CommonMark with tables, footnotes, strikethrough, task lists, heading attributes and front matter.
//!
//! The characters of the ledger are those of the parser's text events (text, inline code, soft line ends, the
//! labels of note references), the text in raw HTML, and the front matter.

mod blocks;
mod cover;
mod front_matter;
mod html;
mod outline;

use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, TextMergeStream};

use super::text::decode::decode;
use crate::assemble::Assembler;
use crate::{Book, Format, ReadError, ReadPolicy, SkipReason};

/// Largest file. The parser's tree takes several times the memory of the text.
const MAX_BYTES: usize = 64 << 20;

pub(super) fn read(bytes: &[u8], name: &Path, policy: &ReadPolicy) -> Result<Book, ReadError> {
    if bytes.len() > MAX_BYTES {
        let what = format!("its size, {} bytes", bytes.len());
        let place = name.display().to_string();
        return Err(ReadError::TooLarge { place, what, limit: format!("{MAX_BYTES} bytes") });
    }
    let decoded = decode(bytes, Format::Markdown)?;
    let mut out = Assembler::new(name, policy);
    decoded.remarks.into_iter().for_each(|remark| out.remark(remark));
    let mut body = &*decoded.text;
    let (mut metadata, mut cover) = (crate::Metadata::default(), None);
    if let Some(front) = front_matter::split(body) {
        out.skip(front.block, SkipReason::MetadataBlock);
        body = &body[front.block.len()..];
        metadata = front.metadata;
        if let Some(fault) = front.fault {
            out.remark(format!("the front matter is not understood: {fault}"));
        }
        match front.cover.map(|written| cover::read(name, &written)) {
            Some(Ok(picture)) => cover = Some(picture),
            Some(Err(remark)) => out.remark(remark),
            None => {}
        }
    }
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let events: Vec<Event<'_>> = TextMergeStream::new(Parser::new_ext(body, extensions)).collect();
    let outline = outline::Outline::of(&events);
    if metadata.title.is_empty() {
        // The first of many chapter headings is no title for the book, so that the file's name is better.
        metadata.title = match outline.title() {
            Some(title) => title.split_whitespace().collect::<Vec<_>>().join(" "),
            None => name.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
    }
    if metadata.authors.is_empty() {
        metadata.authors.extend(outline.byline.clone());
    }
    let out = blocks::Walker::new(&events, outline, policy, out).walk();
    out.finish(metadata, cover, Format::Markdown, bytes)
}
