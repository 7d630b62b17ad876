//! Which elements are notes and which are their marks. Books that say so are believed; in the others a short
//! superscript or bracketed link is a mark if what it points at begins with the same sign.

use std::collections::{HashMap, HashSet};

use super::Tag;
use super::meanings::{Meaning, Meanings};
use crate::dom::{Dom, NodeData, NodeId};
use crate::href::{Target, resolve};
use crate::roles::is_roman;

/// Longest mark, in characters: `[Footnote 123]`.
const MARK_CHARS: usize = 16;

/// Nodes that are looked at for a mark.
const MARK_NODES: usize = 64;

/// Levels above a link or a target that are looked at.
const LEVELS: usize = 32;

/// What a node has to do with notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The mark of the note of this key; the key is empty if the note is not found.
    Reference(String),
    /// The way back from a note.
    BackLink,
    /// A note.
    Note {
        /// What references name.
        key: String,
        /// Whether there is a reference.
        referenced: bool,
    },
}

/// A document and its path in the book.
pub(crate) struct Linked<'a> {
    pub(crate) path: &'a str,
    pub(crate) dom: &'a Dom,
}

/// Finds the notes, marks and ways back of all documents of a book; one map for each, in their order.
pub(crate) fn find_notes(documents: &[Linked<'_>]) -> Vec<HashMap<NodeId, Mark>> {
    let mut finder = Finder { documents, notes: Vec::new(), links: Vec::new(), ids: Vec::new() };
    finder.survey();
    finder.marks()
}

/// A link inside the book.
struct Link {
    document: usize,
    node: NodeId,
    target: Option<Target>,
    told: Told,
}

/// A node and the number of its document.
type Place = (usize, NodeId);

/// A mark, and its note if that is found.
struct Reference {
    mark: Place,
    note: Option<Place>,
}

/// What the markup says about a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Reference,
    BackLink,
}

struct Finder<'a> {
    documents: &'a [Linked<'a>],
    /// Notes, by document: what the markup calls one, then what marks point at.
    notes: Vec<HashSet<NodeId>>,
    links: Vec<Link>,
    ids: Vec<HashMap<&'a str, NodeId>>,
}

impl<'a> Finder<'a> {
    fn survey(&mut self) {
        for (number, document) in self.documents.iter().enumerate() {
            let (mut notes, mut ids) = (HashSet::new(), HashMap::new());
            for node in document.dom.descendants(Dom::ROOT) {
                let Some(element) = document.dom.element(node) else { continue };
                let is_link = &*element.name == "a";
                let name = element.attribute("name").filter(|_| is_link);
                for id in element.attribute("id").into_iter().chain(name) {
                    ids.entry(id).or_insert(node);
                }
                let meanings = Meanings::of(element);
                let says_so = element.attribute("epub:type").or(element.attribute("role")).is_some();
                if !is_link && meanings.has(Meaning::Note) && (says_so || Tag::of(&element.name).is_block()) {
                    notes.insert(node);
                }
                let told = match () {
                    () if meanings.has(Meaning::NoteReference) => Told::Reference,
                    () if meanings.has(Meaning::BackLink) => Told::BackLink,
                    () => Told::Nothing,
                };
                let href = element.attribute("href").filter(|_| is_link);
                if href.is_some() || told != Told::Nothing && !holds_link(document.dom, node) {
                    let target = href.and_then(|href| resolve(document.path, href).ok());
                    self.links.push(Link { document: number, node, target, told });
                }
            }
            self.notes.push(notes);
            self.ids.push(ids);
        }
    }

    fn marks(mut self) -> Vec<HashMap<NodeId, Mark>> {
        let paths: HashMap<&str, usize> =
            self.documents.iter().enumerate().map(|(n, d)| (d.path, n)).collect();
        let links = std::mem::take(&mut self.links);
        let mut references = Vec::new();
        for link in &links {
            if self.enclosing_note(link.document, link.node).is_some() || link.told == Told::BackLink {
                continue;
            }
            let target = link.target.as_ref().and_then(|target| {
                let document = *paths.get(target.path.as_str())?;
                let node = *self.ids[document].get(target.fragment.as_deref()?)?;
                Some((document, node))
            });
            references.extend(self.reference(link, target));
        }
        let referenced: HashSet<Place> = references.iter().filter_map(|r| r.note).collect();
        let mut marks: Vec<HashMap<NodeId, Mark>> = self.documents.iter().map(|_| HashMap::new()).collect();
        for Reference { mark: (document, node), note } in references {
            let key = note.map(|(document, node)| key(document, node)).unwrap_or_default();
            marks[document].insert(node, Mark::Reference(key));
        }
        for link in &links {
            let in_note = self.enclosing_note(link.document, link.node).is_some();
            if link.told == Told::BackLink || in_note && self.is_way_back(link) {
                marks[link.document].insert(link.node, Mark::BackLink);
            }
        }
        for (document, notes) in self.notes.iter().enumerate() {
            for node in notes {
                let referenced = referenced.contains(&(document, *node));
                marks[document].insert(*node, Mark::Note { key: key(document, *node), referenced });
            }
        }
        marks
    }

    /// The node that is a mark because of this link, and its note.
    fn reference(&mut self, link: &Link, target: Option<Place>) -> Option<Reference> {
        let dom = self.documents[link.document].dom;
        let text = short_text(dom, link.node)?;
        let mark = sign(&text)?;
        let mut told = link.told == Told::Reference;
        // `<sup>[<a>1</a>]</sup>`: the mark is the outermost element that holds nothing else.
        let mut outermost = link.node;
        let mut raised = text != mark || !mark.chars().all(char::is_alphanumeric) || has_sup(dom, link.node);
        for up in dom.ancestors(link.node).take(LEVELS) {
            let Some(element) = dom.element(up) else { break };
            let holds_only_the_mark = short_text(dom, up).as_deref().and_then(sign).as_ref() == Some(&mark);
            if Tag::of(&element.name) != Tag::Inline || !holds_only_the_mark {
                break;
            }
            raised |= &*element.name == "sup" || element.words("class").any(|c| c.contains("super"));
            told |= Meanings::of(element).has(Meaning::NoteReference);
            outermost = up;
        }
        let Some((document, node)) = target else {
            return told.then_some(Reference { mark: (link.document, outermost), note: None });
        };
        let known = self.enclosing_note(document, node);
        let note = match known {
            Some(note) => Some(note),
            None if told || raised => self.block_of_note(document, node).filter(|block| {
                (document, *block) != (link.document, self.block(link.document, link.node))
                    && (told || self.begins_with(document, *block, &mark))
            }),
            None => None,
        };
        match note {
            Some(note) => {
                self.notes[document].insert(note);
                Some(Reference { mark: (link.document, outermost), note: Some((document, note)) })
            }
            None => told.then_some(Reference { mark: (link.document, outermost), note: None }),
        }
    }

    fn enclosing_note(&self, document: usize, node: NodeId) -> Option<NodeId> {
        let notes = &self.notes[document];
        if notes.is_empty() {
            return None;
        }
        let dom = self.documents[document].dom;
        std::iter::once(node).chain(dom.ancestors(node)).take(LEVELS).find(|node| notes.contains(node))
    }

    /// The nearest block around a node.
    fn block(&self, document: usize, node: NodeId) -> NodeId {
        let dom = self.documents[document].dom;
        let mut up = std::iter::once(node).chain(dom.ancestors(node)).take(LEVELS);
        up.find(|node| Tag::of(dom.name(*node)).is_block()).unwrap_or(node)
    }

    /// The block that is a note if a mark points at `node`; never as much as a section.
    fn block_of_note(&self, document: usize, node: NodeId) -> Option<NodeId> {
        let dom = self.documents[document].dom;
        let block = self.block(document, node);
        let item = dom.parent(block).filter(|up| {
            matches!(dom.name(*up), "li" | "dd")
                && dom.children(*up).find(|c| dom.element(*c).is_some()) == Some(block)
        });
        let note = item.unwrap_or(block);
        matches!(dom.name(note), "p" | "li" | "dd" | "dt" | "div" | "aside" | "td" | "tr").then_some(note)
    }

    fn begins_with(&self, document: usize, block: NodeId, mark: &str) -> bool {
        let mut head = String::new();
        let dom = self.documents[document].dom;
        for node in dom.descendants(block).take(MARK_NODES) {
            if let NodeData::Text(text) = dom.data(node) {
                head.push_str(text);
            }
            if head.trim_start().chars().count() > MARK_CHARS {
                break;
            }
        }
        let head = head.trim_start().trim_start_matches(['[', '(', '{']).trim_start();
        // The number of an item in an ordered list is said by the list, not by the text.
        let rest = match head.strip_prefix(mark) {
            Some(rest) => rest,
            None => return dom.name(block) == "li",
        };
        !rest.starts_with(|c: char| c.is_alphanumeric() && mark.ends_with(char::is_alphanumeric))
    }

    fn is_way_back(&self, link: &Link) -> bool {
        let text = short_text(self.documents[link.document].dom, link.node);
        let arrow = |c: char| matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2900}'..='\u{297f}' | '^' | '\u{fe0e}' | '\u{fe0f}');
        link.target.is_some()
            && text.is_some_and(|t| !t.is_empty() && t.chars().all(arrow) || sign(&t).is_some())
    }
}

fn key(document: usize, node: NodeId) -> String {
    format!("{document}:{node:?}")
}

fn has_sup(dom: &Dom, node: NodeId) -> bool {
    dom.descendants(node).take(MARK_NODES).any(|n| dom.name(n) == "sup")
}

fn holds_link(dom: &Dom, node: NodeId) -> bool {
    dom.descendants(node).take(MARK_NODES).any(|n| dom.name(n) == "a")
}

/// The trimmed text of a subtree if it is as short as a mark.
fn short_text(dom: &Dom, node: NodeId) -> Option<String> {
    let mut all = String::new();
    for (number, node) in dom.descendants(node).enumerate() {
        if let NodeData::Text(text) = dom.data(node) {
            all.push_str(text.trim_matches(['\n', ' ', '\t']));
        }
        if all.len() > MARK_CHARS * 4 || number > MARK_NODES {
            return None;
        }
    }
    let text = all.trim();
    (text.chars().count() <= MARK_CHARS).then(|| text.to_owned())
}

/// The sign of a mark without brackets and the word "note": `[12]` is `12`. `None` for anything else.
fn sign(text: &str) -> Option<String> {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || "[](){}.:".contains(c));
    let lower = bare.to_lowercase();
    let word = ["footnote", "endnote", "note", "fn"].into_iter().find(|word| lower.starts_with(word));
    let bare =
        word.and_then(|word| bare.get(word.len()..)).unwrap_or(bare).trim_start_matches(['.', ' ', '\u{a0}']);
    let count = bare.chars().count();
    let digit = |c: char| c.is_ascii_digit() || matches!(c, '¹' | '²' | '³' | '⁰' | '⁴'..='⁹');
    let symbol = |c: char| "*†‡§¶‖∗※⁂#°".contains(c);
    let is_sign = match count {
        0 => false,
        1 if bare.chars().all(char::is_alphabetic) => bare.chars().all(|c| c.is_ascii_lowercase()),
        _ => count <= 4 && (bare.chars().all(digit) || bare.chars().all(symbol) || is_roman(bare)),
    };
    is_sign.then(|| bare.to_owned())
}
