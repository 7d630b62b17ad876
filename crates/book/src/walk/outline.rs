//! The headings of a document, for those without a table of contents.

use super::Tag;
use super::meanings::{Meaning, Meanings};
use crate::dom::{Dom, NodeData, NodeId, Step};

/// A heading with text.
#[derive(Debug, Clone)]
pub(crate) struct Heading {
    pub(crate) node: NodeId,
    /// 1 is the highest.
    pub(crate) level: u8,
    /// White space collapsed.
    pub(crate) text: String,
    /// The text between the heading before, or the start, and this one; no more of it than a line.
    pub(crate) before: String,
}

/// Bytes of [`Heading::before`] that are kept: enough to tell an author's line from a paragraph.
const BEFORE_BYTES: usize = 256;

/// Headings outside of navigation, tables, quotations and asides, in order.
pub(crate) fn headings(dom: &Dom) -> Vec<Heading> {
    let mut headings = Vec::new();
    let mut before = String::new();
    // The element whose inside is not looked at.
    let mut passed_over: Option<NodeId> = None;
    for step in dom.walk(Dom::ROOT) {
        match step {
            Step::Enter(node) => match dom.data(node) {
                NodeData::Text(text) => {
                    let is_heading =
                        passed_over.is_some_and(|n| matches!(Tag::of(dom.name(n)), Tag::Heading(_)));
                    let is_machine = passed_over.is_some_and(|n| Tag::of(dom.name(n)) == Tag::Machine);
                    if !is_heading && !is_machine && before.len() < BEFORE_BYTES {
                        before.push_str(text);
                    }
                }
                NodeData::Element(element) if passed_over.is_none() => {
                    let is_aside = &*element.name == "aside" || Meanings::of(element).has(Meaning::Hidden);
                    match Tag::of(&element.name) {
                        Tag::Navigation | Tag::Machine | Tag::Table | Tag::Quotation => {
                            passed_over = Some(node)
                        }
                        _ if is_aside => passed_over = Some(node),
                        Tag::Heading(level) => {
                            passed_over = Some(node);
                            let text = dom.head_text(node).split_whitespace().collect::<Vec<_>>().join(" ");
                            if !text.is_empty() {
                                let before = std::mem::take(&mut before);
                                headings.push(Heading { node, level, text, before });
                            }
                        }
                        _ => {}
                    }
                }
                _ => {}
            },
            Step::Leave(node) if passed_over == Some(node) => passed_over = None,
            Step::Leave(_) => {}
        }
    }
    headings
}
