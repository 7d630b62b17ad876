//! Chapters by headings, for documents without a table of contents.

use super::Tag;
use super::meanings::{Meaning, Meanings};
use crate::SectionRole;
use crate::dom::{Dom, NodeId, Step};
use crate::roles::role_by_title;

/// The headings that start chapters: those of the highest level that occurs more than once, and the level below
/// where that one is of parts. Headings above start chapters too (the book's title, say). None, if the document
/// is one chapter.
pub(crate) fn chapter_headings(dom: &Dom) -> Vec<NodeId> {
    let headings = headings(dom);
    let at = |level: u8| headings.iter().filter(move |(_, l)| *l == level).map(|(node, _)| *node);
    let Some(mut chapter_level) = (1..=6).find(|level| at(*level).count() > 1) else { return Vec::new() };
    let parts = at(chapter_level).filter(|n| role_by_title(&dom.text(*n)) == Some(SectionRole::Part)).count();
    if parts * 2 >= at(chapter_level).count() {
        chapter_level =
            (chapter_level + 1..=6).find(|level| at(*level).next().is_some()).unwrap_or(chapter_level);
    }
    headings.into_iter().filter(|(_, level)| *level <= chapter_level).map(|(node, _)| node).collect()
}

/// Headings with text, outside of navigation and asides.
fn headings(dom: &Dom) -> Vec<(NodeId, u8)> {
    let mut headings = Vec::new();
    let mut outside: Option<NodeId> = None;
    for step in dom.walk(Dom::ROOT) {
        match step {
            Step::Enter(node) if outside.is_none() => {
                let Some(element) = dom.element(node) else { continue };
                let meanings = Meanings::of(element);
                match Tag::of(&element.name) {
                    Tag::Navigation | Tag::Machine | Tag::Table | Tag::Quotation => outside = Some(node),
                    _ if meanings.has(Meaning::Hidden) || &*element.name == "aside" => outside = Some(node),
                    Tag::Heading(level) if !dom.text(node).trim().is_empty() => headings.push((node, level)),
                    _ => {}
                }
            }
            Step::Leave(node) if outside == Some(node) => outside = None,
            _ => {}
        }
    }
    headings
}
