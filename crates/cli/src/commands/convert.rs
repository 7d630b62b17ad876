//! `rhapsode convert`: one job after the other, each with its own outcome.

use std::{path::Path, process::ExitCode, sync::Arc};

use rhapsode_engine::{DefectPolicy, Listener, Narrator, Output, Overwrite, Settings, StopSignal, Summary};
use tokio::sync::watch;

use super::Context;
use crate::{
    args::ConvertArgs,
    failure::{Failure, Kind},
    interrupt, manuscripts, report, settings,
};

pub(super) async fn run(args: &ConvertArgs, context: &Context) -> Result<ExitCode, Failure> {
    let mut layers = context.layers()?;
    args.release.overlay(&mut layers);
    args.speech.overlay(&mut layers);
    args.reading.overlay(&mut layers);
    let mut settings = settings::settings(&layers.config()?)?;
    settings.selection = args.reading.selection()?;
    settings.overwrite = if args.release.force { Overwrite::Always } else { Overwrite::OwnOnly };
    settings.defects = if args.release.retry_defects { DefectPolicy::Retry } else { DefectPolicy::Keep };
    let output = args.release.output.clone().map_or(Output::BesideManuscript, Output::At);

    let books = manuscripts::gather(&args.books)?;
    if books.is_empty() {
        return Err(Failure::new(
            Kind::Manuscript,
            "failed to find a manuscript in the folders given",
            Some("rhapsode reads EPUB, Markdown, HTML, plain text and DOCX"),
        ));
    }
    let listener = context.listener();
    let stop = interrupt::watch();
    let narrator = Narrator::find(&settings, Arc::clone(&listener)).await?;
    let mut outcomes = Vec::new();
    for book in &books {
        let outcome = one(book, &output, &settings, &narrator, stop.clone(), listener.as_ref()).await;
        match &outcome {
            Ok(summary) => context.tell(&report::summary(summary)),
            Err(failure) => failure.print(),
        }
        let stopped = matches!(&outcome, Err(failure) if failure.kind == Kind::Stopped);
        outcomes.push(outcome);
        if stopped {
            break;
        }
    }
    Ok(exit_code(&outcomes))
}

async fn one(
    book: &Path,
    output: &Output,
    settings: &Settings,
    narrator: &Narrator,
    stop: watch::Receiver<StopSignal>,
    listener: &dyn Listener,
) -> Result<Summary, Failure> {
    let settings = settings::with_lexicon_beside(settings, book)?;
    tokio::select! {
        outcome = rhapsode_engine::convert(book, output, &settings, narrator, stop.clone(), listener) => {
            Ok(outcome?)
        }
        () = interrupt::stopped_now(stop.clone()) => {
            Err(Failure::new(Kind::Stopped, "stopped at once", Some("run the same command again to go on")))
        }
    }
}

/// The code of the only book, or one that tells partial from complete.
fn exit_code(outcomes: &[Result<Summary, Failure>]) -> ExitCode {
    let failures: Vec<Kind> = outcomes.iter().filter_map(|o| o.as_ref().err().map(|f| f.kind)).collect();
    let defects = outcomes.iter().flatten().any(|summary| !summary.defects.is_empty());
    match failures.as_slice() {
        [] if defects => Kind::Defects.into(),
        [] => ExitCode::SUCCESS,
        kinds if kinds.contains(&Kind::Stopped) => Kind::Stopped.into(),
        [only] if outcomes.len() == 1 => (*only).into(),
        kinds if kinds.len() == outcomes.len() && kinds.windows(2).all(|pair| pair[0] == pair[1]) => {
            kinds[0].into()
        }
        _ => Kind::Partial.into(),
    }
}
