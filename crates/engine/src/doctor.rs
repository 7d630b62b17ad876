//! `rhapsode doctor`: the gate alone, for a configuration or for the job that a manuscript would be. Nothing is spoken but
//! the proofs, and nothing is written but these.

use std::{path::Path, sync::Arc};

use rhapsode_gate::GateReport;
use rhapsode_release::{Codec, Format};
use rhapsode_store::JobDir;

use crate::{
    EngineError, Ensemble, Output, Plan, Settings, Silent,
    admission::{JobKey, Machine, Missing, Room, examine},
    casting::Cast,
    ensemble::profile,
    lookup::look_up,
    prepare::Prepared,
    report::REPORT,
};

/// Checks every backend of the configuration and this machine; with a manuscript and its output, also what its job
/// needs. Backends are asked even if all takes of the book are there.
///
/// # Errors
/// If the manuscript cannot be read, or the backends would speak it with voices that differ. What the gate finds is no
/// error.
pub async fn doctor(
    book: Option<(&Path, &Output)>,
    settings: &Settings,
    ensemble: &Ensemble,
) -> Result<GateReport, EngineError> {
    let prepared = match book {
        Some((manuscript, _)) => Some(Arc::new(Prepared::read(manuscript, profile(settings)?, settings)?)),
        None => None,
    };
    // What does not open is reported as a check.
    ensemble.open_what_opens(settings, &Silent).await?;
    let cast = match ensemble.cast(settings) {
        Ok(cast) => Some(cast),
        Err(EngineError::VoiceNotThere { .. }) => None,
        Err(error) => return Err(error),
    };
    let formats: Vec<(Format, Codec)> =
        settings.formats.iter().map(|&format| (format, format.codec(settings.bitrate))).collect();
    let mut machine = Machine { formats, requests: ensemble.requests(), ..Machine::default() };
    let mut language = settings.metadata.language.clone();
    match (book, &prepared) {
        (Some((manuscript, output)), Some(prepared)) => {
            let plan = Plan::of(prepared, settings);
            let (folder, hash) = (output.folder(manuscript), prepared.book.source_hash);
            let key = JobKey {
                folder: settings.work.clone().unwrap_or_else(|| folder.clone()),
                title: plan.metadata.title.clone(),
                source_hash: hash,
            };
            let job = JobDir::place(&key.folder, &key.title, &hash);
            let missing = missing(prepared, cast.as_ref(), ensemble)?;
            let rate = ensemble.rate().unwrap_or(settings.master.rate).0;
            let tracks = job.join("tracks");
            let places = (ensemble.store().path(), tracks.as_path(), folder.as_path());
            machine.room =
                Room::of_job((plan.estimated_seconds, rate), missing, &machine.formats, places, settings);
            machine.newest = Some(job.join(REPORT));
            machine.lock = Some(key);
            language = prepared.script.chunks().next().map(|chunk| chunk.language.clone()).or(language);
        }
        _ => {
            let store = (ensemble.store().path().to_owned(), "takes");
            let work = settings.work.clone().map(|work| (work, "job directories"));
            machine.room = Room::of_folders([store].into_iter().chain(work));
        }
    }
    let backends = ensemble.at_the_gate(cast.as_ref(), settings, language.as_deref());
    Ok(examine(backends, machine.checks(), settings, ensemble.store()).await)
}

/// What is missing of a book.
fn missing(
    prepared: &Arc<Prepared>,
    cast: Option<&Cast>,
    ensemble: &Ensemble,
) -> Result<Missing, EngineError> {
    let Some(cast) = cast else {
        let characters = prepared.script.chunks().map(|chunk| chunk.plain_text().chars().count());
        return Ok(Missing { chunks: prepared.script.chunks().count(), characters: characters.sum() });
    };
    let work = prepared.script.chunks().map(|chunk| cast.work(prepared, chunk, 0)).collect();
    Ok(Missing::of(&look_up(work, |_| None, ensemble.store())?.missing))
}
