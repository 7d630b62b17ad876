//! `rhapsode check`: an audit of finished audiobooks, ours or not.

mod table;

use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use rhapsode_audit::{Audit, Plan, Profile, Verdict, audit};

use super::{Context, Voice, print};
use crate::{
    args::CheckArgs,
    failure::{Failure, Kind},
};

pub(super) fn run(args: &CheckArgs, context: &Context) -> Result<ExitCode, Failure> {
    let plan = Plan::of(&args.inputs)?;
    let bar = match context.voice {
        Voice::Progress => context.screen.add(ProgressBar::new(plan.bytes()).with_style(style())),
        Voice::Quiet | Voice::Json => ProgressBar::hidden(),
    };
    let of_files = match plan.files() {
        1 => "1 file".to_owned(),
        files => format!("{files} files"),
    };
    bar.set_message(of_files);
    let counting = bar.clone();
    let found = audit(&plan, profile(args), &(Arc::new(move |bytes| counting.inc(bytes)) as _));
    bar.finish_and_clear();
    if args.json {
        print(&serde_json::to_string_pretty(&found).map_err(std::io::Error::from)?)?;
    } else {
        print(&table::table(&found))?;
    }
    Ok(code(&found))
}

/// Warnings are for people; only what is broken, or refused by the profile, ends in an error.
fn code(found: &Audit) -> ExitCode {
    if found.verdict == Verdict::Fail { Kind::Audit.into() } else { ExitCode::SUCCESS }
}

fn profile(args: &CheckArgs) -> Profile {
    match args {
        CheckArgs { acx: true, .. } => Profile::Acx,
        CheckArgs { r128: true, .. } => Profile::R128,
        CheckArgs { audiobookshelf: true, .. } => Profile::Audiobookshelf,
        _ => Profile::General,
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("  {bar:40} {bytes}/{total_bytes} of {msg}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸╌")
}
