//! Requirements that are not met: missing, outside the range, for another Python, or known and not declared.

use pep508_rs::{PackageName, Requirement};

use super::{Edge, Graph, Met, lock_file, plain, range, satisfies};
use crate::{
    Environment, Finding, Lock, LockEntry, LockFile, Rule, Severity, Target, WheelFolder, knowledge,
};

/// What `pip-compile` leaves out of a lock unless it is told otherwise, since every environment has it.
const NOT_LOCKED: [&str; 4] = ["pip", "setuptools", "wheel", "distribute"];

/// What is judged decides how a fault is told and which faults there can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Installed,
    Locked,
    /// Requirements that a lock is made from, or a folder that another step completes: what is not there is not
    /// missing.
    Partial,
}

pub(crate) fn judge_environment(environment: &Environment, graph: &Graph<'_>) -> Vec<Finding> {
    // A distribution whose metadata cannot be read is there: that it is unreadable is a finding of its own.
    let unreadable = |name: &str| environment.unreadable.iter().any(|(folder, _)| is_folder_of(folder, name));
    let mut findings = judge(graph, Kind::Installed);
    findings.retain(|finding| finding.rule != Rule::Missing || !unreadable(&finding.subject));
    findings
}

pub(crate) fn judge_lock(lock: &Lock, target: &Target) -> Vec<Finding> {
    // What a path or address without a name brings along is not known, so nothing can be missed.
    let partial = lock.file == LockFile::Input || !lock.unnamed.is_empty();
    let kind = if partial { Kind::Partial } else { Kind::Locked };
    let graph = Graph::of_lock(lock, target);
    let mut findings = judge(&graph, kind);
    findings.extend(lock.constraints.iter().filter_map(|constraint| broken(&graph, lock, constraint)));
    findings
}

pub(crate) fn judge_wheels(folder: &WheelFolder, target: &Target) -> Vec<Finding> {
    judge(&Graph::of_wheels(folder, target), Kind::Partial)
}

fn judge(graph: &Graph<'_>, kind: Kind) -> Vec<Finding> {
    let mut findings: Vec<Finding> = graph.edges().filter_map(|edge| unmet(graph, edge, kind)).collect();
    findings.extend(graph.nodes.iter().filter_map(|node| {
        let pythons = node.requires_python.as_deref()?;
        let python = graph.markers.python();
        (!satisfies(python, pythons)).then(|| Finding {
            rule: Rule::PythonTooOld,
            severity: Severity::Error,
            subject: node.name.to_string(),
            seen: format!("Python {python}"),
            expected: format!("Python {}, by {}", super::compact(pythons), node.label()),
            remedy: format!(
                "use a Python in that range, or a version of {} that is for Python {python}",
                node.name
            ),
            place: node.place.clone(),
        })
    }));
    findings.extend(undeclared(graph, kind));
    findings
}

fn unmet(graph: &Graph<'_>, edge: Edge<'_, '_>, kind: Kind) -> Option<Finding> {
    let name = &edge.requirement.name;
    let expected = format!("{}, by {}", plain(edge.requirement), edge.asker());
    let finding = |rule, seen, remedy, place| {
        Some(Finding {
            rule,
            severity: Severity::Error,
            subject: name.to_string(),
            seen,
            expected,
            remedy,
            place,
        })
    };
    match graph.meets(edge.requirement) {
        Met::Yes => None,
        Met::Missing if kind == Kind::Partial || graph.excludes(name) => None,
        Met::Missing if kind == Kind::Locked && NOT_LOCKED.contains(&name.as_ref()) => None,
        Met::Missing => {
            let remedy = match kind {
                Kind::Installed => format!("install `{}`", together(graph, edge)),
                Kind::Locked | Kind::Partial => "make the lock again from its input".to_owned(),
            };
            finding(Rule::Missing, format!("no {name}"), remedy, edge.by.and_then(|node| node.place.clone()))
        }
        Met::Outside => {
            let there: Vec<_> = graph.named(name).collect();
            let seen: Vec<String> = there.iter().map(|node| node.label()).collect();
            let place = there.iter().find_map(|node| node.place.clone());
            finding(Rule::OutsideRange, seen.join(" and "), remedy_outside(graph, edge), place)
        }
    }
}

fn remedy_outside(graph: &Graph<'_>, edge: Edge<'_, '_>) -> String {
    let name = &edge.requirement.name;
    let all = all_ranges(graph, edge);
    if super::leaves_nothing(&all) {
        return format!(
            "no version of {name} suits all who ask for it ({}): change one of those, and never force {name}",
            super::compact(&all)
        );
    }
    format!("install `{name}{}`, which suits all who ask for it", super::compact(&all))
}

/// The requirement together with what others ask of the same distribution.
fn together(graph: &Graph<'_>, edge: Edge<'_, '_>) -> String {
    let all = all_ranges(graph, edge);
    if all.is_empty() || super::leaves_nothing(&all) {
        return plain(edge.requirement);
    }
    format!("{}{}", edge.requirement.name, super::compact(&all))
}

fn all_ranges(graph: &Graph<'_>, edge: Edge<'_, '_>) -> pep440_rs::VersionSpecifiers {
    let same_name = graph.edges().filter(|other| other.requirement.name == edge.requirement.name);
    super::joined(same_name.filter_map(|other| range(other.requirement)))
}

/// What is known to be needed and is not declared. A warning: the import probes tell whether it really breaks.
fn undeclared<'g>(graph: &'g Graph<'_>, kind: Kind) -> impl Iterator<Item = Finding> + 'g {
    knowledge::undeclared().iter().flat_map(move |fact| {
        graph.named(&fact.package).filter_map(move |node| {
            satisfies(node.version?, &fact.versions).then_some(())?;
            let seen = match graph.meets(&fact.requires) {
                Met::Yes => return None,
                Met::Missing if kind == Kind::Partial => return None,
                Met::Missing => format!("no {}", fact.requires.name),
                Met::Outside => {
                    let there: Vec<_> = graph.named(&fact.requires.name).map(|node| node.label()).collect();
                    there.join(" and ")
                }
            };
            Some(Finding {
                rule: Rule::Undeclared,
                severity: Severity::Warning,
                subject: node.name.to_string(),
                seen,
                expected: format!(
                    "{}, by {} without saying so: {}",
                    plain(&fact.requires),
                    node.label(),
                    fact.reason
                ),
                remedy: remedy_undeclared(graph, node.name, &fact.requires, kind),
                place: node.place.clone(),
            })
        })
    })
}

fn remedy_undeclared(graph: &Graph<'_>, by: &PackageName, requires: &Requirement, kind: Kind) -> String {
    let same_name = graph.edges().filter(|edge| edge.requirement.name == requires.name);
    let declared = same_name.filter_map(|edge| range(edge.requirement));
    if super::leaves_nothing(&super::joined(declared.chain(range(requires)))) {
        return format!("choose another version of {by}: what others ask for excludes {}", plain(requires));
    }
    match kind {
        Kind::Installed => format!("install `{}`", plain(requires)),
        Kind::Locked | Kind::Partial => format!("add `{}` to the input of the lock", plain(requires)),
    }
}

/// A constraint (`-c`) asks for nothing, but what is there has to keep to it.
fn broken(graph: &Graph<'_>, lock: &Lock, constraint: &LockEntry) -> Option<Finding> {
    let requirement = constraint.requirement.as_ref()?;
    graph.markers.apply(&constraint.marker, &[]).then_some(())?;
    let Met::Outside = graph.meets(requirement) else { return None };
    let there: Vec<_> = graph.named(&constraint.name).map(|node| node.label()).collect();
    Some(Finding {
        rule: Rule::OutsideRange,
        severity: Severity::Error,
        subject: constraint.name.to_string(),
        seen: there.join(" and "),
        expected: format!("{}, by a constraint", plain(requirement)),
        remedy: "make the lock again with that constraint, or change the constraint".to_owned(),
        place: Some(lock_file::place(lock, constraint)),
    })
}

/// Whether a folder such as `Foo_Bar-1.0.dist-info` holds the metadata of `foo-bar`.
fn is_folder_of(folder: &str, name: &str) -> bool {
    let folder = folder.rsplit(['/', '\\']).next().unwrap_or(folder);
    let stem = folder.strip_suffix(".dist-info").or(folder.strip_suffix(".egg-info")).unwrap_or(folder);
    let found = stem.split_once('-').map_or(stem, |(found, _)| found);
    PackageName::new(found.to_owned()).is_ok_and(|found| found.as_ref() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metadata_folder_is_known_by_its_normalised_name() {
        assert!(is_folder_of("Foo_Bar-1.0.dist-info", "foo-bar"));
        assert!(is_folder_of("lib/site-packages/numpy-2.2.6.dist-info", "numpy"));
        assert!(is_folder_of("numpy", "numpy"));
        assert!(!is_folder_of("numpydoc-1.0.dist-info", "numpy"));
    }
}
