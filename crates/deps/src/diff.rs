//! What differs between two environments, locks or wheel folders, and which of it matters.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use pep440_rs::Version;
use pep508_rs::PackageName;
use serde::Serialize;

use crate::{
    Question, Subject,
    explain::graph_of,
    rules::{Graph, first_target, plain},
};

/// What differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// What the second has and the first has not.
    pub added: Vec<Entry>,
    /// What the first has and the second has not.
    pub removed: Vec<Entry>,
    /// What both have in different versions.
    pub changed: Vec<Change>,
    /// What distributions that both have ask for differently, where the other one does not meet it.
    pub requirements: Vec<RequirementChange>,
}

/// One distribution of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The distribution.
    pub name: String,
    /// Its versions; one but for forks and doubles.
    pub versions: Vec<String>,
}

/// One distribution in two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The distribution.
    pub name: String,
    /// Versions of the first.
    pub from: Vec<String>,
    /// Versions of the second.
    pub to: Vec<String>,
    /// Which way it goes.
    pub direction: Direction,
}

/// Which way a version goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// To a higher version.
    Up,
    /// To a lower version.
    Down,
    /// Another build of the same version: `2.6.0+cu124` for `2.6.0+cpu`.
    Build,
    /// Several versions on a side.
    Unclear,
}

/// A requirement that only the second has, and that the first would not meet; or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequirementChange {
    /// Who asks.
    pub by: String,
    /// What was asked for in the first; none if nothing.
    pub from: Option<String>,
    /// What is asked for in the second; none if nothing.
    pub to: Option<String>,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What differs from `first` to `second`. Locks and folders are compared for the target of the question.
#[must_use]
pub fn diff(first: &Subject, second: &Subject, question: &Question<'_>) -> Diff {
    let (old_target, new_target) = (first_target(first, question), first_target(second, question));
    let (old, new) = (graph_of(first, &old_target), graph_of(second, &new_target));
    let (before, after) = (versions(&old), versions(&new));
    let entry = |name: &PackageName, versions: &BTreeSet<Version>| Entry {
        name: name.to_string(),
        versions: written(versions),
    };
    let mut diff = Diff::default();
    let names: BTreeSet<&PackageName> = before.keys().chain(after.keys()).copied().collect();
    for name in names {
        match (before.get(name), after.get(name)) {
            (None, Some(versions)) => diff.added.push(entry(name, versions)),
            (Some(versions), None) => diff.removed.push(entry(name, versions)),
            (Some(from), Some(to)) if from != to => diff.changed.push(Change {
                name: name.to_string(),
                from: written(from),
                to: written(to),
                direction: direction(from, to),
            }),
            _ => {}
        }
    }
    diff.requirements = requirement_changes(&old, &new);
    diff
}

fn versions<'a>(graph: &Graph<'a>) -> BTreeMap<&'a PackageName, BTreeSet<Version>> {
    let mut by_name: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for node in &graph.nodes {
        by_name.entry(node.name).or_default().extend(node.version.cloned());
    }
    by_name
}

fn written(versions: &BTreeSet<Version>) -> Vec<String> {
    versions.iter().map(ToString::to_string).collect()
}

fn direction(from: &BTreeSet<Version>, to: &BTreeSet<Version>) -> Direction {
    let (Some(old), Some(new), 1, 1) = (from.first(), to.first(), from.len(), to.len()) else {
        return Direction::Unclear;
    };
    match new.clone().without_local().cmp(&old.clone().without_local()) {
        Ordering::Greater => Direction::Up,
        Ordering::Less => Direction::Down,
        Ordering::Equal => Direction::Build,
    }
}

/// Requirements of distributions on both sides that changed and matter: the other side would not meet them, or they
/// are gone or new altogether.
fn requirement_changes(old: &Graph<'_>, new: &Graph<'_>) -> Vec<RequirementChange> {
    let (before, after) = (requirements(old), requirements(new));
    let mut changes = Vec::new();
    for (key, to) in &after {
        let from = before.get(key);
        let both = old.named(&key.0).next().is_some();
        if both && from.is_none_or(|from| from.text != to.text) && !to.met_by(old) {
            changes.push(change(key, from, Some(to)));
        }
    }
    for (key, from) in &before {
        let to = after.get(key);
        let both = new.named(&key.0).next().is_some();
        let told = changes.iter().any(|change| change.from.as_ref() == Some(&from.text));
        if both && !told && to.is_none_or(|to| from.text != to.text) && !from.met_by(new) {
            changes.push(change(key, Some(from), to));
        }
    }
    changes.sort_by(|a, b| (&a.by, &a.from, &a.to).cmp(&(&b.by, &b.from, &b.to)));
    changes
}

/// What one distribution asks of another.
struct Asked<'g> {
    text: String,
    requirements: Vec<&'g pep508_rs::Requirement>,
}

impl Asked<'_> {
    fn met_by(&self, graph: &Graph<'_>) -> bool {
        self.requirements.iter().all(|requirement| matches!(graph.meets(requirement), crate::rules::Met::Yes))
    }
}

fn change(
    (by, _): &(PackageName, PackageName),
    from: Option<&Asked<'_>>,
    to: Option<&Asked<'_>>,
) -> RequirementChange {
    let text = |asked: &Asked<'_>| asked.text.clone();
    RequirementChange { by: by.to_string(), from: from.map(text), to: to.map(text) }
}

fn requirements<'g>(graph: &'g Graph<'_>) -> BTreeMap<(PackageName, PackageName), Asked<'g>> {
    let mut asked: BTreeMap<_, Asked<'g>> = BTreeMap::new();
    for edge in graph.edges() {
        let Some(node) = edge.by else { continue };
        let key = (node.name.clone(), edge.requirement.name.clone());
        let entry =
            asked.entry(key).or_insert_with(|| Asked { text: String::new(), requirements: Vec::new() });
        let text = plain(edge.requirement);
        if !entry.requirements.iter().any(|known| plain(known) == text) {
            if !entry.text.is_empty() {
                entry.text.push_str(" and ");
            }
            entry.text.push_str(&text);
            entry.requirements.push(edge.requirement);
        }
    }
    asked
}
