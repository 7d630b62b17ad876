//! Nights that were lost to dependencies, each as it happened, and each rule's verdict.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

mod answers;
mod environments;
mod locks;
mod wheels;

use std::{collections::BTreeMap, path::Path};

use pep440_rs::Version;
use pep508_rs::{PackageName, Requirement};
use rhapsode_deps::{
    Availability, Distribution, Environment, Finding, ImportProbe, IndexFile, Kind, Lock, Packages, Pin,
    Pinned, Provenance, Question, Rule, SavedPages, Severity, Subject, Target, Tier, Verification, WheelFile,
    WheelFolder, coverage, diff, explain, judge, open, read, satisfies, tree,
};

fn name(text: &str) -> PackageName {
    text.parse().unwrap()
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn target(python: &str, platform: &str) -> Target {
    Target::cpython(&version(python), platform.parse().unwrap())
}

/// `numpy 2.2.6`, with what it asks for.
fn distribution(label: &str, requires: &[&str]) -> Distribution {
    let (name, version) = label.split_once(' ').unwrap();
    Distribution {
        name: self::name(name),
        version: self::version(version),
        requires: requires.iter().map(|text| text.parse().unwrap()).collect(),
        unparsable: Vec::new(),
        requires_python: None,
        extras: Vec::new(),
        provenance: Provenance::Index,
        metadata_path: None,
        shadowed: false,
    }
}

fn environment(distributions: Vec<Distribution>) -> Environment {
    Environment { distributions, ..Environment::new(target("3.11.7", "linux-x86_64")) }
}

fn subject(environment: Environment) -> Subject {
    Subject { name: "environment".to_owned(), packages: Packages::Environment(Box::new(environment)) }
}

fn findings(environment: Environment) -> Vec<Finding> {
    judge(&subject(environment), &Question::default())
}

fn lock(text: &str) -> Subject {
    read(Kind::Requirements, "requirements.lock.txt", text.as_bytes()).unwrap()
}

fn entries(subject: &Subject) -> &Lock {
    let Packages::Lock(lock) = &subject.packages else { panic!("no lock") };
    lock
}

fn folder(wheels: &[&str]) -> Subject {
    let wheels = wheels.iter().map(|file_name| {
        let mut parts = file_name.split('-');
        let label = format!("{} {}", parts.next().unwrap(), parts.next().unwrap());
        WheelFile { file_name: (*file_name).to_owned(), distribution: distribution(&label, &[]) }
    });
    let folder = WheelFolder {
        path: "wheels".into(),
        wheels: wheels.collect(),
        sources: Vec::new(),
        unreadable: Vec::new(),
    };
    Subject { name: "wheels".to_owned(), packages: Packages::Wheels(Box::new(folder)) }
}

/// Rule, severity and subject of each finding.
fn told(findings: &[Finding]) -> Vec<(Rule, Severity, &str)> {
    findings.iter().map(|finding| (finding.rule, finding.severity, finding.subject.as_str())).collect()
}

use Severity::{Error, Warning};
