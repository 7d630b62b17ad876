//! A manuscript that is one HTML or XHTML file.

mod outline;

use std::path::Path;

use outline::Outline;

use crate::assemble::Assembler;
use crate::dom::{Dom, SelfClosing, XmlError, decode, parse_html, parse_xml};
use crate::formats::year::year_of;
use crate::style::{StyleSheet, Styles};
use crate::walk::{Language, Linked, Page, Walker, find_notes};
use crate::{Book, Format, Metadata, ReadError, ReadPolicy};

/// Largest file. A page beyond this is a dump, not a manuscript.
const MAX_BYTES: usize = 64 << 20;

/// Bytes at the head of a file in which its root element is looked for.
const HEAD: usize = 1024;

/// Whether the bytes open like an HTML or XHTML document.
pub(super) fn magic(bytes: &[u8]) -> bool {
    let (head, _) = decode(&bytes[..bytes.len().min(HEAD)]);
    let head = head.trim_start().to_ascii_lowercase();
    head.starts_with("<!doctype html") || head.starts_with("<html") || is_xml(&head) && head.contains("<html")
}

fn is_xml(head: &str) -> bool {
    head.starts_with("<?xml")
}

/// Reads an HTML file. Chapters start at the headings of the highest level that occurs more than once.
pub(super) fn read(bytes: &[u8], name: &Path, policy: &ReadPolicy) -> Result<Book, ReadError> {
    let place = name.display().to_string();
    if bytes.len() > MAX_BYTES {
        let what = format!("its size, {} bytes", bytes.len());
        return Err(ReadError::TooLarge { place, what, limit: format!("{MAX_BYTES} bytes") });
    }
    let mut out = Assembler::new(name, policy);
    let (text, remark) = decode(bytes);
    remark.into_iter().for_each(|remark| out.remark(remark));
    let is_xhtml =
        is_xml(text.trim_start()) || name.extension().is_some_and(|e| e.eq_ignore_ascii_case("xhtml"));
    let dom = parse(&text, is_xhtml, &place, &mut out)?;

    let outline = Outline::of(&dom);
    let mut metadata = metadata(&dom);
    if metadata.title.is_empty() {
        metadata.title = outline.title.clone().unwrap_or_default();
    }
    if metadata.authors.is_empty() {
        metadata.authors.extend(outline.author.clone());
    }
    let sheets: Vec<StyleSheet> = dom
        .descendants(Dom::ROOT)
        .filter(|n| dom.name(*n) == "style")
        .map(|n| StyleSheet::parse(&dom.text(n)))
        .collect();
    let marks = find_notes(&[Linked { path: "", dom: &dom }]).pop().unwrap_or_default();
    let mut walker = Walker::new(&mut out, policy, metadata.language.as_deref());
    walker.walk(&Page {
        dom: &dom,
        styles: &Styles::new(&sheets),
        marks: &marks,
        starts: &outline.starts,
        skip: None,
    });
    out.finish(metadata, None, Format::Html, bytes)
}

fn parse(text: &str, is_xhtml: bool, place: &str, out: &mut Assembler) -> Result<Dom, ReadError> {
    let mut self_closing = SelfClosing::Ignored;
    if is_xhtml {
        match parse_xml(text) {
            Ok(dom) => return Ok(dom),
            Err(XmlError::Entities(reason) | XmlError::TooManyNodes(reason)) => {
                return Err(ReadError::Malformed { format: Format::Html, place: place.to_owned(), reason });
            }
            Err(XmlError::IllFormed(reason)) => {
                out.remark(format!("it is not well-formed XHTML ({reason}) and was read as HTML"));
                self_closing = SelfClosing::Honoured;
            }
        }
    }
    parse_html(text, self_closing).map_err(|(what, limit)| ReadError::TooLarge {
        place: place.to_owned(),
        what,
        limit,
    })
}

fn metadata(dom: &Dom) -> Metadata {
    let named = |wanted: &[&str]| -> Vec<String> {
        let metas = dom.descendants(Dom::ROOT).filter(|n| dom.name(*n) == "meta");
        metas
            .filter(|n| {
                let name =
                    dom.attribute(*n, "name").or_else(|| dom.attribute(*n, "property")).unwrap_or_default();
                wanted.iter().any(|w| name.trim().eq_ignore_ascii_case(w))
            })
            .filter_map(|n| dom.attribute(n, "content").map(collapsed))
            .filter(|content| !content.is_empty())
            .collect()
    };
    let first = |wanted: &[&str]| named(wanted).into_iter().next();
    let root = dom.find(Dom::ROOT, "html");
    let declared = root.and_then(|n| dom.attribute(n, "xml:lang").or_else(|| dom.attribute(n, "lang")));
    let title = dom.find(Dom::ROOT, "title").map(|n| collapsed(&dom.text(n))).filter(|t| !t.is_empty());
    Metadata {
        title: title.or_else(|| first(&["dc.title", "dcterms.title", "og:title"])).unwrap_or_default(),
        authors: named(&["author", "dc.creator", "dcterms.creator"]),
        language: declared
            .and_then(Language::normal)
            .or_else(|| first(&["dc.language", "dcterms.language"]).as_deref().and_then(Language::normal)),
        year: first(&["date", "dc.date", "dcterms.date", "dcterms.issued"]).and_then(|date| year_of(&date)),
        publisher: first(&["dc.publisher", "dcterms.publisher"]),
        description: first(&["description", "dc.description", "dcterms.description"]),
        subjects: named(&["dc.subject", "dcterms.subject"]),
        rights: first(&["dc.rights", "dcterms.rights"]),
        ..Metadata::default()
    }
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
