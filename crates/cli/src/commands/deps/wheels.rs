//! `rhapsode deps wheels`: what a lock cannot get as a wheel on other platforms, without installing anything there.

use std::process::ExitCode;

use console::Style;
use rhapsode_deps::{
    Availability, Coverage, CoverageRow, IndexFiles, Packages, Question, Rule, Subject, Target, coverage,
    judge,
};
use serde::Serialize;

use super::{
    index, json,
    judged::{Judged, SCHEMA, TargetReport, count},
    sarif, target,
};
use crate::{
    args::deps::{DepsWheelsArgs, FindingsFormat},
    commands::print,
    failure::{Failure, Kind},
};

pub(super) async fn run(args: &DepsWheelsArgs) -> Result<ExitCode, Failure> {
    let targets = target::all(&args.platforms, &args.pythons)?;
    let subject = rhapsode_deps::open(&args.lock)?;
    let Packages::Lock(lock) = &subject.packages else {
        let message = format!("failed to look up the wheels of {}: it is no lock", args.lock.display());
        let hint = "`rhapsode deps check` judges environments and folders of wheels";
        return Err(Failure::new(Kind::Usage, message, Some(hint)));
    };
    let files = index::of_lock(lock, &args.index).await?;
    let coverage = coverage(lock, &targets, &files);
    match args.format {
        FindingsFormat::Text => print(&text(&subject, &coverage, &targets))?,
        FindingsFormat::Json => print(&json(&Report::new(&subject, &coverage, &targets))?)?,
        FindingsFormat::Sarif => {
            let judged: Vec<Judged> = targets.iter().map(|target| judged(&subject, target, &files)).collect();
            print(&json(&sarif::log(&judged))?)?
        }
    };
    let refused = coverage.rows.iter().flat_map(|row| &row.targets).any(is_lacking);
    Ok(if refused { Kind::Gate.into() } else { ExitCode::SUCCESS })
}

/// What code-scanning pages are to show of one target: what has no wheel, and nothing else.
fn judged(subject: &Subject, target: &Target, files: &dyn IndexFiles) -> Judged {
    let question = Question { target: Some(target.clone()), index: Some(files), ..Question::default() };
    let mut findings = judge(subject, &question);
    findings.retain(|finding| matches!(finding.rule, Rule::NoWheel | Rule::SourceOnly));
    Judged::new(subject, Some(target), findings)
}

fn is_lacking(availability: &Availability) -> bool {
    matches!(availability, Availability::Nothing { .. })
}

/// `linux aarch64 (glibc 2.36), Python 3.11`
fn called(target: &Target) -> String {
    let platform = target.platform.as_ref().map(target::name).unwrap_or_default();
    format!("{platform}, Python {}", target.markers.python_version())
}

/// `moshi 0.2.2`
fn pinned(row: &CoverageRow) -> String {
    row.version.as_ref().map_or_else(|| row.name.to_string(), |version| format!("{} {version}", row.name))
}

fn text(subject: &Subject, coverage: &Coverage, targets: &[Target]) -> String {
    let head =
        format!("{}  {}", Style::new().bold().apply_to(&subject.name), count(coverage.rows.len(), "entry"));
    let blocks = targets.iter().enumerate().map(|(n, target)| block(coverage, n, target));
    std::iter::once(head).chain(blocks).collect::<Vec<_>>().join("\n\n")
}

/// What is to be told of one target: how many have a wheel, and by name all that have none.
fn block(coverage: &Coverage, n: usize, target: &Target) -> String {
    let told = |wanted: fn(&Availability) -> Option<String>| -> Vec<(String, String, String)> {
        let line = |row: &CoverageRow| row.line.map_or_else(String::new, |line| format!("line {line}"));
        let row = |row: &CoverageRow| wanted(&row.targets[n]).map(|told| (pinned(row), line(row), told));
        coverage.rows.iter().filter_map(row).collect()
    };
    let wheels =
        coverage.rows.iter().filter(|row| matches!(row.targets[n], Availability::Wheel { .. })).count();
    let groups = [
        (
            Style::new().red().bold().apply_to("cannot be had"),
            told(|availability| match availability {
                Availability::Nothing { instead: Some(version) } => Some(format!("{version} could be had")),
                Availability::Nothing { instead: None } => Some("nor can any other version".to_owned()),
                _ => None,
            }),
        ),
        (
            Style::new().yellow().apply_to("must be built from source"),
            told(|availability| match availability {
                Availability::SourceOnly { file } => Some(file.clone()),
                _ => None,
            }),
        ),
        (
            Style::new().yellow().apply_to("not known"),
            told(|availability| matches!(availability, Availability::Unknown).then(String::new)),
        ),
    ];
    let not_needed =
        coverage.rows.iter().filter(|row| matches!(row.targets[n], Availability::NotNeeded)).count();
    let mut text =
        format!("{}\n  {} as {}", called(target), wheels, if wheels == 1 { "a wheel" } else { "wheels" });
    if not_needed > 0 {
        text.push_str(&format!(", {not_needed} not needed"));
    }
    for (title, rows) in groups {
        if rows.is_empty() {
            continue;
        }
        text.push_str(&format!("\n  {} {title}", rows.len()));
        let width =
            |column: fn(&(String, String, String)) -> &String| rows.iter().map(|row| column(row).len()).max();
        let widths = (width(|row| &row.0).unwrap_or(0), width(|row| &row.1).unwrap_or(0));
        for (name, line, told) in &rows {
            let row =
                format!("    {name:<first$}  {line:<second$}  {told}", first = widths.0, second = widths.1);
            text.push_str(&format!("\n{}", row.trim_end()));
        }
    }
    text
}

/// The answer as JSON.
#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    lock: &'a str,
    targets: Vec<TargetReport>,
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: String,
    version: Option<String>,
    line: Option<usize>,
    /// One for each target.
    availability: &'a [Availability],
}

impl<'a> Report<'a> {
    fn new(subject: &'a Subject, coverage: &'a Coverage, targets: &[Target]) -> Self {
        let entry = |row: &'a CoverageRow| Entry {
            name: row.name.to_string(),
            version: row.version.as_ref().map(ToString::to_string),
            line: row.line,
            availability: &row.targets,
        };
        Self {
            schema: SCHEMA,
            lock: &subject.name,
            targets: targets.iter().map(TargetReport::asked).collect(),
            entries: coverage.rows.iter().map(entry).collect(),
        }
    }
}
