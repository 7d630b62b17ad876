//! The table of contents: the navigation document of EPUB 3 or the NCX of EPUB 2, as one flat list.

use std::collections::HashMap;

use crate::SectionRole;
use crate::dom::{Dom, NodeId, Step};
use crate::href::{Target, resolve};
use crate::roles::{is_number, role_by_title};

/// Entries of a table of contents that are looked at. Books by the thousand pages have some hundreds.
const MAX_ENTRIES: usize = 10_000;

/// An entry of the table of contents, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// White space collapsed.
    pub(super) label: String,
    /// What it points at; a heading of the contents alone points at nothing.
    pub(super) target: Option<Target>,
    /// 0 for the outermost.
    pub(super) depth: usize,
}

/// What a navigation document holds.
#[derive(Debug, Default)]
pub(super) struct Navigation {
    pub(super) entries: Vec<Entry>,
    /// Landmarks: type and what it points at.
    pub(super) landmarks: Vec<(String, Target)>,
}

/// Reads a navigation document that stands at `path`.
pub(super) fn read_nav(dom: &Dom, path: &str) -> Navigation {
    let navs: Vec<NodeId> = dom.descendants(Dom::ROOT).filter(|n| dom.name(*n) == "nav").collect();
    let of_type = |wanted: &str| {
        let is_wanted = |n: &&NodeId| {
            let element = dom.element(**n);
            element.is_some_and(|e| e.words("epub:type").any(|t| t == wanted))
        };
        navs.iter().find(is_wanted).copied()
    };
    let toc = of_type("toc").or_else(|| {
        let untyped = navs.iter().find(|n| dom.attribute(**n, "epub:type").is_none());
        untyped.copied()
    });
    Navigation {
        entries: toc.map(|nav| nav_entries(dom, nav, path)).unwrap_or_default(),
        landmarks: of_type("landmarks").map(|nav| landmarks(dom, nav, path)).unwrap_or_default(),
    }
}

fn nav_entries(dom: &Dom, nav: NodeId, path: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut depth = 0_usize;
    let mut labelled = Vec::new();
    for step in dom.walk(nav) {
        if entries.len() == MAX_ENTRIES {
            break;
        }
        match step {
            Step::Enter(node) => match dom.name(node) {
                "li" => {
                    depth += 1;
                    labelled.push(false);
                }
                "a" | "span" if labelled.last() == Some(&false) => {
                    // A span may hold the link, or be the label.
                    let link = if dom.name(node) == "a" { Some(node) } else { dom.find(node, "a") };
                    let target = link.and_then(|a| resolve(path, dom.attribute(a, "href")?).ok());
                    entries.push(Entry { label: label(dom, node), target, depth: depth.saturating_sub(1) });
                    if let Some(last) = labelled.last_mut() {
                        *last = true;
                    }
                }
                _ => {}
            },
            Step::Leave(node) if dom.name(node) == "li" => {
                depth = depth.saturating_sub(1);
                labelled.pop();
            }
            Step::Leave(_) => {}
        }
    }
    entries
}

fn landmarks(dom: &Dom, nav: NodeId, path: &str) -> Vec<(String, Target)> {
    let links = dom.descendants(nav).filter(|n| dom.name(*n) == "a");
    links
        .filter_map(|a| {
            let target = resolve(path, dom.attribute(a, "href")?).ok()?;
            Some((dom.attribute(a, "epub:type")?.to_ascii_lowercase(), target))
        })
        .collect()
}

/// Reads an NCX that stands at `path`.
pub(super) fn read_ncx(dom: &Dom, path: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let Some(map) = dom.find(Dom::ROOT, "navMap") else { return entries };
    for step in dom.walk(map) {
        if entries.len() == MAX_ENTRIES {
            break;
        }
        match step {
            Step::Enter(node) => match dom.name(node) {
                "navPoint" => {
                    entries.push(Entry { label: String::new(), target: None, depth: open.len() });
                    open.push(entries.len() - 1);
                }
                "navLabel" => {
                    if let Some(entry) = open.last().and_then(|n| entries.get_mut(*n)) {
                        entry.label = label(dom, node);
                    }
                }
                "content" => {
                    if let Some(entry) = open.last().and_then(|n| entries.get_mut(*n)) {
                        entry.target = dom.attribute(node, "src").and_then(|src| resolve(path, src).ok());
                    }
                }
                _ => {}
            },
            Step::Leave(node) if dom.name(node) == "navPoint" => {
                open.pop();
            }
            Step::Leave(_) => {}
        }
    }
    entries
}

fn label(dom: &Dom, node: NodeId) -> String {
    dom.text(node).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A chapter that the table of contents names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContentsChapter {
    pub(super) title: String,
    pub(super) target: Target,
    /// Whether chapters are nested in it.
    pub(super) is_part: bool,
}

/// The entries that are chapters of an audiobook. All of the outermost level are; those inside a part are, but
/// sections inside a chapter belong to it.
pub(super) fn chapters(entries: &[Entry]) -> Vec<ContentsChapter> {
    let mut chapters = Vec::new();
    // For each open level, whether its entries are chapters.
    let mut levels: Vec<bool> = vec![true];
    let mut at_depth: HashMap<usize, usize> = HashMap::new();
    for entry in entries {
        *at_depth.entry(entry.depth).or_default() += 1;
    }
    for (number, entry) in entries.iter().enumerate() {
        levels.truncate(entry.depth + 1);
        // A level that skips a number has no parent to ask.
        levels.resize(entry.depth + 1, true);
        let is_chapter = levels[entry.depth];
        let children: Vec<&Entry> = entries[number + 1..]
            .iter()
            .take_while(|e| e.depth > entry.depth)
            .filter(|e| e.depth == entry.depth + 1)
            .collect();
        let is_alone = at_depth.get(&entry.depth) == Some(&1);
        let is_part = is_chapter && !children.is_empty() && (is_alone || holds_chapters(entry, &children));
        levels.push(is_part);
        if is_chapter && let Some(target) = &entry.target {
            chapters.push(ContentsChapter { title: entry.label.clone(), target: target.clone(), is_part });
        }
    }
    chapters
}

fn holds_chapters(parent: &Entry, children: &[&Entry]) -> bool {
    let role = role_by_title(&parent.label);
    let child_is_chapter = |child: &&&Entry| {
        let first = child
            .label
            .split(|c: char| c.is_whitespace() || matches!(c, '.' | ':'))
            .next()
            .unwrap_or_default();
        // `1.2 Methods` is a section, `1. The Sea` a chapter.
        let is_section =
            child.label.split_whitespace().next().is_some_and(|w| w.trim_end_matches('.').contains('.'));
        role_by_title(&child.label) == Some(SectionRole::Chapter) || is_number(first) && !is_section
    };
    let Some(target) = &parent.target else { return true };
    match role {
        Some(SectionRole::Part) => true,
        _ if children.iter().any(|child| child_is_chapter(&child)) => true,
        Some(SectionRole::Chapter) => false,
        _ => children.iter().any(|c| c.target.as_ref().is_some_and(|t| t.path != target.path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(depth: usize, label: &str, href: &str) -> Entry {
        Entry { label: label.into(), target: resolve("", href).ok().filter(|_| !href.is_empty()), depth }
    }

    fn titles(entries: &[Entry]) -> Vec<String> {
        chapters(entries).into_iter().map(|c| c.title).collect()
    }

    #[test]
    fn parts_hold_chapters_and_chapters_hold_sections() {
        let entries = [
            entry(0, "Preface", "p.xhtml"),
            entry(0, "Part One", "a.xhtml"),
            entry(1, "The Sea", "a.xhtml#c1"),
            entry(2, "Salt", "a.xhtml#c1s1"),
            entry(1, "The Land", "a.xhtml#c2"),
            entry(0, "A Heading of the Contents", ""),
            entry(1, "Clay", "b.xhtml"),
            entry(0, "Chapter 9", "c.xhtml"),
            entry(1, "9.1 Methods", "c2.xhtml"),
        ];
        assert_eq!(titles(&entries), ["Preface", "Part One", "The Sea", "The Land", "Clay", "Chapter 9"]);
    }

    #[test]
    fn a_contents_page_of_one_root_gives_its_children() {
        let entries =
            [entry(0, "The Whole Book", "a.html"), entry(1, "Sea", "a.html#1"), entry(1, "Land", "a.html#2")];
        assert_eq!(titles(&entries), ["The Whole Book", "Sea", "Land"]);
        assert!(chapters(&entries)[0].is_part);
    }
}
