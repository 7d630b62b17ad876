//! For whom a package of a lock is installed at all.
//!
//! A package says for which fork it is, and not who needs it: `colorama` stands there for everyone, and only Windows
//! asks for it. So the markers are followed from the projects of the lock along what asks for what, or every lock
//! would lack wheels of packages that nobody installs there.

use std::collections::{HashMap, VecDeque};

use pep508_rs::{ExtraName, MarkerExpression, MarkerTree};

use super::schema::{Dependency, Package};
use crate::input::requirement;

/// Steps along the edges; a lock of a thousand packages takes some ten thousand.
const MAX_STEPS: usize = 1_000_000;

/// A package, or what one of its extras adds.
type Node<'a> = (usize, Option<&'a str>);

/// The marker of each package: true where nothing is known to ask for it.
pub(super) fn markers(packages: &[Package]) -> Vec<MarkerTree> {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, package) in packages.iter().enumerate() {
        by_name.entry(package.name.get_ref()).or_default().push(index);
    }
    let mut reach = Reach { packages, by_name, markers: HashMap::new(), open: VecDeque::new() };
    for (index, package) in packages.iter().enumerate().filter(|(_, package)| package.is_project()) {
        reach.add((index, None), MarkerTree::TRUE);
        for extra in package.optional_dependencies.keys() {
            reach.add((index, Some(extra)), asked_for(extra));
        }
    }
    reach.follow();
    let reached = |index| reach.markers.get(&(index, None)).cloned().unwrap_or(MarkerTree::TRUE);
    (0..packages.len()).map(reached).collect()
}

struct Reach<'a> {
    packages: &'a [Package],
    by_name: HashMap<&'a str, Vec<usize>>,
    markers: HashMap<Node<'a>, MarkerTree>,
    /// Nodes whose marker has grown since their edges were followed.
    open: VecDeque<Node<'a>>,
}

impl<'a> Reach<'a> {
    fn add(&mut self, node: Node<'a>, marker: MarkerTree) {
        let known = self.markers.entry(node).or_insert(MarkerTree::FALSE);
        let before = known.clone();
        known.or(marker);
        if *known != before && !self.open.contains(&node) {
            self.open.push_back(node);
        }
    }

    fn follow(&mut self) {
        let packages = self.packages;
        for _ in 0..MAX_STEPS {
            let Some((index, extra)) = self.open.pop_front() else { return };
            let marker = self.markers.get(&(index, extra)).cloned().unwrap_or(MarkerTree::FALSE);
            let package = &packages[index];
            match extra {
                None => {
                    let always =
                        package.dependencies.iter().chain(package.dev_dependencies.values().flatten());
                    always.for_each(|dependency| self.edge(&marker, dependency));
                }
                Some(extra) => {
                    let added = package.optional_dependencies.get(extra);
                    added.into_iter().flatten().for_each(|dependency| self.edge(&marker, dependency));
                }
            }
        }
    }

    fn edge(&mut self, from: &MarkerTree, dependency: &'a Dependency) {
        let mut marker =
            requirement::marker(dependency.marker.as_deref().unwrap_or_default()).unwrap_or(MarkerTree::TRUE);
        marker.and(from.clone());
        let packages = self.packages;
        let meant: Vec<usize> = self.by_name.get(dependency.name.as_str()).cloned().unwrap_or_default();
        let is_meant =
            |index: &usize| dependency.version.is_none() || dependency.version == packages[*index].version;
        for index in meant.into_iter().filter(is_meant) {
            self.add((index, None), marker.clone());
            for extra in &dependency.extra {
                self.add((index, Some(extra)), marker.clone());
            }
        }
    }
}

impl Package {
    /// Whether it is a project that the lock is of, and not something that one needs.
    fn is_project(&self) -> bool {
        self.source.as_ref().is_some_and(|source| source.editable.is_some() || source.virtual_.is_some())
    }
}

/// The marker of an extra of a project, which is installed when it is asked for.
fn asked_for(extra: &str) -> MarkerTree {
    use pep508_rs::{ExtraOperator, MarkerValueExtra};
    match extra.parse::<ExtraName>() {
        Ok(name) => MarkerTree::expression(MarkerExpression::Extra {
            operator: ExtraOperator::Equal,
            name: MarkerValueExtra::Extra(name),
        }),
        Err(_) => MarkerTree::TRUE,
    }
}
