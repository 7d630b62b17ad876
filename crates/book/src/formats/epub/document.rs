//! A content document of the spine: its tree, its styles, and what it says of its place in the book.

use std::collections::HashMap;

use super::malformed;
use crate::archive::Archive;
use crate::dom::{Dom, MAX_NODES, NodeId, SelfClosing, XmlError, decode, parse_html, parse_xml};
use crate::href::resolve;
use crate::roles::role_by_title;
use crate::style::{StyleSheet, Styles};
use crate::walk::Meanings;
use crate::{Matter, ReadError, SectionRole};

/// Longest copyright page, in characters.
const COPYRIGHT_CHARS: usize = 6_000;

/// Longest title page, in characters.
const TITLE_PAGE_CHARS: usize = 600;

/// A parsed content document.
pub(super) struct Document {
    pub(super) path: String,
    pub(super) dom: Dom,
    pub(super) styles: Styles,
    /// Role told by markup.
    pub(super) role: Option<SectionRole>,
    /// Role told by its first heading, which counts only where the table of contents is silent.
    pub(super) heading_role: Option<SectionRole>,
    /// Place in the book, where its markup tells it.
    pub(super) matter: Option<Matter>,
}

/// Most nodes of all documents of a book together.
const MAX_BOOK_NODES: usize = 2 * MAX_NODES;

/// Reads the documents of one book and keeps what they share.
pub(super) struct Documents {
    sheets: HashMap<String, StyleSheet>,
    nodes_left: usize,
}

impl Default for Documents {
    fn default() -> Self {
        Self { sheets: HashMap::new(), nodes_left: MAX_BOOK_NODES }
    }
}

impl Documents {
    /// Parses the document at `path`: as XML, or where that fails as HTML, with a remark.
    pub(super) fn read(
        &mut self,
        archive: &mut Archive<'_>,
        path: &str,
        remarks: &mut Vec<String>,
    ) -> Result<Document, ReadError> {
        let bytes = archive.read(path)?;
        let dom = parse(&bytes, path, remarks)?;
        let styles = self.styles(archive, &dom, path, remarks);
        if dom.len() > self.nodes_left {
            let (what, limit) = ("the nodes of all documents", MAX_BOOK_NODES.to_string());
            return Err(ReadError::TooLarge { place: path.to_owned(), what: what.to_owned(), limit });
        }
        self.nodes_left -= dom.len();
        let role = role_of(&dom);
        let heading_role = heading_role(&dom);
        let matter = matter_of_types(&dom);
        Ok(Document { path: path.to_owned(), dom, styles, role, heading_role, matter })
    }

    fn styles(
        &mut self,
        archive: &mut Archive<'_>,
        dom: &Dom,
        path: &str,
        remarks: &mut Vec<String>,
    ) -> Styles {
        enum Source {
            Linked(String),
            Inline(StyleSheet),
        }
        let mut sources = Vec::new();
        for node in dom.descendants(Dom::ROOT) {
            match dom.name(node) {
                "style" => sources.push(Source::Inline(StyleSheet::parse(&dom.text(node)))),
                "link" => {
                    let is_sheet = dom.attribute(node, "rel").is_some_and(|rel| {
                        let rel = rel.to_ascii_lowercase();
                        rel.contains("stylesheet") && !rel.contains("alternate")
                    });
                    let for_print =
                        dom.attribute(node, "media").is_some_and(|m| m.trim().eq_ignore_ascii_case("print"));
                    let Some(Ok(target)) = dom.attribute(node, "href").map(|href| resolve(path, href)) else {
                        continue;
                    };
                    if !is_sheet || for_print {
                        continue;
                    }
                    if !self.sheets.contains_key(&target.path) {
                        let sheet = match archive.read(&target.path) {
                            Ok(bytes) => StyleSheet::parse(&decode(&bytes).0),
                            Err(error) => {
                                remarks.push(format!("the style sheet is not used: failed to {error}"));
                                StyleSheet::default()
                            }
                        };
                        self.sheets.insert(target.path.clone(), sheet);
                    }
                    sources.push(Source::Linked(target.path));
                }
                _ => {}
            }
        }
        Styles::new(sources.iter().filter_map(|source| match source {
            Source::Linked(path) => self.sheets.get(path),
            Source::Inline(sheet) => Some(sheet),
        }))
    }
}

/// Parses a content or navigation document.
pub(super) fn parse(bytes: &[u8], path: &str, remarks: &mut Vec<String>) -> Result<Dom, ReadError> {
    let (text, remark) = decode(bytes);
    remarks.extend(remark.map(|r| format!("{path}: {r}")));
    match parse_xml(&text) {
        Ok(dom) => Ok(dom),
        Err(error @ (XmlError::Entities(_) | XmlError::TooManyNodes(_))) => {
            Err(malformed(path, error.reason()))
        }
        Err(XmlError::IllFormed(reason)) => {
            remarks.push(format!("{path}: it is not well-formed ({reason}) and was read as HTML"));
            parse_html(&text, SelfClosing::Honoured).map_err(|(what, limit)| ReadError::TooLarge {
                place: path.to_owned(),
                what,
                limit,
            })
        }
    }
}

/// The role of a whole document: what its body says, or the one section in it.
fn role_of(dom: &Dom) -> Option<SectionRole> {
    let body = dom.find(Dom::ROOT, "body")?;
    let only_child = |node: &NodeId| {
        let mut children = dom.children(*node).filter(|c| dom.element(*c).is_some());
        children.next().filter(|_| children.next().is_none())
    };
    let nested = std::iter::successors(Some(body), only_child).take(8);
    nested.filter_map(|node| Meanings::of(dom.element(node)?).section()).last()
}

fn heading_role(dom: &Dom) -> Option<SectionRole> {
    let is_heading = |n: &NodeId| matches!(dom.name(*n), "h1" | "h2" | "h3");
    let heading = dom.descendants(dom.find(Dom::ROOT, "body")?).find(is_heading)?;
    role_by_title(&dom.head_text(heading))
}

/// What `epub:type` on the body or on a section in it says: `frontmatter`, `bodymatter` or `backmatter`.
fn matter_of_types(dom: &Dom) -> Option<Matter> {
    let body = dom.find(Dom::ROOT, "body")?;
    let mut elements = std::iter::once(body).chain(dom.children(body)).filter_map(|node| dom.element(node));
    elements.find_map(|element| {
        element.words("epub:type").find_map(|word| match word {
            "frontmatter" => Some(Matter::Front),
            "bodymatter" => Some(Matter::Body),
            "backmatter" => Some(Matter::Back),
            _ => None,
        })
    })
}

/// A role for a document without one, by what pages of this kind hold. Only for documents that no table of
/// contents names.
pub(super) fn role_by_text(dom: &Dom, title: &str) -> Option<SectionRole> {
    let text = dom.text(dom.find(Dom::ROOT, "body")?);
    let length = text.split_whitespace().map(|w| w.chars().count() + 1).sum::<usize>();
    if length == 0 {
        return None;
    }
    let lower = text.to_lowercase();
    let holds_rights = lower.contains('©') || lower.contains("copyright");
    let holds_terms = ["all rights reserved", "isbn", "no part of this", "published by", "first published"]
        .iter()
        .any(|term| lower.contains(term));
    if length <= COPYRIGHT_CHARS && holds_rights && holds_terms {
        return Some(SectionRole::Copyright);
    }
    let title = title.trim().to_lowercase();
    (length <= TITLE_PAGE_CHARS && !title.is_empty() && lower.trim_start().starts_with(&title))
        .then_some(SectionRole::TitlePage)
}
