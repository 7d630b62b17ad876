//! What leads to what: the tree of a subject from what nobody asks for, and for critical distributions the tree of
//! those who ask for them.

use std::collections::{BTreeMap, BTreeSet};

use pep508_rs::PackageName;
use serde::Serialize;

use crate::{
    Lock, Packages, Question, Subject,
    explain::graph_of,
    rules::{Graph, Met, first_target, plain},
};

/// The trees of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tree {
    /// From those that nobody asks for down. Empty when only critical ones were asked about.
    pub roots: Vec<Branch>,
    /// For each critical distribution who asks for it, up to those that nobody asks for.
    pub critical: Vec<Branch>,
}

/// One distribution in a tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Branch {
    /// The distribution.
    pub name: String,
    /// Its version; none if it is not there or left open.
    pub version: Option<String>,
    /// What leads here, as the asker writes it: `numpy<=1.26.4`. In the tree of a critical one, what this one asks for.
    pub requirement: Option<String>,
    /// Whether that is met.
    pub met: bool,
    /// Whether its branches stand elsewhere in the tree, or lead back to where they come from.
    pub seen: bool,
    /// What it leads to.
    pub branches: Vec<Branch>,
}

/// The tree of a subject; with `critical`, the trees of those who ask for these instead.
#[must_use]
pub fn tree(subject: &Subject, critical: &[PackageName], question: &Question<'_>) -> Tree {
    let target = first_target(subject, question);
    let graph = graph_of(subject, &target);
    let mut walk = Walk::new(&graph);
    if let Packages::Lock(lock) = &subject.packages {
        walk.add_comments(lock);
    }
    walk.sort();
    if critical.is_empty() {
        return Tree { roots: walk.roots(), critical: Vec::new() };
    }
    let critical = critical.iter().map(|name| walk.upwards(name, None, &mut BTreeSet::new())).collect();
    Tree { roots: Vec::new(), critical }
}

/// One requirement between two names.
struct Link {
    from: PackageName,
    to: PackageName,
    requirement: String,
    met: bool,
}

struct Walk {
    versions: BTreeMap<PackageName, Option<String>>,
    down: BTreeMap<PackageName, Vec<Link>>,
    up: BTreeMap<PackageName, Vec<Link>>,
}

impl Walk {
    fn new(graph: &Graph<'_>) -> Self {
        let versions = graph
            .nodes
            .iter()
            .map(|node| (node.name.clone(), node.version.map(ToString::to_string)))
            .collect();
        let mut walk = Self { versions, down: BTreeMap::new(), up: BTreeMap::new() };
        for edge in graph.edges() {
            let Some(node) = edge.by else { continue };
            // A distribution that asks for an extra of its own leads nowhere.
            if *node.name == edge.requirement.name {
                continue;
            }
            let link = || Link {
                from: node.name.clone(),
                to: edge.requirement.name.clone(),
                requirement: plain(edge.requirement),
                met: matches!(graph.meets(edge.requirement), Met::Yes),
            };
            walk.down.entry(node.name.clone()).or_default().push(link());
            walk.up.entry(edge.requirement.name.clone()).or_default().push(link());
        }
        walk
    }

    /// Adds what a lock says in comments (`# via`), which tells who asks and not for which versions.
    fn add_comments(&mut self, lock: &Lock) {
        for entry in &lock.entries {
            let by = entry.via.iter().filter_map(|name| name.parse::<PackageName>().ok());
            for from in by.filter(|from| *from != entry.name && self.versions.contains_key(from)) {
                let links = self.down.entry(from.clone()).or_default();
                if !self.versions.contains_key(&entry.name) || links.iter().any(|link| link.to == entry.name)
                {
                    continue;
                }
                let link = || Link {
                    from: from.clone(),
                    to: entry.name.clone(),
                    requirement: entry.name.to_string(),
                    met: true,
                };
                links.push(link());
                self.up.entry(entry.name.clone()).or_default().push(link());
            }
        }
    }

    fn sort(&mut self) {
        for links in self.down.values_mut() {
            links.sort_by(|a, b| (&a.to, &a.requirement).cmp(&(&b.to, &b.requirement)));
        }
        for links in self.up.values_mut() {
            links.sort_by(|a, b| (&a.from, &a.requirement).cmp(&(&b.from, &b.requirement)));
        }
    }

    fn roots(&self) -> Vec<Branch> {
        let mut seen = BTreeSet::new();
        let unasked = self.versions.keys().filter(|name| !self.up.contains_key(*name));
        let mut roots: Vec<Branch> = unasked.map(|name| self.downwards(name, None, &mut seen)).collect();
        // What only a circle leads to has no root of its own.
        for name in self.versions.keys() {
            if !seen.contains(name) {
                roots.push(self.downwards(name, None, &mut seen));
            }
        }
        roots
    }

    fn downwards(&self, name: &PackageName, by: Option<&Link>, seen: &mut BTreeSet<PackageName>) -> Branch {
        self.branch(name, by, seen, &self.down, |link| &link.to, Self::downwards)
    }

    fn upwards(&self, name: &PackageName, by: Option<&Link>, seen: &mut BTreeSet<PackageName>) -> Branch {
        self.branch(name, by, seen, &self.up, |link| &link.from, Self::upwards)
    }

    /// A branch whose links are walked unless the tree has them already: so a circle ends, and a large tree stays
    /// as long as there are links.
    fn branch(
        &self,
        name: &PackageName,
        by: Option<&Link>,
        seen: &mut BTreeSet<PackageName>,
        links: &BTreeMap<PackageName, Vec<Link>>,
        next: impl Fn(&Link) -> &PackageName,
        walk: impl Fn(&Self, &PackageName, Option<&Link>, &mut BTreeSet<PackageName>) -> Branch,
    ) -> Branch {
        let links = links.get(name).map(Vec::as_slice).unwrap_or_default();
        let first = seen.insert(name.clone());
        let branches = if first {
            links.iter().map(|link| walk(self, next(link), Some(link), seen)).collect()
        } else {
            Vec::new()
        };
        Branch {
            name: name.to_string(),
            version: self.versions.get(name).cloned().flatten(),
            requirement: by.map(|link| link.requirement.clone()),
            met: by.is_none_or(|link| link.met),
            seen: !first && !links.is_empty(),
            branches,
        }
    }
}
