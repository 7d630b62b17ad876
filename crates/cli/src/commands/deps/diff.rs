//! `rhapsode deps diff`: what changed from one environment or lock to another.

use std::process::ExitCode;

use console::Style;
use rhapsode_deps::{Change, Diff, Direction, Question, RequirementChange, diff};
use serde::Serialize;

use super::{Context, input, json, judged::SCHEMA, target};
use crate::{
    args::deps::{AnswerFormat, DepsDiffArgs},
    commands::print,
    failure::Failure,
};

/// The answer as JSON.
#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    before: &'a str,
    after: &'a str,
    #[serde(flatten)]
    diff: &'a Diff,
}

pub(super) async fn run(args: &DepsDiffArgs, context: &Context) -> Result<ExitCode, Failure> {
    let question = Question { target: target::asked(&args.target)?, ..Question::default() };
    let before = input::subject(&args.before, context).await?;
    let after = input::subject(&args.after, context).await?;
    let diff = diff(&before, &after, &question);
    match args.format {
        AnswerFormat::Json => {
            print(&json(&Report { schema: SCHEMA, before: &before.name, after: &after.name, diff: &diff })?)
        }
        AnswerFormat::Text => print(&text(&before.name, &after.name, &diff)),
    }
}

fn text(before: &str, after: &str, diff: &Diff) -> String {
    let head = Style::new().bold().apply_to(format!("{before} -> {after}"));
    if diff.is_empty() {
        return format!("{head}\n  nothing changed");
    }
    let entry = |entry: &rhapsode_deps::Entry| (entry.name.clone(), entry.versions.join(" and "));
    let groups = [
        ("added", diff.added.iter().map(entry).collect()),
        ("removed", diff.removed.iter().map(entry).collect()),
        ("changed", diff.changed.iter().map(changed).collect()),
        ("asked for, and not met on the other side", diff.requirements.iter().map(asked).collect()),
    ];
    let groups = groups.into_iter().filter(|(_, rows): &(_, Vec<_>)| !rows.is_empty());
    let blocks = groups.map(|(title, rows)| {
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let rows =
            rows.iter().map(|(name, told)| format!("\n    {name:<width$}  {told}").trim_end().to_owned());
        format!("\n  {} {title}{}", rows.len(), rows.collect::<String>())
    });
    format!("{head}{}", blocks.collect::<String>())
}

/// `numpy`, `1.26.4 -> 2.2.6, up`
fn changed(change: &Change) -> (String, String) {
    let direction = match change.direction {
        Direction::Up => ", up",
        Direction::Down => ", down",
        Direction::Build => ", another build",
        Direction::Unclear => "",
    };
    let versions = |versions: &[String]| versions.join(" and ");
    (change.name.clone(), format!("{} -> {}{direction}", versions(&change.from), versions(&change.to)))
}

/// `torchtune`, `nothing -> numpy<=1.26.4`
fn asked(change: &RequirementChange) -> (String, String) {
    let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
    (change.by.clone(), format!("{} -> {}", side(&change.from), side(&change.to)))
}
