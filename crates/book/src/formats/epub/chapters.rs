//! Where chapters start: the table of contents against the documents of the spine, and what to do with the
//! documents that it does not name.

use std::collections::{HashMap, HashSet};

use super::contents::ContentsChapter;
use super::document::Document;
use crate::assemble::ChapterStart;
use crate::dom::{Dom, NodeData, NodeId, Step};
use crate::roles::{matter_of, role_by_title};
use crate::walk::{Meanings, start_of};
use crate::{Matter, SectionRole};

/// Nodes at the head of a document among which its first text is looked for.
const OPENING_NODES: usize = 10_000;

/// The chapters that start in one document.
#[derive(Debug, Default)]
pub(super) struct Starts {
    /// One that starts with the document.
    pub(super) at_top: Option<ChapterStart>,
    /// Those that start inside of it.
    pub(super) inside: HashMap<Step, ChapterStart>,
    /// Whether the table of contents names the document.
    pub(super) is_named: bool,
}

/// Places the chapters of the table of contents in the documents.
pub(super) fn place(
    chapters: &[ContentsChapter],
    documents: &[Document],
    roles: &HashMap<String, SectionRole>,
    remarks: &mut Vec<String>,
) -> Vec<Starts> {
    let mut starts: Vec<Starts> = documents.iter().map(|_| Starts::default()).collect();
    let by_path: HashMap<&str, usize> =
        documents.iter().enumerate().map(|(n, d)| (d.path.as_str(), n)).collect();
    let wanted: HashSet<&str> = chapters.iter().filter_map(|c| c.target.fragment.as_deref()).collect();
    let mut known: HashMap<usize, (HashMap<&str, NodeId>, HashSet<NodeId>)> = HashMap::new();
    for chapter in chapters {
        let Some(number) = by_path.get(chapter.target.path.as_str()).copied() else {
            remarks.push(format!("the contents place \"{}\" outside of the reading order", chapter.title));
            continue;
        };
        let document = &documents[number];
        let (anchors, opening) = known
            .entry(number)
            .or_insert_with(|| (find_anchors(&document.dom, &wanted), opening(&document.dom)));
        let anchor = chapter.target.fragment.as_deref().and_then(|id| anchors.get(id)).copied();
        if chapter.target.fragment.is_some() && anchor.is_none() {
            let id = chapter.target.fragment.as_deref().unwrap_or_default();
            remarks.push(format!("{}: the contents name #{id}, which is not there", document.path));
        }
        let role = match anchor {
            Some(anchor) => section_of(&document.dom, anchor),
            None => document.role.or_else(|| roles.get(&document.path).copied()),
        };
        // A title tells more than a wrapper that calls everything a chapter.
        let role = match role_by_title(&chapter.title) {
            told @ Some(_) if matches!(role, None | Some(SectionRole::Chapter | SectionRole::Part)) => told,
            _ => role,
        };
        let role = if chapter.is_part { role.or(Some(SectionRole::Part)) } else { role };
        let title = Some(chapter.title.clone()).filter(|t| !t.is_empty());
        let matter = document.matter.filter(|_| role.is_none()).unwrap_or_else(|| matter_of(role));
        let start = ChapterStart { title, matter, role };
        let starts = &mut starts[number];
        starts.is_named = true;
        let step = anchor.map(|anchor| start_of(&document.dom, anchor));
        let starts_within = |step: &Step| !matches!(step, Step::Enter(node) if opening.contains(node));
        match step.filter(starts_within) {
            // Of several entries for one place the last is the innermost.
            Some(step) => drop(starts.inside.insert(step, start)),
            None if starts.at_top.is_some() && !chapter.is_part && anchor.is_none() => {}
            None => starts.at_top = Some(start),
        }
    }
    starts
}

/// What starts with a document that the table of contents does not name; `None` if it goes on with the chapter
/// before. `before` is the role of that chapter, if there is one.
pub(super) fn unnamed(
    role: Option<SectionRole>,
    before: Option<Option<SectionRole>>,
    is_skipped: impl Fn(SectionRole) -> bool,
) -> Option<ChapterStart> {
    let start = |role: Option<SectionRole>| ChapterStart { title: None, matter: matter_of(role), role };
    match (before, role) {
        // Before the first chapter: front matter, or a first chapter that the contents forgot.
        (None, role) => Some(start(role)),
        // What is not read must not take the text around it along, and the other way round.
        (Some(_), Some(role)) if is_skipped(role) => Some(start(Some(role))),
        (Some(Some(before)), role) if is_skipped(before) && !goes_on(before) => Some(start(role)),
        (Some(Some(before)), Some(role)) if is_skipped(before) && role != before => Some(start(Some(role))),
        // Each piece of front matter is its own.
        (Some(before), Some(role)) if matter_of(before) == Matter::Front && before != Some(role) => {
            Some(start(Some(role)))
        }
        _ => None,
    }
}

/// Sections that are often split over several documents.
fn goes_on(role: SectionRole) -> bool {
    use SectionRole as R;
    matches!(role, R::Index | R::Bibliography | R::Endnotes | R::Glossary | R::Contents)
}

fn find_anchors<'a>(dom: &'a Dom, wanted: &HashSet<&str>) -> HashMap<&'a str, NodeId> {
    let mut anchors = HashMap::new();
    for node in dom.descendants(Dom::ROOT) {
        let name = dom.attribute(node, "name").filter(|_| dom.name(node) == "a");
        for id in dom.attribute(node, "id").into_iter().chain(name).filter(|id| wanted.contains(id)) {
            anchors.entry(id).or_insert(node);
        }
    }
    anchors
}

/// The role of the innermost section around a node.
fn section_of(dom: &Dom, node: NodeId) -> Option<SectionRole> {
    std::iter::once(node)
        .chain(dom.ancestors(node))
        .take(64)
        .find_map(|n| Meanings::of(dom.element(n)?).section())
}

/// The nodes of a document that no text stands before; a chapter that starts there starts with the document.
fn opening(dom: &Dom) -> HashSet<NodeId> {
    let Some(body) = dom.find(Dom::ROOT, "body") else { return HashSet::new() };
    let is_text = |node: &NodeId| matches!(dom.data(*node), NodeData::Text(text) if !text.trim().is_empty());
    dom.descendants(body).take(OPENING_NODES).take_while(|node| !is_text(node)).collect()
}
