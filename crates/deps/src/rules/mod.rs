//! What is judged of an environment, a lock or a wheel folder. One file a family of rules; each takes plain data and
//! gives findings, none knows another.

mod constraints;
mod graph;
mod installation;
mod lock_file;
mod markers;
mod pins;
mod probes;
mod requirements;
mod twice;
mod versions;
mod wheel_files;

use std::cmp::Reverse;

use pep440_rs::VersionSpecifiers;

pub(crate) use constraints::{compact, joined, leaves_nothing, looseness};
pub(crate) use graph::{Edge, Graph, Met, THE_USER, plain, range};
pub(crate) use markers::Markers;
pub use markers::applies;
pub use versions::satisfies;

use crate::{Finding, IndexFiles, Lock, Machine, Packages, Platform, Severity, Subject, Target, WheelFolder};

/// What a subject is judged for, beyond what it says of itself.
#[derive(Clone, Default)]
pub struct Question<'a> {
    /// For which Python and platform a lock or a wheel folder is judged. Without one, a fault of it is an error only
    /// where it shows on every Python that the lock may be for. An environment is always judged for itself.
    pub target: Option<Target>,
    /// The files that indexes have, where somebody asked: then what cannot be had for `target` is found.
    pub index: Option<&'a dyn IndexFiles>,
    /// Hosts of indexes that are gone, beyond those that are known.
    pub dead_indexes: Vec<String>,
}

/// Everything that is wrong, errors first; the same subject gives the same findings in the same order.
#[must_use]
pub fn judge(subject: &Subject, question: &Question<'_>) -> Vec<Finding> {
    let mut findings = match &subject.packages {
        Packages::Environment(environment) => installation::judge(environment),
        Packages::Lock(lock) => judge_lock(lock, question),
        Packages::Wheels(folder) => judge_wheels(folder, question),
        Packages::NoPython(_) => Vec::new(),
    };
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    findings.dedup();
    findings
}

fn order(finding: &Finding) -> impl Ord + '_ {
    let line = finding.place.as_ref().and_then(|place| place.line);
    (Reverse(finding.severity), finding.rule, &finding.subject, line, &finding.expected, &finding.seen)
}

fn judge_lock(lock: &Lock, question: &Question<'_>) -> Vec<Finding> {
    let mut findings = lock_file::judge(lock, &question.dead_indexes);
    findings.extend(twice::in_lock(lock));
    findings.extend(on_every(&targets(question, lock.requires_python.as_ref()), |target| {
        requirements::judge_lock(lock, target)
    }));
    if let Some(target) = &question.target {
        findings.extend(wheel_files::of_lock(lock, target, question.index));
    }
    findings
}

fn judge_wheels(folder: &WheelFolder, question: &Question<'_>) -> Vec<Finding> {
    let mut findings = twice::in_wheels(folder);
    findings.extend(installation::unreadable(&folder.unreadable));
    findings.extend(on_every(&targets(question, None), |target| requirements::judge_wheels(folder, target)));
    if let Some(target) = &question.target {
        findings.extend(wheel_files::of_folder(folder, target));
    }
    findings
}

/// The one target that trees and explanations are made for.
pub(crate) fn first_target(subject: &Subject, question: &Question<'_>) -> Target {
    let pythons = match &subject.packages {
        Packages::Environment(environment) => return environment.target.clone(),
        Packages::Lock(lock) => lock.requires_python.as_ref(),
        Packages::Wheels(_) | Packages::NoPython(_) => None,
    };
    targets(question, pythons).swap_remove(0)
}

/// The target that was asked for; else Linux with each Python that may be meant, at least one.
fn targets(question: &Question<'_>, pythons: Option<&VersionSpecifiers>) -> Vec<Target> {
    if let Some(target) = &question.target {
        return vec![target.clone()];
    }
    let all: Vec<Target> = twice::pythons().map(|python| Target::cpython(&python, LINUX)).collect();
    let is_meant = |target: &Target| {
        pythons.is_none_or(|range| satisfies(&target.markers.python_full_version().version, range))
    };
    let meant: Vec<Target> = all.iter().filter(|target| is_meant(target)).cloned().collect();
    if meant.is_empty() { all } else { meant }
}

/// Where the engines run.
const LINUX: Platform = Platform::Linux { machine: Machine::X86_64, glibc: (2, 36) };

/// Judges for each target. A fault that shows on every one keeps its severity; one that shows on some is a warning
/// that names their Pythons, since nobody said that the lock is for those.
fn on_every(targets: &[Target], judge: impl Fn(&Target) -> Vec<Finding>) -> Vec<Finding> {
    let mut faults: Vec<(Finding, Vec<&Target>)> = Vec::new();
    for target in targets {
        for finding in judge(target) {
            // The remedy may differ with the target; the fault is one.
            let same = |known: &Finding| order(known) == order(&finding) && known.place == finding.place;
            match faults.iter_mut().find(|(known, _)| same(known)) {
                Some((_, shown)) if shown.last().is_some_and(|last| std::ptr::eq(*last, target)) => {}
                Some((_, shown)) => shown.push(target),
                None => faults.push((finding, vec![target])),
            }
        }
    }
    let told = faults.into_iter().map(|(mut finding, shown)| {
        if shown.len() < targets.len() {
            let pythons: Vec<&str> =
                shown.iter().map(|target| target.markers.python_version().string.as_str()).collect();
            finding.severity = Severity::Warning;
            finding.expected = format!("{}, on Python {}", finding.expected, pythons.join(" and "));
        }
        finding
    });
    told.collect()
}
