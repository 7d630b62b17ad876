//! `rhapsode deps check`: every rule on every input.

use std::process::ExitCode;

use rhapsode_deps::{Question, judge};

use super::{
    Context, input, json,
    judged::{Judged, Report},
    sarif, target,
};
use crate::{
    args::deps::{DepsCheckArgs, FindingsFormat},
    commands::print,
    failure::{Failure, Kind},
};

pub(super) async fn run(args: &DepsCheckArgs, context: &Context) -> Result<ExitCode, Failure> {
    let question = Question { target: target::asked(&args.target)?, ..Question::default() };
    let mut judged = Vec::new();
    for input in &args.inputs {
        let subject = input::subject(input, context).await?;
        let findings = judge(&subject, &question);
        judged.push(Judged::new(&subject, question.target.as_ref(), findings));
    }
    show(&judged, args.format)
}

/// Prints what was judged; the exit code says whether it passed.
pub(super) fn show(judged: &[Judged], format: FindingsFormat) -> Result<ExitCode, Failure> {
    match format {
        FindingsFormat::Text => {
            let blocks: Vec<String> = judged.iter().map(Judged::text).collect();
            print(&blocks.join("\n\n"))?
        }
        FindingsFormat::Json => print(&json(&Report::new(judged))?)?,
        FindingsFormat::Sarif => print(&json(&sarif::log(judged))?)?,
    };
    Ok(if judged.iter().any(Judged::is_refused) { Kind::Gate.into() } else { ExitCode::SUCCESS })
}
