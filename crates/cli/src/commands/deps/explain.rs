//! `rhapsode deps explain`: why a package is there in this version, and which one to pin.

use std::process::ExitCode;

use console::Style;
use rhapsode_deps::{Ask, Explanation, IndexFiles, Packages, Pinned, Question, Subject, explain};
use serde::Serialize;

use super::{Context, index, input, json, judged::SCHEMA, package, target};
use crate::{
    args::deps::{AnswerFormat, DepsExplainArgs},
    commands::print,
    failure::{Failure, Kind},
};

/// The answer as JSON.
#[derive(Serialize)]
struct Report<'a> {
    schema: u32,
    input: &'a str,
    #[serde(flatten)]
    explanation: &'a Explanation,
}

pub(super) async fn run(args: &DepsExplainArgs, context: &Context) -> Result<ExitCode, Failure> {
    let name = package(&args.package)?;
    let target = target::asked(&args.target)?;
    let subject = input::subject_or_nearest(args.input.as_deref(), context).await?;
    let files = index::named(&args.index, &name).await?;
    let question = Question {
        target,
        index: files.as_ref().map(|files| files as &dyn IndexFiles),
        ..Question::default()
    };
    let Some(explanation) = explain(&subject, &name, &question) else {
        let message = format!("failed to explain {name}: {} neither has it nor asks for it", subject.name);
        return Err(Failure::new(Kind::Usage, message, Some("`rhapsode deps tree` shows what is there")));
    };
    match args.format {
        AnswerFormat::Json => {
            print(&json(&Report { schema: SCHEMA, input: &subject.name, explanation: &explanation })?)
        }
        AnswerFormat::Text => print(&text(&subject, &explanation)),
    }
}

fn text(subject: &Subject, explanation: &Explanation) -> String {
    let input = &subject.name;
    let Explanation { name, there, asked, together, pin, lesson } = explanation;
    let bold = Style::new().bold();
    let mut lines = vec![match there.as_slice() {
        [] => format!("{} is not in {input}", bold.apply_to(name)),
        there => format!("{} in {input}", bold.apply_to(format!("{name} {}", there.join(" and ")))),
    }];
    lines.push(String::new());
    if asked.is_empty() {
        lines.push(match commented(subject, name) {
            by if by.is_empty() => "Nobody asks for it.".to_owned(),
            by => format!(
                "By the lock's comments it is there for {}; for which versions, they do not say.",
                by.join(", ")
            ),
        });
    } else {
        lines.push("Asked for by, the strictest first:".to_owned());
        lines.extend(table(asked));
    }
    lines.push(String::new());
    if !together.is_empty() {
        lines.push(format!("All of them together: {name}{together}"));
    }
    lines.push(pinned(name, pin));
    lines.push(String::new());
    lines.push(lesson.clone());
    lines.join("\n")
}

/// Who asks, by the comments of a lock (`# via`).
fn commented<'a>(subject: &'a Subject, name: &str) -> Vec<&'a str> {
    let Packages::Lock(lock) = &subject.packages else { return Vec::new() };
    let entries = lock.entries.iter().filter(|entry| entry.name.as_ref() == name);
    entries.flat_map(|entry| &entry.via).map(String::as_str).collect()
}

/// A line for each who asks.
fn table(asked: &[Ask]) -> Vec<String> {
    let width = |column: fn(&Ask) -> usize| asked.iter().map(column).max().unwrap_or(0);
    let (by, requirement) = (width(|ask| ask.by.len()), width(|ask| ask.requirement.len()));
    let row = |ask: &Ask| {
        let mut notes = Vec::new();
        if !ask.met {
            notes.push(Style::new().red().bold().apply_to("not met").to_string());
        }
        if ask.undeclared {
            notes.push("does not say so itself".to_owned());
        }
        notes.extend(ask.extra.as_ref().map(|extra| format!("with its extra {extra}")));
        notes.extend(ask.marker.as_ref().map(|marker| format!("where {marker}")));
        if let [_, _, ..] = ask.path.as_slice() {
            notes.push(format!("through {}", ask.path.join(" > ")));
        }
        let line = format!("  {:<by$}  {:<requirement$}  {}", ask.by, ask.requirement, notes.join(", "));
        line.trim_end().to_owned()
    };
    asked.iter().map(row).collect()
}

fn pinned(name: &str, pin: &Pinned) -> String {
    match pin {
        Pinned::Keep { version } => format!("Pin {name}=={version}: it is there and suits all of them."),
        Pinned::Change { version } => format!("Pin {name}=={version}: the highest that suits all of them."),
        Pinned::Range { range } => {
            format!("Pin a version of {name}{range}; --index shows the highest that there is.")
        }
        Pinned::Impossible { between } => {
            format!("No version suits all of them. These exclude each other:\n  {}", between.join("\n  "))
        }
    }
}
