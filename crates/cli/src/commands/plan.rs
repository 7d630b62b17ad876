//! `rhapsode plan`: what a conversion would do. Needs no voice and writes nothing.

use std::process::ExitCode;

use super::{Context, print};
use crate::{args::PlanArgs, backends::Keys, failure::Failure, report, settings};

pub(super) fn run(args: &PlanArgs, context: &Context) -> Result<ExitCode, Failure> {
    let mut layers = context.layers(Some(&args.book))?;
    args.speech.overlay(&mut layers)?;
    args.reading.overlay(&mut layers)?;
    let mut settings = settings::settings(&layers, Keys::IfThere)?;
    settings.selection = args.reading.selection()?;
    let settings = settings::with_files_beside(&settings, &args.book)?;
    let plan = rhapsode_engine::plan(&args.book, &settings)?;
    if args.json {
        let json = serde_json::to_string_pretty(&plan).map_err(std::io::Error::from)?;
        return print(&json);
    }
    print(&report::plan(&plan))
}
