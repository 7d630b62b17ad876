//! `rhapsode deps tree`: who asks for what, and who asks for the critical ones.

use std::process::ExitCode;

use console::Style;
use pep508_rs::PackageName;
use rhapsode_deps::{Branch, Question, Tree, tree};
use serde::Serialize;

use super::{Context, input, json, judged::SCHEMA, package, target};
use crate::{
    args::deps::{AnswerFormat, DepsTreeArgs},
    commands::print,
    failure::Failure,
};

/// The answer as JSON.
#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    name: &'a str,
    #[serde(flatten)]
    tree: &'a Tree,
}

pub(super) async fn run(args: &DepsTreeArgs, context: &Context) -> Result<ExitCode, Failure> {
    let critical: Vec<PackageName> =
        args.critical.iter().map(|name| package(name)).collect::<Result<_, _>>()?;
    let question = Question { target: target::asked(&args.target)?, ..Question::default() };
    let subject = input::subject_or_nearest(args.input.as_deref(), context).await?;
    let tree = tree(&subject, &critical, &question);
    match args.format {
        AnswerFormat::Json => print(&json(&Report { schema: SCHEMA, name: &subject.name, tree: &tree })?),
        AnswerFormat::Text => print(&text(&subject.name, &tree)),
    }
}

fn text(name: &str, tree: &Tree) -> String {
    let mut lines = vec![Style::new().bold().apply_to(name).to_string()];
    for root in &tree.roots {
        lines.push(String::new());
        lines.push(called(root));
        write(&mut lines, root, "");
    }
    for critical in &tree.critical {
        lines.push(String::new());
        lines.push(match (&critical.version, critical.branches.is_empty()) {
            (None, true) => format!("{} is not there, and nobody asks for it", critical.name),
            (_, true) => format!("{}, for which nobody asks", called(critical)),
            (None, false) => format!("{}, which is not there, is asked for by", critical.name),
            (Some(_), false) => format!("{} is asked for by", called(critical)),
        });
        write(&mut lines, critical, "");
    }
    lines.join("\n")
}

/// Writes the branches below one, each with the lines that lead to it.
fn write(lines: &mut Vec<String>, branch: &Branch, indent: &str) {
    let last = branch.branches.len().saturating_sub(1);
    for (n, below) in branch.branches.iter().enumerate() {
        let (corner, further) = if n == last { ("└── ", "    ") } else { ("├── ", "│   ") };
        lines.push(format!("{indent}{corner}{}{}", called(below), asked(below)));
        write(lines, below, &format!("{indent}{further}"));
    }
}

/// `numpy 2.2.6`
fn called(branch: &Branch) -> String {
    match &branch.version {
        Some(version) => format!("{} {version}", branch.name),
        None => branch.name.clone(),
    }
}

/// What leads to a branch, and whether it holds.
fn asked(branch: &Branch) -> String {
    let mut text = String::new();
    if let Some(requirement) = branch.requirement.as_deref().filter(|text| *text != branch.name) {
        text.push_str(&format!("  {}", Style::new().dim().apply_to(requirement)));
    }
    if !branch.met {
        text.push_str(&format!("  {}", Style::new().red().bold().apply_to("not met")));
    }
    if branch.seen {
        text.push_str("  (see above)");
    }
    text
}
