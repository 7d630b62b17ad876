//! What is installed against what was declared, locked and built: pins, drift, and the build's own report.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;
use pep508_rs::PackageName;

use super::{Graph, Met, plain};
use crate::{Environment, Finding, Pin, Rule, Severity, Tier};

/// Tools that every environment has and few locks name.
const TOOLS: [&str; 4] = ["pip", "setuptools", "wheel", "distribute"];

pub(crate) fn judge(environment: &Environment, graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = environment.pins.iter().filter_map(|pin| broken(pin, graph)).collect();
    if let Some(locked) = &environment.locked {
        findings.extend(differences(locked, environment, Rule::Drift, "locked"));
    }
    if let Some(built) = &environment.built {
        findings.extend(differences(built, environment, Rule::ArtifactDiffers, "built"));
    }
    findings
}

fn broken(pin: &Pin, graph: &Graph<'_>) -> Option<Finding> {
    let name = &pin.requirement.name;
    if !graph.markers.apply(&pin.requirement.marker, &[]) {
        return None;
    }
    let seen = match graph.meets(&pin.requirement) {
        Met::Yes => return None,
        Met::Missing => format!("no {name}"),
        Met::Outside => graph.named(name).map(|node| node.label()).collect::<Vec<_>>().join(" and "),
    };
    let (severity, tier) = match pin.tier {
        Tier::Critical => (Severity::Error, "critical"),
        Tier::Specific => (Severity::Error, "specific"),
        Tier::Minimum => (Severity::Warning, "minimum"),
    };
    let reason = pin.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    Some(Finding {
        rule: Rule::PinBroken,
        severity,
        subject: name.to_string(),
        seen,
        expected: format!("{}, a {tier} pin of the backend{reason}", plain(&pin.requirement)),
        remedy: format!("install `{}`, or build the backend's image again", plain(&pin.requirement)),
        place: None,
    })
}

fn differences(
    record: &BTreeMap<PackageName, Version>,
    environment: &Environment,
    rule: Rule,
    verb: &str,
) -> Vec<Finding> {
    let installed: BTreeMap<&PackageName, Vec<&Version>> = environment
        .distributions
        .iter()
        .filter(|distribution| !distribution.shadowed)
        .fold(BTreeMap::new(), |mut by_name, distribution| {
            by_name.entry(&distribution.name).or_insert_with(Vec::new).push(&distribution.version);
            by_name
        });
    let finding = |severity, name: &PackageName, seen, expected| Finding {
        rule,
        severity,
        subject: name.to_string(),
        seen,
        expected,
        remedy: match rule {
            Rule::ArtifactDiffers => "start the backend from its image again, or build the image again",
            _ => "install from the lock again, or make the lock again",
        }
        .to_owned(),
        place: None,
    };
    let names: BTreeSet<&PackageName> = record.keys().chain(installed.keys().copied()).collect();
    names
        .into_iter()
        .filter_map(|name| match (record.get(name), installed.get(name)) {
            (Some(version), None) => Some(finding(
                Severity::Error,
                name,
                format!("no {name}"),
                format!("{name} {version}, as it was {verb}"),
            )),
            (Some(version), Some(there)) if !there.iter().any(|found| same(found, version)) => {
                let there: Vec<String> = there.iter().map(ToString::to_string).collect();
                Some(finding(
                    Severity::Error,
                    name,
                    format!("{name} {}", there.join(" and ")),
                    format!("{name} {version}, as it was {verb}"),
                ))
            }
            (None, Some(there)) if !TOOLS.contains(&name.as_ref()) => Some(finding(
                Severity::Warning,
                name,
                format!("{name} {}", there[0]),
                format!("no {name}: it was not {verb}"),
            )),
            _ => None,
        })
        .collect()
}

/// Whether what is installed is what was recorded. A record without a local part means any build of the version.
fn same(installed: &Version, recorded: &Version) -> bool {
    if recorded.is_local() { installed == recorded } else { installed.clone().without_local() == *recorded }
}
