//! The numbers of list items. The file holds none: they are counted as the items come.

use std::collections::HashMap;

use super::styles::child;
use crate::dom::{Dom, NodeId};

/// Levels that a list can have (ECMA-376 part 1, section 17.9.6).
const LEVELS: usize = 9;

/// The lists of a document: for each, where its levels start to count; `None` has bullets.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    lists: HashMap<u32, [Option<u32>; LEVELS]>,
}

impl Numbering {
    pub(super) fn of(dom: &Dom) -> Self {
        let number = |id: NodeId, name: &str| dom.attribute(id, name)?.parse::<u32>().ok();
        let mut abstracts = HashMap::new();
        for definition in dom.descendants(Dom::ROOT).filter(|id| dom.name(*id) == "abstractNum") {
            let mut levels = [None; LEVELS];
            for level in dom.children(definition).filter(|id| dom.name(*id) == "lvl") {
                if let Some(slot) = number(level, "ilvl").and_then(|n| levels.get_mut(n as usize)) {
                    *slot = start(dom, level);
                }
            }
            abstracts.extend(number(definition, "abstractNumId").map(|id| (id, levels)));
        }
        let mut lists = HashMap::new();
        for list in dom.descendants(Dom::ROOT).filter(|id| dom.name(*id) == "num") {
            let definition = child(dom, list, "abstractNumId").and_then(|id| number(id, "val"));
            let mut levels = definition.and_then(|id| abstracts.get(&id)).copied().unwrap_or_default();
            for change in dom.children(list).filter(|id| dom.name(*id) == "lvlOverride") {
                let start = child(dom, change, "startOverride").and_then(|id| number(id, "val"));
                if let Some(Some(slot)) = number(change, "ilvl").and_then(|n| levels.get_mut(n as usize)) {
                    *slot = start.unwrap_or(*slot);
                }
            }
            lists.extend(number(list, "numId").map(|id| (id, levels)));
        }
        Self { lists }
    }
}

/// Where a level starts to count, unless it has bullets or nothing.
fn start(dom: &Dom, level: NodeId) -> Option<u32> {
    let value = |name: &str| child(dom, level, name).and_then(|id| dom.attribute(id, "val"));
    match value("numFmt") {
        Some("bullet" | "none") => None,
        _ => Some(value("start").and_then(|start| start.parse().ok()).unwrap_or(1)),
    }
}

/// Counts the items of the lists.
#[derive(Debug)]
pub(super) struct Counter<'a> {
    numbering: &'a Numbering,
    next: HashMap<u32, [Option<u32>; LEVELS]>,
}

impl<'a> Counter<'a> {
    pub(super) fn new(numbering: &'a Numbering) -> Self {
        Self { numbering, next: HashMap::new() }
    }

    /// The number of the next item of a list, if it has numbers.
    pub(super) fn count(&mut self, list: u32, level: u8) -> Option<u32> {
        let starts = self.numbering.lists.get(&list)?;
        let next = self.next.entry(list).or_insert(*starts);
        let level = usize::from(level).min(LEVELS - 1);
        // An item starts the levels below it again.
        next[level + 1..].copy_from_slice(&starts[level + 1..]);
        let number = next[level]?;
        next[level] = Some(number.saturating_add(1));
        Some(number)
    }
}
