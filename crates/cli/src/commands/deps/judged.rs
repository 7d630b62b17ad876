//! What was judged and what was found, in the shape that all three formats are written from.

use console::Style;
use rhapsode_deps::{Finding, Packages, Place, Severity, Subject, Target};
use serde::Serialize;

/// Version of the JSON that is printed.
pub(super) const SCHEMA: u32 = 1;

/// One input with its findings.
#[derive(Debug, Serialize)]
pub(super) struct Judged {
    /// As the user named it.
    pub(super) name: String,
    kind: Kind,
    /// Distributions, entries or wheels.
    packages: usize,
    /// For whom its markers were evaluated, where that is known.
    target: Option<TargetReport>,
    errors: usize,
    warnings: usize,
    pub(super) findings: Vec<Finding>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Environment,
    Lock,
    WheelFolder,
    /// A server that is no Python program.
    NoPython,
}

/// A target in a few words.
#[derive(Debug, Serialize)]
pub(super) struct TargetReport {
    python: String,
    system: String,
    machine: String,
}

impl TargetReport {
    /// The target that an environment reports.
    fn reported(target: &Target) -> Self {
        let python = target.markers.python_full_version().to_string();
        Self { python, ..Self::asked(target) }
    }

    /// The target that was asked about: the last number of its Python is seldom told.
    pub(super) fn asked(target: &Target) -> Self {
        let markers = &target.markers;
        Self {
            python: markers.python_version().to_string(),
            system: markers.platform_system().to_owned(),
            machine: markers.platform_machine().to_owned(),
        }
    }
}

impl Judged {
    pub(super) fn new(subject: &Subject, asked: Option<&Target>, findings: Vec<Finding>) -> Self {
        let (kind, packages, own) = match &subject.packages {
            Packages::Environment(environment) => {
                (Kind::Environment, environment.distributions.len(), Some(&environment.target))
            }
            Packages::Lock(lock) => (Kind::Lock, lock.entries.len(), None),
            Packages::Wheels(folder) => (Kind::WheelFolder, folder.wheels.len(), None),
            Packages::NoPython(_) => (Kind::NoPython, 0, None),
        };
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            name: subject.name.clone(),
            kind,
            packages,
            target: match kind {
                Kind::NoPython => None,
                _ => own.map(TargetReport::reported).or_else(|| asked.map(TargetReport::asked)),
            },
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            findings,
        }
    }

    pub(super) fn is_refused(&self) -> bool {
        self.errors > 0
    }

    /// For people, grouped by severity.
    pub(super) fn text(&self) -> String {
        let holds = match self.kind {
            Kind::Environment => count(self.packages, "distribution"),
            Kind::Lock => count(self.packages, "entry"),
            Kind::WheelFolder => count(self.packages, "wheel"),
            Kind::NoPython => "no Python program".to_owned(),
        };
        let mut text = format!("{}  {holds}", Style::new().bold().apply_to(&self.name));
        if let Some(TargetReport { python, system, machine }) = &self.target {
            text.push_str(&format!(", Python {python} on {system} {machine}"));
        }
        if self.findings.is_empty() {
            text.push_str("\n  nothing is wrong");
            return text;
        }
        let counts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning")]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, noun)| count(number, noun))
            .collect();
        text.push_str(&format!("\n  {}\n", counts.join(", ")));
        let blocks: Vec<String> = self.findings.iter().map(block).collect();
        text.push('\n');
        text.push_str(&blocks.join("\n\n"));
        text
    }
}

/// A finding as a block of lines.
fn block(finding: &Finding) -> String {
    let Finding { rule, severity, subject, seen, expected, remedy, place } = finding;
    let severity = match severity {
        Severity::Error => Style::new().red().bold().apply_to("error  "),
        Severity::Warning => Style::new().yellow().apply_to("warning"),
    };
    let subject = Style::new().bold().apply_to(subject);
    let mut lines = vec![format!("  {severity}  {}  {subject}: {}", rule.id(), rule.title())];
    let place = place.as_ref().map(place_text).unwrap_or_default();
    for (label, value) in [("seen", seen), ("expected", expected), ("remedy", remedy), ("at", &place)] {
        let mut value = value.lines();
        let Some(first) = value.next() else { continue };
        lines.push(format!("           {label:<8}  {first}"));
        lines.extend(value.map(|line| format!("                     {line}")));
    }
    lines.join("\n")
}

fn place_text(Place { file, line }: &Place) -> String {
    match line {
        Some(line) => format!("{}:{line}", file.display()),
        None => file.display().to_string(),
    }
}

/// `1 error`, `2 errors`, `3 entries`.
pub(super) fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        _ => format!("{number} {noun}s"),
    }
}

/// Everything that was judged, as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    schema: u32,
    /// Whether nothing keeps a job from starting.
    passed: bool,
    errors: usize,
    warnings: usize,
    inputs: &'a [Judged],
}

impl<'a> Report<'a> {
    pub(super) fn new(inputs: &'a [Judged]) -> Self {
        Self {
            schema: SCHEMA,
            passed: !inputs.iter().any(Judged::is_refused),
            errors: inputs.iter().map(|judged| judged.errors).sum(),
            warnings: inputs.iter().map(|judged| judged.warnings).sum(),
            inputs,
        }
    }
}
