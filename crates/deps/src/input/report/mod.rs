//! A dependency report as an environment.

mod schema;

use std::{collections::BTreeMap, str::FromStr};

use pep440_rs::Version;
use pep508_rs::PackageName;
use serde::Deserialize;
use serde_json::Value;

pub use schema::{
    DependencyReport, NamedVersion, ReportAccelerator, ReportCopy, ReportDistribution, ReportImport,
    ReportPin, ReportPlatform, ReportTier, ReportVerification,
};

use super::{
    declared::{Declared, version},
    file,
    markers::{MarkerValues, two_numbers},
    requirement,
};
use crate::{
    DepsError,
    model::{Accelerator, Environment, ImportProbe, Packages, Pin, Provenance, Target, Tier, Verification},
};

/// Version of the report that is understood. New keys do not make a new version.
const SCHEMA: u32 = 1;

/// Reads the bytes of a report.
pub(super) fn read(input: &str, bytes: &[u8]) -> Result<Packages, DepsError> {
    let text = file::text(input, bytes)?;
    let json = serde_json::from_str(text).map_err(|error| file::json_error(input, &error))?;
    from_value(input, &json)
}

/// Reads a report that is JSON already.
pub(super) fn from_value(input: &str, json: &Value) -> Result<Packages, DepsError> {
    // A list would be taken for the values of the keys in their order.
    if !json.is_object() {
        return Err(file::malformed(input, None, "it is not an object".to_owned()));
    }
    let report = DependencyReport::deserialize(json).map_err(|error| file::json_error(input, &error))?;
    packages(input, report)
}

impl DependencyReport {
    /// For whom the markers are evaluated; none where there is no Python.
    fn target(&self) -> Result<Option<Target>, String> {
        let platform = self.platform.clone().unwrap_or_default();
        let glibc = platform.glibc.as_deref().and_then(two_numbers);
        if let Some(markers) = &self.environment {
            return markers.target(glibc).map(Some);
        }
        match &self.python {
            Some(python) => {
                let system = platform.system.as_deref().unwrap_or(std::env::consts::OS);
                let machine = platform.machine.as_deref().unwrap_or(std::env::consts::ARCH);
                MarkerValues::of(python, system, machine).target(glibc).map(Some)
            }
            None if self.distributions.is_empty() => Ok(None),
            None => Err("it lists distributions and does not tell their Python".to_owned()),
        }
    }
}

fn packages(input: &str, report: DependencyReport) -> Result<Packages, DepsError> {
    let malformed = |reason| file::malformed(input, None, reason);
    if let Some(schema) = report.schema.filter(|schema| *schema > SCHEMA) {
        return Err(malformed(format!("it has schema {schema}, and only {SCHEMA} is known")));
    }
    let accelerator = report.accelerator.clone().map(accelerator);
    let Some(target) = report.target().map_err(malformed)? else {
        return Ok(Packages::NoPython(accelerator.map(Box::new)));
    };
    let mut environment = Environment::new(target);
    environment.accelerator = accelerator;
    for distribution in report.distributions {
        add(&mut environment, declared(distribution));
    }
    add_copies(&mut environment, report.duplicates);
    environment.imports = report.imports.into_iter().map(import).collect();
    for pin in report.pins {
        let requirement = requirement::requirement(&pin.requirement)
            .map_err(|reason| malformed(format!("its pin {:?}: {reason}", pin.requirement)))?;
        environment.pins.push(Pin { requirement, tier: pin.tier.into(), reason: pin.reason });
    }
    for text in report.requested {
        let requirement = requirement::requirement(&text)
            .map_err(|reason| malformed(format!("its requested {text:?}: {reason}")))?;
        environment.requested.push(requirement);
    }
    environment.verification = report.verification.map(verification);
    environment.built = report.built.map(named);
    environment.locked = report.locked.map(named);
    Ok(Packages::Environment(Box::new(environment)))
}

fn add(environment: &mut Environment, declared: Declared) {
    match declared.parse() {
        Ok(distribution) => environment.distributions.push(distribution),
        Err(unreadable) => environment.unreadable.push(unreadable),
    }
}

fn declared(distribution: ReportDistribution) -> Declared {
    let provenance = match &distribution.direct_url {
        Some(Value::String(url)) => Provenance::Direct(url.clone()),
        Some(Value::Object(direct)) => {
            Provenance::Direct(direct.get("url").and_then(Value::as_str).unwrap_or_default().to_owned())
        }
        _ => Provenance::Index,
    };
    Declared {
        name: distribution.name,
        version: distribution.version,
        requires: distribution.requires_dist,
        requires_python: distribution.requires_python,
        extras: distribution.provides_extra,
        provenance,
        metadata_path: distribution.location.map(Into::into),
        shadowed: distribution.shadowed,
    }
}

/// Adds the copies that `duplicates` tells of and `distributions` does not.
fn add_copies(environment: &mut Environment, duplicates: BTreeMap<String, Vec<ReportCopy>>) {
    for (name, copies) in duplicates {
        let Ok(normalised) = PackageName::from_str(&name) else { continue };
        let same_name = environment.distributions.iter().filter(|known| known.name == normalised);
        let mut listed: Vec<Version> = same_name.map(|known| known.version.clone()).collect();
        for copy in copies {
            let (text, location) = match copy {
                ReportCopy::Version(version) => (version, None),
                ReportCopy::Located { version, location } => (version, location),
            };
            let known = version(&text).ok().and_then(|version| listed.iter().position(|v| *v == version));
            if let Some(known) = known {
                listed.swap_remove(known);
                continue;
            }
            let declared = Declared {
                name: name.clone(),
                version: text,
                metadata_path: location.map(Into::into),
                shadowed: environment.distributions.iter().any(|known| known.name == normalised),
                ..Declared::default()
            };
            add(environment, declared);
        }
    }
}

fn import(import: ReportImport) -> ImportProbe {
    let (module, attribute) = match import.module.split_once(':') {
        Some((module, attribute)) => (module.to_owned(), Some(attribute.to_owned())),
        None => (import.module, None),
    };
    let error = (!import.ok).then(|| import.error.unwrap_or_else(|| "it cannot be imported".to_owned()));
    ImportProbe { module, attribute, error }
}

fn accelerator(report: ReportAccelerator) -> Accelerator {
    let numbers = |text: &Option<String>| text.as_deref().and_then(two_numbers);
    Accelerator {
        capability: numbers(&report.capability),
        cuda: numbers(&report.cuda),
        driver_cuda: numbers(&report.driver_cuda),
        required: report.required,
        device: report.device,
        name: report.name,
        architectures: report.architectures,
        driver: report.driver,
    }
}

fn verification(report: ReportVerification) -> Verification {
    let mut failures = report.failures;
    if report.ok == Some(false) && failures.is_empty() {
        failures.push("it says that it failed, and not why".to_owned());
    }
    Verification { failures }
}

fn named(list: Vec<NamedVersion>) -> BTreeMap<PackageName, Version> {
    list.iter()
        .filter_map(|entry| Some((PackageName::from_str(&entry.name).ok()?, version(&entry.version).ok()?)))
        .collect()
}

impl From<ReportTier> for Tier {
    fn from(tier: ReportTier) -> Self {
        match tier {
            ReportTier::Critical => Self::Critical,
            ReportTier::Specific => Self::Specific,
            ReportTier::Minimum => Self::Minimum,
        }
    }
}
