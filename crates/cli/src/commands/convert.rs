//! `rhapsode convert`: one job after the other, each with its own outcome.

use std::{path::Path, process::ExitCode, sync::Arc};

use rhapsode_engine::{
    DefectPolicy, Ensemble, Ensembles, Listener, Output, Overwrite, Redo, Settings, StopSignal, Summary,
};
use tokio::sync::watch;

use super::Context;
use crate::{
    args::{ConvertArgs, GateArgs, JobArgs},
    backends::Keys,
    batch::{self, Entry, Line},
    failure::{Failure, Kind},
    interrupt,
    layers::Layers,
    metrics, report, settings,
};

/// A book with its own settings and backends, or why it has none.
struct Job {
    entry: Entry,
    made: Result<(Settings, Arc<Ensemble>), Failure>,
}

/// Converts the books; of each, what `redo` names is made again although it is there.
pub(super) async fn run(args: &ConvertArgs, redo: Redo, context: &Context) -> Result<ExitCode, Failure> {
    // What is wrong for all books is told once, before the first.
    let _ = job_settings(&args.job, &args.gate, &redo, context, None)?;
    let output = output(&args.job);
    let entries = batch::entries(&args.books, args.manifest.as_deref())?;
    let listener = metrics::beside(context.listener(), args.watching.metrics.as_deref()).await?;
    let stop = interrupt::watch(context);
    let mut ensembles = Ensembles::default();
    let mut jobs = Vec::new();
    for entry in entries {
        let made = match entry_settings(&args.job, &args.gate, &redo, context, &entry) {
            Ok(settings) => Ok((ensembles.find(&settings, Arc::clone(&listener)).await?, settings)),
            Err(failure) => Err(failure),
        };
        jobs.push(Job { entry, made: made.map(|(ensemble, settings)| (settings, ensemble)) });
    }
    let mut outcomes = Vec::new();
    for Job { entry, made } in &jobs {
        let output = entry.output.clone().map_or_else(|| output.clone(), Output::At);
        let outcome = match made {
            Ok((settings, ensemble)) => {
                let (book, stop) = (&entry.manuscript, stop.clone());
                one(book, &output, settings, ensemble, stop, listener.as_ref()).await
            }
            Err(failure) => Err(failure.clone()),
        };
        match &outcome {
            Ok(summary) => context.tell(&report::summary(summary)),
            Err(failure) => context.fail(failure),
        }
        let stopped = matches!(&outcome, Err(failure) if failure.kind == Kind::Stopped);
        outcomes.push(outcome);
        if stopped {
            break;
        }
    }
    if jobs.len() > 1 {
        let ends = outcomes.iter().map(Some).chain(std::iter::repeat(None));
        let books = jobs.iter().map(|job| job.entry.manuscript.as_path());
        let lines: Vec<Line> = books.zip(ends).map(|(book, outcome)| Line::of(book, outcome)).collect();
        context.tell_of_batch(&lines, exit_code(&outcomes));
    }
    Ok(exit_code(&outcomes).map_or(ExitCode::SUCCESS, ExitCode::from))
}

/// Where releases go.
pub(super) fn output(args: &JobArgs) -> Output {
    match (&args.release.library, &args.release.output) {
        (Some(library), _) => Output::Library(library.clone()),
        (None, Some(path)) => Output::At(path.clone()),
        (None, None) => Output::BesideManuscript,
    }
}

/// The settings of a book, or those of all books before any is looked at.
pub(super) fn job_settings(
    args: &JobArgs,
    gate: &GateArgs,
    redo: &Redo,
    context: &Context,
    manuscript: Option<&Path>,
) -> Result<Settings, Failure> {
    let settings = with_flags(context.layers(manuscript)?, args, gate, redo)?;
    match manuscript {
        Some(manuscript) => settings::with_files_beside(&settings, manuscript),
        None => Ok(settings),
    }
}

/// The settings of a book of a batch.
fn entry_settings(
    args: &JobArgs,
    gate: &GateArgs,
    redo: &Redo,
    context: &Context,
    entry: &Entry,
) -> Result<Settings, Failure> {
    let mut settings = with_flags(context.layers_of(entry)?, args, gate, redo)?;
    if let (Some(chapters), None) = (&entry.chapters, &args.reading.chapters) {
        settings.selection = chapters.clone();
    }
    settings::with_files_beside(&settings, &entry.manuscript)
}

fn with_flags(mut layers: Layers, args: &JobArgs, gate: &GateArgs, redo: &Redo) -> Result<Settings, Failure> {
    args.release.overlay(&mut layers)?;
    args.speech.overlay(&mut layers)?;
    args.reading.overlay(&mut layers)?;
    gate.overlay(&mut layers)?;
    let mut settings = settings::settings(&layers, Keys::Demanded)?;
    settings.selection = args.reading.selection()?;
    settings.overwrite = if args.release.force { Overwrite::Always } else { Overwrite::OwnOnly };
    settings.redo = redo.clone();
    if args.release.retry_defects {
        settings.redo.defects = DefectPolicy::Retry;
    }
    Ok(settings)
}

/// Makes one book, and leaves it at once when that is wanted.
pub(super) async fn one(
    book: &Path,
    output: &Output,
    settings: &Settings,
    ensemble: &Ensemble,
    stop: watch::Receiver<StopSignal>,
    listener: &dyn Listener,
) -> Result<Summary, Failure> {
    tokio::select! {
        outcome = rhapsode_engine::convert(book, output, settings, ensemble, stop.clone(), listener) => {
            Ok(outcome?)
        }
        () = interrupt::stopped_now(stop.clone()) => {
            Err(Failure::new(Kind::Stopped, "stopped at once", Some("run the same command again to go on")))
        }
    }
}

/// The kind of the only failure, or one that tells partial from complete; none if all went well.
fn exit_code(outcomes: &[Result<Summary, Failure>]) -> Option<Kind> {
    let failures: Vec<Kind> = outcomes.iter().filter_map(|o| o.as_ref().err().map(|f| f.kind)).collect();
    let defects = outcomes.iter().flatten().any(|summary| !summary.defects.is_empty());
    match failures.as_slice() {
        [] => defects.then_some(Kind::Defects),
        kinds if kinds.contains(&Kind::Stopped) => Some(Kind::Stopped),
        kinds if kinds.len() == outcomes.len() && kinds.windows(2).all(|pair| pair[0] == pair[1]) => {
            kinds.first().copied()
        }
        _ => Some(Kind::Partial),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rhapsode_engine::{DefectReport, Times, release::Tags};

    use super::*;

    fn done(defects: usize) -> Result<Summary, Failure> {
        let defect = DefectReport {
            ordinal: 0,
            chapter: "One".into(),
            text: "Words.".into(),
            defects: vec!["silent".into()],
            reasons: vec!["silent (-80.00 dBFS, bound -50.00)".into()],
            file: PathBuf::from("take.wav"),
        };
        Ok(Summary {
            title: "T".into(),
            releases: Vec::new(),
            companions: Vec::new(),
            seconds: 1.0,
            chunks: 1,
            spoken: 1,
            defects: vec![defect; defects],
            times: Times::default(),
            report: PathBuf::new(),
            tags: Tags::default(),
            up_to_date: false,
        })
    }

    fn failed(kind: Kind) -> Result<Summary, Failure> {
        Err(Failure::new(kind, "failed", None))
    }

    #[test]
    fn the_exit_code_of_one_book_is_that_of_its_outcome() {
        assert_eq!(exit_code(&[done(0)]), None);
        assert_eq!(exit_code(&[done(1)]), Some(Kind::Defects));
        assert_eq!(exit_code(&[failed(Kind::Manuscript)]), Some(Kind::Manuscript));
    }

    #[test]
    fn books_that_fail_alike_have_their_code_and_others_are_partial() {
        assert_eq!(exit_code(&[failed(Kind::Locked), failed(Kind::Locked)]), Some(Kind::Locked));
        assert_eq!(exit_code(&[failed(Kind::Locked), failed(Kind::Files)]), Some(Kind::Partial));
        assert_eq!(exit_code(&[done(0), failed(Kind::Files)]), Some(Kind::Partial));
        assert_eq!(exit_code(&[done(0), done(2)]), Some(Kind::Defects));
    }

    #[test]
    fn a_stop_counts_for_more_than_anything_before_it() {
        assert_eq!(exit_code(&[failed(Kind::Files), failed(Kind::Stopped)]), Some(Kind::Stopped));
    }
}
