//! What is there twice: installed distributions, entries of a lock for one and the same target, wheels of which an
//! installer would have to choose.

use std::collections::BTreeMap;

use pep440_rs::Version;
use pep508_rs::MarkerTree;

use super::{Markers, lock_file};
use crate::{
    Distribution, Environment, Finding, Lock, LockEntry, LockFile, Machine, Place, Platform, Rule, Severity,
    Target, WheelFile, WheelFolder,
    wheels::{Tags, WheelName},
};

/// The Pythons that something may be meant for, where nobody says it.
pub(crate) fn pythons() -> impl Iterator<Item = Version> {
    (10..=14).map(|minor| Version::new([3, minor]))
}

/// Every target on which two things could meet.
fn everywhere() -> impl Iterator<Item = Target> {
    let machines = [Machine::X86_64, Machine::Aarch64];
    let platforms = machines.into_iter().flat_map(|machine| {
        [
            Platform::Linux { machine, glibc: (2, 99) },
            Platform::MacOs { machine, version: (99, 0) },
            Platform::Windows { machine },
        ]
    });
    platforms
        .flat_map(|platform| (8..=14).map(move |minor| Target::cpython(&Version::new([3, minor]), platform)))
}

pub(crate) fn in_environment(environment: &Environment) -> Vec<Finding> {
    let mut by_name: BTreeMap<_, Vec<&Distribution>> = BTreeMap::new();
    for distribution in &environment.distributions {
        by_name.entry(&distribution.name).or_default().push(distribution);
    }
    let several = by_name.into_iter().filter(|(_, copies)| copies.len() > 1);
    several
        .map(|(name, copies)| {
            let versions: Vec<String> = copies.iter().map(|copy| copy.version.to_string()).collect();
            let mut remedy = format!("remove both and install {name} once");
            let severity = if layered(&copies) {
                remedy = "nothing, if the environment is meant to lie over another".to_owned();
                Severity::Warning
            } else {
                Severity::Error
            };
            Finding {
                rule: Rule::InstalledTwice,
                severity,
                subject: name.to_string(),
                seen: format!("{name} {}", versions.join(" and ")),
                expected: format!("one {name}: which files an import finds is chance otherwise"),
                remedy,
                place: None,
            }
        })
        .collect()
}

/// Whether all copies but one are shadowed and each lies in a folder of its own: an environment over the system's.
fn layered(copies: &[&Distribution]) -> bool {
    let mut folders: Vec<_> =
        copies.iter().filter_map(|copy| copy.metadata_path.as_ref()?.parent()).collect();
    folders.sort();
    folders.dedup();
    folders.len() == copies.len() && copies.iter().filter(|copy| !copy.shadowed).count() == 1
}

/// Entries of one name in two versions that are for one and the same target. Forks by markers are not that.
pub(crate) fn in_lock(lock: &Lock) -> Vec<Finding> {
    let mut by_name: BTreeMap<_, Vec<&LockEntry>> = BTreeMap::new();
    for entry in lock.entries.iter().filter(|entry| entry.version.is_some()) {
        by_name.entry(&entry.name).or_default().push(entry);
    }
    let mut findings = Vec::new();
    for (name, entries) in by_name {
        for (index, first) in entries.iter().enumerate() {
            let second = entries[index + 1..]
                .iter()
                .find(|second| second.version != first.version && meet(&first.marker, &second.marker));
            let (Some(second), Some(one)) = (second, &first.version) else { continue };
            let Some(other) = &second.version else { continue };
            findings.push(Finding {
                rule: Rule::InstalledTwice,
                // uv keeps forks by extras that exclude each other apart in ways that markers do not show.
                severity: if lock.file == LockFile::Uv { Severity::Warning } else { Severity::Error },
                subject: name.to_string(),
                seen: format!("{name} {one} and {other}"),
                expected: format!("one version of {name} for each platform and Python"),
                remedy: "remove one, or give both markers that exclude each other".to_owned(),
                place: Some(lock_file::place(lock, second)),
            });
        }
    }
    findings
}

/// Whether two markers can hold at once. What the algebra cannot tell apart (`sys_platform` and `platform_system`)
/// is tried on real platforms.
fn meet(a: &MarkerTree, b: &MarkerTree) -> bool {
    !a.is_disjoint(b)
        && everywhere().any(|target| {
            let markers = Markers::of(&target);
            markers.apply(a, &[]) && markers.apply(b, &[])
        })
}

/// Two versions of one name that fit one target, or two builds of one version for the same tags.
pub(crate) fn in_wheels(folder: &WheelFolder) -> Vec<Finding> {
    let mut by_name: BTreeMap<_, Vec<(&WheelFile, WheelName)>> = BTreeMap::new();
    for file in &folder.wheels {
        if let Ok(wheel) = file.file_name.parse() {
            by_name.entry(&file.distribution.name).or_default().push((file, wheel));
        }
    }
    by_name.retain(|_, wheels| wheels.len() > 1);
    if by_name.is_empty() {
        return Vec::new();
    }
    let tags: Vec<Tags> = everywhere().filter_map(|target| Tags::of(&target)).collect();
    let mut findings = Vec::new();
    for (name, wheels) in by_name {
        for (index, (file, wheel)) in wheels.iter().enumerate() {
            let rival = wheels[index + 1..].iter().find(|(_, other)| rivals(wheel, other, &tags));
            let Some((other, _)) = rival else { continue };
            findings.push(Finding {
                rule: Rule::TwoWheels,
                severity: Severity::Error,
                subject: name.to_string(),
                seen: format!("{} and {}", file.file_name, other.file_name),
                expected: format!("one wheel of {name} for each platform and Python"),
                remedy: format!(
                    "remove all wheels of {name} but the one that the strictest requirement asks for; \
                     a build of another package has dragged the other one in"
                ),
                place: Some(Place { file: folder.path.join(&other.file_name), line: None }),
            });
        }
    }
    findings
}

fn rivals(a: &WheelName, b: &WheelName, tags: &[Tags]) -> bool {
    if a.version == b.version {
        return a.build != b.build
            && (&a.pythons, &a.abis, &a.platforms) == (&b.pythons, &b.abis, &b.platforms);
    }
    tags.iter().any(|tags| tags.rank(a).is_some() && tags.rank(b).is_some())
}
