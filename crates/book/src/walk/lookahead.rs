//! Questions about an element that only its contents answer. Each looks no further than it must, so that
//! nested elements do not make the work grow with the square of the document.

use super::Tag;
use super::meanings::{Meaning, Meanings};
use crate::dom::{Dom, HEAD_NODES, NodeData, NodeId, Step};

/// Line breaks that make a paragraph verse.
const VERSE_BREAKS: usize = 2;

/// Longest line of verse that is not marked as such, in characters.
const VERSE_LINE: usize = 80;

/// Whether a table only places things on the page: it says so, or its cells hold what a row could not.
pub(super) fn is_layout(dom: &Dom, table: NodeId, meanings: &Meanings) -> bool {
    if meanings.has(Meaning::Presentation) {
        return true;
    }
    let mut paragraphs = 0;
    for node in dom.descendants(table).skip(1) {
        match Tag::of(dom.name(node)) {
            Tag::Table
            | Tag::Heading(_)
            | Tag::Quotation
            | Tag::OrderedList
            | Tag::BulletedList
            | Tag::Rule => {
                return true;
            }
            Tag::Cell => paragraphs = 0,
            Tag::Block if dom.name(node) == "p" => paragraphs += 1,
            _ => {}
        }
        if paragraphs > 1 {
            return true;
        }
    }
    false
}

/// Whether preformatted text is a listing and not, say, a poem.
pub(super) fn is_code(dom: &Dom, pre: NodeId, meanings: &Meanings) -> bool {
    meanings.has(Meaning::Code)
        || dom.children(pre).any(|child| matches!(dom.name(child), "code" | "samp" | "kbd" | "var" | "tt"))
}

/// Whether an element is a case of an `epub:switch` that has a default: one branch is shown, and the default is
/// the one that every reading system understands.
pub(super) fn has_default(dom: &Dom, case: NodeId) -> bool {
    dom.name(case) == "case"
        && dom.parent(case).is_some_and(|switch| {
            dom.name(switch) == "switch"
                && dom.children(switch).take(HEAD_NODES).any(|branch| dom.name(branch) == "default")
        })
}

/// Whether a block has a heading element in it.
pub(super) fn has_heading(dom: &Dom, block: NodeId) -> bool {
    dom.descendants(block)
        .skip(1)
        .take(HEAD_NODES)
        .any(|node| matches!(Tag::of(dom.name(node)), Tag::Heading(_)))
}

/// Whether a block is a few short lines parted by `<br>`, as verse, inscriptions and addresses are.
pub(super) fn is_verse(dom: &Dom, block: NodeId) -> bool {
    let (mut breaks, mut line) = (0, 0);
    let steps = dom.walk(block).skip(1).take_while(|step| *step != Step::Leave(block));
    for node in steps.filter_map(|step| if let Step::Enter(node) = step { Some(node) } else { None }) {
        match dom.data(node) {
            NodeData::Text(text) => {
                line += text.split_whitespace().map(|w| w.chars().count() + 1).sum::<usize>()
            }
            NodeData::Element(element) => match Tag::of(&element.name) {
                Tag::Break if line > 0 => (breaks, line) = (breaks + 1, 0),
                tag if tag.is_block() => return false,
                _ => {}
            },
            NodeData::Container => {}
        }
        if line > VERSE_LINE {
            return false;
        }
    }
    breaks >= VERSE_BREAKS && line > 0 || breaks > VERSE_BREAKS
}
