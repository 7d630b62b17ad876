//! Findings as SARIF 2.1.0, which code-scanning pages read. Only the parts that such a page shows are written; the
//! names are those of the standard.

use std::path::{Component, Path};

use rhapsode_deps::{Finding, Rule, Severity};
use rhapsode_engine::release::path_segment;

use serde::Serialize;

use super::judged::Judged;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// A log with one run.
#[derive(Debug, Serialize)]
pub(super) struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<ReportingDescriptor>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportingDescriptor {
    id: &'static str,
    short_description: Message,
    help: Message,
}

#[derive(Debug, Serialize)]
struct Message {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    logical_locations: [LogicalLocation; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Debug, Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
}

#[derive(Debug, Serialize)]
struct LogicalLocation {
    name: String,
    kind: &'static str,
}

/// What stays the same while lines move, so that a page knows a finding again.
#[derive(Debug, Serialize)]
struct Fingerprints {
    #[serde(rename = "subject/v1")]
    subject: String,
}

/// The log of everything that was judged.
pub(super) fn log(judged: &[Judged]) -> Log {
    let results = judged.iter().flat_map(|judged| {
        judged.findings.iter().map(|finding| result(&judged.name, finding)).collect::<Vec<_>>()
    });
    let driver = Driver {
        name: "rhapsode",
        version: env!("CARGO_PKG_VERSION"),
        rules: Rule::ALL.iter().map(rule).collect(),
    };
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results: results.collect() };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

fn rule(rule: &Rule) -> ReportingDescriptor {
    let help =
        format!("{}: {}. docs/dependencies.md shows an example of each verdict.", rule.id(), rule.title());
    ReportingDescriptor {
        id: rule.id(),
        short_description: Message { text: rule.title().to_owned() },
        help: Message { text: help },
    }
}

fn result(input: &str, finding: &Finding) -> SarifResult {
    let Finding { rule, severity, subject, seen, expected, remedy, place } = finding;
    let location = PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: place.as_ref().map_or_else(|| uri(Path::new(input)), |place| uri(&place.file)),
        },
        region: place.as_ref().and_then(|place| place.line).map(|start_line| Region { start_line }),
    };
    let index = Rule::ALL.iter().position(|known| known == rule);
    SarifResult {
        rule_id: rule.id(),
        rule_index: index.expect("every rule stands in the table of rules"),
        level: match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: Message {
            text: format!(
                "{subject}: {}. Seen: {seen}. Expected: {expected}. Remedy: {remedy}.",
                rule.title()
            ),
        },
        locations: [Location {
            physical_location: location,
            logical_locations: [LogicalLocation { name: subject.clone(), kind: "package" }],
        }],
        partial_fingerprints: Fingerprints { subject: format!("{}/{subject}", rule.id()) },
    }
}

/// A file as a reference, RFC 3986: relative as it was named, absolute with `file://`. An address stays one.
fn uri(path: &Path) -> String {
    let text = path.to_string_lossy();
    if text.contains("://") {
        return text.into_owned();
    }
    let mut segments = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(prefix) => {
                segments.push(prefix.as_os_str().to_string_lossy().replace('\\', "/"))
            }
            Component::RootDir if segments.is_empty() => segments.push(String::new()),
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir => segments.push("..".to_owned()),
            Component::Normal(name) => segments.push(path_segment(&name.to_string_lossy())),
        }
    }
    let joined = segments.join("/");
    match path.is_absolute() {
        true => format!("file:///{}", joined.trim_start_matches('/')),
        false if joined.is_empty() => ".".to_owned(),
        false => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_by_references() {
        assert_eq!(uri(Path::new("a folder/requirements #1.txt")), "a%20folder/requirements%20%231.txt");
        assert_eq!(uri(Path::new("./../x/ö.lock")), "../x/%C3%B6.lock");
        assert_eq!(uri(Path::new(".")), ".");
        assert_eq!(uri(Path::new("http://127.0.0.1:5125")), "http://127.0.0.1:5125");
        #[cfg(unix)]
        assert_eq!(uri(Path::new("/opt/a b/uv.lock")), "file:///opt/a%20b/uv.lock");
    }
}
