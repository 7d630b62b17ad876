//! Who asks for what: the one shape that environments, locks and wheel folders are judged in.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{ExtraName, PackageName, Requirement, VersionOrUrl};

use super::{Markers, lock_file, satisfies};
use crate::{
    Distribution, Environment, Lock, LockFile, Place, Provenance, Target, WheelFolder, knowledge,
    wheels::Tags,
};

/// Distributions and what they ask for, for one target.
pub(crate) struct Graph<'a> {
    pub(crate) nodes: Vec<Node<'a>>,
    pub(crate) markers: Markers,
    /// What was asked for by name, by the user and not by a distribution.
    pub(crate) requested: Vec<&'a Requirement>,
    by_name: BTreeMap<&'a PackageName, Vec<usize>>,
    /// Names that are left out for this target on purpose.
    excluded: BTreeSet<&'a PackageName>,
}

/// One distribution.
pub(crate) struct Node<'a> {
    pub(crate) name: &'a PackageName,
    /// Its version, if it is fixed.
    pub(crate) version: Option<&'a Version>,
    /// The range it is left open to, if it is not.
    pub(crate) range: Option<&'a VersionSpecifiers>,
    pub(crate) requires: Cow<'a, [Requirement]>,
    pub(crate) requires_python: Option<Cow<'a, VersionSpecifiers>>,
    /// Extras that somebody asks for.
    pub(crate) extras: BTreeSet<ExtraName>,
    /// Whether it is a project of one's own that a lock is made for.
    pub(crate) own: bool,
    /// Where it stands in a lock.
    pub(crate) place: Option<Place>,
}

/// One requirement that holds.
#[derive(Clone, Copy)]
pub(crate) struct Edge<'g, 'a> {
    /// Who asks; none is the user.
    pub(crate) by: Option<&'g Node<'a>>,
    pub(crate) requirement: &'g Requirement,
    /// The extra that makes it hold, if it takes one.
    pub(crate) extra: Option<&'g ExtraName>,
}

/// Who asks where no distribution does.
pub(crate) const THE_USER: &str = "the user's own list";

/// How a requirement is met.
pub(crate) enum Met {
    Yes,
    /// Nothing of that name is there.
    Missing,
    /// What is there is outside the range.
    Outside,
}

impl<'a> Graph<'a> {
    /// What is installed. A shadowed copy of a distribution counts for nothing: no import finds it.
    pub(crate) fn of_environment(environment: &'a Environment) -> Self {
        let nodes = environment.distributions.iter().filter(|found| !found.shadowed).map(Node::installed);
        Self::new(
            nodes.collect(),
            &environment.target,
            environment.requested.iter().collect(),
            BTreeSet::new(),
        )
    }

    /// The entries of a lock that are for a target. What the lock does not say about engine packages is known.
    pub(crate) fn of_lock(lock: &'a Lock, target: &Target) -> Self {
        let markers = Markers::of(target);
        let (active, inactive): (Vec<_>, Vec<_>) =
            lock.entries.iter().partition(|entry| markers.apply(&entry.marker, &[]));
        let nodes = active.iter().map(|entry| {
            let known = entry.version.as_ref().and_then(|version| knowledge::package(&entry.name, version));
            let said = entry.requires.as_deref();
            let requires = match (said, known) {
                (Some(said), Some(known)) => Cow::Owned([said, &known.requires].concat()),
                (Some(requires), None) => Cow::Borrowed(requires),
                (None, Some(known)) => Cow::Borrowed(known.requires.as_slice()),
                (None, None) => Cow::Borrowed(&[][..]),
            };
            let python = entry.requires_python.as_ref();
            Node {
                name: &entry.name,
                version: entry.version.as_ref(),
                range: entry.requirement.as_ref().and_then(range),
                requires,
                requires_python: python
                    .or(known.and_then(|known| known.requires_python.as_ref()))
                    .map(Cow::Borrowed),
                extras: entry.requirement.iter().flat_map(|asked| asked.extras.clone()).collect(),
                own: entry.provenance != Provenance::Index,
                place: entry.line.map(|_| lock_file::place(lock, entry)),
            }
        });
        let nodes = nodes.collect();
        let excluded = inactive.iter().map(|entry| &entry.name).collect();
        let requested = match lock.file {
            LockFile::Input => active.iter().filter_map(|entry| entry.requirement.as_ref()).collect(),
            LockFile::Requirements | LockFile::Pylock | LockFile::Uv => Vec::new(),
        };
        Self::new(nodes, target, requested, excluded)
    }

    /// The wheels of a folder that fit a target.
    pub(crate) fn of_wheels(folder: &'a WheelFolder, target: &Target) -> Self {
        let tags = Tags::of(target);
        let fits = |file_name: &str| match (&tags, file_name.parse()) {
            (Some(tags), Ok(wheel)) => tags.rank(&wheel).is_some(),
            _ => true,
        };
        let wheels = folder.wheels.iter().filter(|wheel| fits(&wheel.file_name));
        let nodes = wheels.map(|wheel| Node::installed(&wheel.distribution)).collect();
        Self::new(nodes, target, Vec::new(), BTreeSet::new())
    }

    /// Nothing at all.
    pub(crate) fn empty(target: &Target) -> Self {
        Self::new(Vec::new(), target, Vec::new(), BTreeSet::new())
    }

    fn new(
        nodes: Vec<Node<'a>>,
        target: &Target,
        requested: Vec<&'a Requirement>,
        excluded: BTreeSet<&'a PackageName>,
    ) -> Self {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, node) in nodes.iter().enumerate() {
            by_name.entry(node.name).or_default().push(index);
        }
        let mut graph = Self { nodes, markers: Markers::of(target), requested, by_name, excluded };
        graph.follow_extras();
        graph
    }

    /// `requests[socks]` makes `extra == "socks"` true in requests, which may ask for extras of others, or of its own.
    fn follow_extras(&mut self) {
        for requirement in self.requested.clone() {
            if self.markers.apply(&requirement.marker, &[]) {
                self.activate(requirement);
            }
        }
        let mut waiting: Vec<usize> = (0..self.nodes.len()).collect();
        while let Some(index) = waiting.pop() {
            let node = &self.nodes[index];
            let asked: Vec<Requirement> = node
                .requires
                .iter()
                .filter(|requirement| !requirement.extras.is_empty())
                .filter(|requirement| self.markers.apply(&requirement.marker, &node.extras))
                .cloned()
                .collect();
            for requirement in asked {
                waiting.extend(self.activate(&requirement));
            }
        }
    }

    /// Activates the extras that a requirement names, and gives the nodes for which one was new.
    fn activate(&mut self, requirement: &Requirement) -> Vec<usize> {
        let targets = self.by_name.get(&requirement.name).cloned().unwrap_or_default();
        let mut changed = Vec::new();
        for index in targets {
            let extras = &mut self.nodes[index].extras;
            let before = extras.len();
            extras.extend(requirement.extras.iter().cloned());
            if extras.len() > before {
                changed.push(index);
            }
        }
        changed
    }

    /// The nodes of a name.
    pub(crate) fn named(&self, name: &PackageName) -> impl Iterator<Item = &Node<'a>> {
        self.by_name.get(name).into_iter().flatten().map(|&index| &self.nodes[index])
    }

    /// Whether entries of that name are kept from this target by their markers.
    pub(crate) fn excludes(&self, name: &PackageName) -> bool {
        self.excluded.contains(name)
    }

    /// What one node asks for.
    pub(crate) fn asks<'g>(&'g self, node: &'g Node<'a>) -> impl Iterator<Item = Edge<'g, 'a>> {
        node.requires.iter().filter(|requirement| self.markers.apply(&requirement.marker, &node.extras)).map(
            |requirement| Edge {
                by: Some(node),
                requirement,
                extra: self.markers.extra_of(&requirement.marker, &node.extras),
            },
        )
    }

    /// What is needed here: all that the roots lead to. Roots are projects of one's own, or else what nobody asks for.
    pub(crate) fn needed(&self) -> BTreeSet<(PackageName, Option<Version>)> {
        let asked: BTreeSet<&PackageName> = self.edges().map(|edge| &edge.requirement.name).collect();
        let own = self.nodes.iter().any(|node| node.own);
        let is_root = |node: &Node<'a>| if own { node.own } else { !asked.contains(node.name) };
        let mut waiting: Vec<&Node<'a>> = self.nodes.iter().filter(|node| is_root(node)).collect();
        let mut needed = BTreeSet::new();
        while let Some(node) = waiting.pop() {
            if needed.insert((node.name.clone(), node.version.cloned())) {
                waiting.extend(self.asks(node).flat_map(|edge| {
                    let range = range(edge.requirement);
                    let fits = move |node: &&Node<'a>| range.is_none_or(|range| node.meets(range));
                    self.named(&edge.requirement.name).filter(fits)
                }));
            }
        }
        needed
    }

    /// Every requirement that holds.
    pub(crate) fn edges(&self) -> impl Iterator<Item = Edge<'_, 'a>> {
        let requested = self
            .requested
            .iter()
            .filter(|requirement| self.markers.apply(&requirement.marker, &[]))
            .map(|requirement| Edge { by: None, requirement, extra: None });
        requested.chain(self.nodes.iter().flat_map(|node| self.asks(node)))
    }

    /// Whether what is there meets a requirement. Of several copies one is enough: that there are several is another
    /// rule's finding.
    pub(crate) fn meets(&self, requirement: &Requirement) -> Met {
        let mut there = self.named(&requirement.name).peekable();
        if there.peek().is_none() {
            return Met::Missing;
        }
        let Some(range) = range(requirement) else { return Met::Yes };
        if there.any(|node| node.meets(range)) { Met::Yes } else { Met::Outside }
    }
}

impl<'a> Node<'a> {
    fn installed(distribution: &'a Distribution) -> Self {
        Self {
            name: &distribution.name,
            version: Some(&distribution.version),
            range: None,
            requires: Cow::Borrowed(&distribution.requires),
            requires_python: distribution.requires_python.as_ref().map(Cow::Borrowed),
            extras: BTreeSet::new(),
            own: false,
            place: None,
        }
    }

    fn meets(&self, range: &VersionSpecifiers) -> bool {
        match (self.version, self.range) {
            (Some(version), _) => satisfies(version, range),
            (None, Some(open)) => !super::constraints::excludes_all(open, range),
            (None, None) => true,
        }
    }

    /// `numpy 2.2.6`, or `numpy>=2` where it is left open.
    pub(crate) fn label(&self) -> String {
        match (self.version, self.range) {
            (Some(version), _) => format!("{} {version}", self.name),
            (None, Some(range)) => format!("{}{}", self.name, super::constraints::compact(range)),
            (None, None) => self.name.to_string(),
        }
    }
}

impl Edge<'_, '_> {
    /// Who asks: `torchtune 0.3.0`, with the extra that makes it so.
    pub(crate) fn asker(&self) -> String {
        match (self.by, self.extra) {
            (Some(node), Some(extra)) => format!("{}[{extra}]", node.label()),
            (Some(node), None) => node.label(),
            (None, _) => THE_USER.to_owned(),
        }
    }
}

/// The range of a requirement; none where it names an address or takes any version.
pub(crate) fn range(requirement: &Requirement) -> Option<&VersionSpecifiers> {
    match requirement.version_or_url.as_ref()? {
        VersionOrUrl::VersionSpecifier(range) => Some(range),
        VersionOrUrl::Url(_) => None,
    }
}

/// A requirement without its marker, as people write it: `numpy<=1.26.4`.
pub(crate) fn plain(requirement: &Requirement) -> String {
    let extras: Vec<String> = requirement.extras.iter().map(ToString::to_string).collect();
    let extras = if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) };
    let range = match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(range)) => super::constraints::compact(range),
        Some(VersionOrUrl::Url(url)) => format!(" @ {url}"),
        None => String::new(),
    };
    format!("{}{extras}{range}", requirement.name)
}
