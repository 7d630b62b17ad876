//! Who asks for a distribution, whose word is the strictest, and what to pin. The lessons of the engines' own conflicts
//! as words.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use pep440_rs::Version;
use pep508_rs::PackageName;
use serde::Serialize;

use crate::{
    IndexFiles, Packages, Question, Subject, Target, knowledge,
    rules::{
        Edge, Graph, THE_USER, compact, first_target, joined, leaves_nothing, looseness, plain, range,
        satisfies,
    },
    wheels::WheelName,
};

/// What the conflicts of the engines have taught.
const LESSON: &str = "Begin with the strictest constraint and let the others follow; keep one wheel of a name in a wheel \
                      folder; and never force a version against a dependency: `--no-deps` hides a conflict until \
                      the import.";

/// Everything that is known of one distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The distribution.
    pub name: String,
    /// Its versions that are there.
    pub there: Vec<String>,
    /// Who asks for it, the strictest first.
    pub asked: Vec<Ask>,
    /// All that is asked for at once; empty where nobody asks for a range.
    pub together: String,
    /// What to pin.
    pub pin: Pinned,
    /// What it teaches.
    pub lesson: String,
}

/// One who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ask {
    /// Who: `torchtune 0.3.0`; the user where the distribution was asked for by name.
    pub by: String,
    /// What: `numpy<=1.26.4`.
    pub requirement: String,
    /// The marker that makes it hold, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// The extra of the asker that makes it hold, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<String>,
    /// How the asker came to be there: from what nobody asks for down to the asker.
    pub path: Vec<String>,
    /// Whether what is there meets it.
    pub met: bool,
    /// Whether the asker needs it without declaring it.
    pub undeclared: bool,
}

/// What to pin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Pinned {
    /// What is there suits all.
    Keep {
        /// Its version.
        version: String,
    },
    /// The highest known version that suits all.
    Change {
        /// The version.
        version: String,
    },
    /// Some version may suit all; which there are is not known without an index.
    Range {
        /// The range.
        range: String,
    },
    /// No version suits all who ask.
    Impossible {
        /// The requirements that exclude each other, the strictest first.
        between: Vec<String>,
    },
}

/// Explains a distribution; `None` if it is neither there nor asked for.
#[must_use]
pub fn explain(subject: &Subject, name: &PackageName, question: &Question<'_>) -> Option<Explanation> {
    let target = first_target(subject, question);
    let graph = graph_of(subject, &target);
    let there: Vec<&Version> = graph.named(name).filter_map(|node| node.version).collect();
    let mut edges: Vec<(Edge<'_, '_>, bool)> =
        graph.edges().filter(|edge| edge.requirement.name == *name).map(|edge| (edge, false)).collect();
    edges.extend(knowledge::undeclared().iter().filter(|fact| fact.requires.name == *name).flat_map(
        |fact| {
            let nodes = graph.named(&fact.package);
            let affected =
                nodes.filter(|node| node.version.is_some_and(|version| satisfies(version, &fact.versions)));
            affected.map(|node| (Edge { by: Some(node), requirement: &fact.requires, extra: None }, true))
        },
    ));
    if there.is_empty() && edges.is_empty() && graph.named(name).next().is_none() {
        return None;
    }
    edges.sort_by_cached_key(|(edge, _)| {
        (range(edge.requirement).map_or((5, None), looseness), edge.asker(), plain(edge.requirement))
    });
    let paths = paths(&graph);
    let asked = edges.iter().map(|(edge, undeclared)| Ask {
        by: edge.by.map_or_else(|| THE_USER.to_owned(), |node| node.label()),
        requirement: plain(edge.requirement),
        marker: edge.requirement.marker.try_to_string(),
        extra: edge.extra.map(ToString::to_string),
        path: edge.by.map(|node| path_to(&paths, node.name)).unwrap_or_default(),
        met: match range(edge.requirement) {
            Some(range) => there.iter().any(|version| satisfies(version, range)),
            None => !there.is_empty(),
        },
        undeclared: *undeclared,
    });
    let asked: Vec<Ask> = asked.collect();
    let together = joined(edges.iter().filter_map(|(edge, _)| range(edge.requirement)));
    let fitting = |version: &Version| satisfies(version, &together);
    let pin = if let Some(version) = there.iter().copied().filter(|version| fitting(version)).max() {
        Pinned::Keep { version: version.to_string() }
    } else if leaves_nothing(&together) {
        Pinned::Impossible { between: contradiction(&edges) }
    } else if let Some(version) = question.index.and_then(|index| highest(index, name, fitting)) {
        Pinned::Change { version: version.to_string() }
    } else {
        Pinned::Range { range: compact(&together) }
    };
    Some(Explanation {
        name: name.to_string(),
        there: there.iter().map(ToString::to_string).collect(),
        asked,
        together: compact(&together),
        pin,
        lesson: LESSON.to_owned(),
    })
}

pub(crate) fn graph_of<'a>(subject: &'a Subject, target: &Target) -> Graph<'a> {
    match &subject.packages {
        Packages::Environment(environment) => Graph::of_environment(environment),
        Packages::Lock(lock) => Graph::of_lock(lock, target),
        Packages::Wheels(folder) => Graph::of_wheels(folder, target),
        Packages::NoPython(_) => Graph::empty(target),
    }
}

/// For each distribution the one through which it is reached first from those that nobody asks for.
fn paths<'g>(graph: &'g Graph<'_>) -> BTreeMap<&'g PackageName, Option<&'g PackageName>> {
    let mut children: BTreeMap<&PackageName, Vec<&PackageName>> = BTreeMap::new();
    let mut wanted: BTreeSet<&PackageName> = BTreeSet::new();
    for edge in graph.edges() {
        let Some(node) = edge.by else { continue };
        if *node.name != edge.requirement.name {
            children.entry(node.name).or_default().push(&edge.requirement.name);
            wanted.insert(&edge.requirement.name);
        }
    }
    let mut from = BTreeMap::new();
    let roots: Vec<_> =
        graph.nodes.iter().map(|node| node.name).filter(|name| !wanted.contains(name)).collect();
    let mut waiting: VecDeque<&PackageName> = VecDeque::new();
    for root in roots.into_iter().chain(graph.nodes.iter().map(|node| node.name)) {
        // The second half are those that only a circle leads to.
        if !from.contains_key(root) {
            from.insert(root, None);
            waiting.push_back(root);
        }
        while let Some(name) = waiting.pop_front() {
            for &child in children.get(name).into_iter().flatten() {
                from.entry(child).or_insert_with(|| {
                    waiting.push_back(child);
                    Some(name)
                });
            }
        }
    }
    from
}

fn path_to(paths: &BTreeMap<&PackageName, Option<&PackageName>>, name: &PackageName) -> Vec<String> {
    let mut path = vec![name.to_string()];
    let mut current = name;
    while let Some(Some(parent)) = paths.get(current) {
        path.push(parent.to_string());
        current = parent;
    }
    path.reverse();
    path
}

/// Two requirements that exclude each other; all of them where it takes more than two.
fn contradiction(edges: &[(Edge<'_, '_>, bool)]) -> Vec<String> {
    let told = |edge: &Edge<'_, '_>| format!("{}, by {}", plain(edge.requirement), edge.asker());
    let ranged: Vec<_> =
        edges.iter().filter_map(|(edge, _)| range(edge.requirement).map(|range| (edge, range))).collect();
    for (index, (first, a)) in ranged.iter().enumerate() {
        let opponent = ranged[index + 1..].iter().find(|(_, b)| leaves_nothing(&joined([*a, *b])));
        if let Some((second, _)) = opponent {
            return vec![told(first), told(second)];
        }
    }
    ranged.iter().map(|(edge, _)| told(edge)).collect()
}

/// The highest version of an index that suits: no pre-release, nothing that was taken back.
fn highest(
    index: &dyn IndexFiles,
    name: &PackageName,
    fitting: impl Fn(&Version) -> bool,
) -> Option<Version> {
    let files = index.files(name)?.iter().filter(|file| !file.yanked);
    files
        .filter_map(|file| match file.name.parse::<WheelName>() {
            Ok(wheel) => Some(wheel.version),
            Err(_) => crate::wheels::source_version(&file.name, name),
        })
        .filter(|version| !version.any_prerelease() && fitting(version))
        .max()
}
