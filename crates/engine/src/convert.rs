//! A job: plan, store lookup, dispatch with mastering beside it, publish. Every step leaves what it made where
//! the next run finds it, so that a kill at any moment costs only what was in flight.

use std::{path::Path, sync::Arc, time::Instant};

use rhapsode_audio::judge::Breach;
use rhapsode_dispatch::{StopSignal, Work};
use rhapsode_release::{ChapterPlan, Track};
use rhapsode_script::ChapterSelection;
use rhapsode_speech::TakeKey;
use rhapsode_store::{JobDir, TakeStore};
use serde::Serialize;
use tokio::sync::watch;

use crate::{
    EngineError, Ensemble, Event, Listener, Output, Plan, PublishedRelease, Settings, Summary, Times,
    admission::{Applicant, Missing},
    casting::Cast,
    chapters::ChapterDraft,
    ensemble::profile,
    journal::Journal,
    ledger::{LEDGER, SkippedText},
    lookup::{Found, look_up},
    prepare::Prepared,
    production::{Figures, Production},
    publication::Publication,
    report::{DefectReport, REPORT, Report},
    selections::{Choice, Selections},
    takes::Takes,
    tracks::{Board, Studio},
};

/// Turns a manuscript into its releases.
///
/// # Errors
/// [`EngineError`] says at which stage it stopped; everything finished until then is kept and used by the
/// next run.
pub async fn convert(
    manuscript: &Path,
    output: &Output,
    settings: &Settings,
    ensemble: &Ensemble,
    stop: watch::Receiver<StopSignal>,
    listener: &dyn Listener,
) -> Result<Summary, EngineError> {
    let began = Instant::now();
    listener.tell(Event::Started { schema: crate::EVENT_SCHEMA, manuscript: manuscript.to_owned() });
    let prepared = Arc::new(Prepared::read(manuscript, profile(settings)?, settings)?);
    settings.redo.check(&prepared)?;
    let plan = Plan::of(&prepared, settings);
    listener.tell(scripted(&plan));

    let mut cast = ensemble.cast(settings)?;
    let mut publication =
        Publication::prepare(manuscript, output, &prepared, settings, &cast, ensemble.rate())?;
    let job_folder = settings.work.clone().unwrap_or_else(|| output.folder(manuscript));
    let job = JobDir::open(&job_folder, &plan.metadata.title, &prepared.book.source_hash)?;
    let drafts = ChapterDraft::of(&prepared, settings);
    let earlier = Selections::read(&job)?;
    let mut choices = earlier.choices(&prepared, &cast);
    let fingerprint = publication.fingerprint(&chapter_plans(&drafts, &choices));
    if let Some(summary) = publication.up_to_date(&job, &fingerprint)? {
        listener.tell(Event::Finished(Box::new(summary.clone())));
        return Ok(summary);
    }
    publication.claim(&job, manuscript)?;
    let journal = Journal::new(&job, listener);
    let listener: &dyn Listener = &journal;
    let store = Arc::clone(ensemble.store());
    job.write_json("plan.json", &plan)?;
    job.write_json(LEDGER, &SkippedText::of(&prepared.script))?;

    let looking = Instant::now();
    let look = Look { prepared: &prepared, store: &store };
    let mut found = look.up(&cast, &mut choices)?;
    let raised = settings.redo.raise(&found.present, &mut choices, &prepared, &cast, &store);
    if !raised.is_empty() {
        listener.tell(Event::Redo { ordinals: raised });
        found = look.up(&cast, &mut choices)?;
    }
    // From here on a kill loses nothing: what is to be made again is written down.
    let selections = earlier.with(&drafts, &choices);
    selections.write(&job)?;
    store.register_job(&job)?;
    let applicant = Applicant {
        settings,
        ensemble,
        store: &store,
        job: &job,
        length: (plan.estimated_seconds, publication.master.rate.0),
        formats: publication.formats(),
        output: output.folder(manuscript),
        stop: stop.clone(),
        listener,
    };
    if !found.missing.is_empty() && !ensemble.is_open() {
        ensemble.open(settings, stop.clone(), listener).await?;
        let asked = match ensemble.cast(settings) {
            Ok(asked) => asked,
            // The gate says of each backend why it has not the voice.
            Err(error @ EngineError::VoiceNotThere { .. }) => {
                applicant.pass(&found.missing, None).await?;
                return Err(error);
            }
            Err(error) => return Err(error),
        };
        if asked.renditions != cast.renditions {
            found = look.up(&asked, &mut choices)?;
        }
        cast = asked;
    }
    let lookup = looking.elapsed().as_secs_f64();
    listener.tell(looked_up(&found));
    let gate = applicant.pass(&found.missing, Some(&cast)).await?;
    publication.narrated_by(&prepared.metadata, &cast, settings);
    let titles: Vec<String> = drafts.iter().map(|draft| draft.title.clone()).collect();
    let studio = Studio {
        settings: publication.master.clone(),
        codecs: publication.codecs(),
        store: Arc::clone(&store),
        folder: job.tracks_dir(),
    };
    let keys = choices.iter().map(|choice| choice.key.0).collect();
    let mut production = Production {
        prepared: &prepared,
        settings,
        ensemble,
        cast: &cast,
        store,
        board: Board::new(studio, drafts.clone(), keys),
        takes: Takes::new(&prepared, &cast),
        choices,
        writing: publication.begin(&titles, plan.estimated_seconds),
        listener,
        figures: Figures::default(),
    };
    let outcome = production.run(found, stop).await;
    // Also of a job that stopped half-way: what it has made is pinned.
    selections.with(&drafts, &production.choices).write(&job)?;
    outcome?;
    journal.check()?;

    let published = publication.publish(std::mem::take(&mut production.writing))?;
    let companions = publication.accompany(manuscript, &prepared, &published, &production.board)?;
    let releases: Vec<PublishedRelease> =
        published.iter().map(|(format, published)| PublishedRelease::new(*format, published)).collect();
    for release in releases.iter().chain(&companions) {
        listener.tell(Event::Published { path: release.path.clone(), bytes: release.bytes });
    }
    let codecs = publication.codecs();
    let tracks: Vec<Track> =
        codecs.first().and_then(|&codec| production.board.tracks(codec)).unwrap_or_default();
    publication.shelve(&tracks)?;
    let summary = Summary {
        title: plan.metadata.title.clone(),
        releases,
        companions,
        seconds: tracks.iter().map(|track| track.encoded.rate.seconds(track.samples)).sum(),
        chunks: plan.chunks,
        spoken: production.figures.spoken,
        defects: defect_reports(&production),
        times: Times {
            wall: began.elapsed().as_secs_f64(),
            read: prepared.read_seconds,
            script: prepared.script_seconds,
            lookup,
            speech: production.figures.speech_seconds,
            mastering: production.board.busy_seconds(),
            measured_early: production.board.measured_early(),
            after_last_take: production.figures.last_take.elapsed().as_secs_f64(),
        },
        report: job.path().join(REPORT),
        tags: publication.tags().clone(),
        up_to_date: false,
    };
    job.write_json("timeline.json", &Timeline { tracks: &tracks })?;
    let fingerprint = publication.fingerprint(&chapter_plans(&drafts, &production.choices));
    let gate = gate.and_then(|report| serde_json::to_value(report).ok());
    let report = Report { summary: summary.clone(), plan, tracks: tracks.clone(), fingerprint, gate };
    job.write_json(REPORT, &report)?;
    // A run of some chapters does not know the tracks of the others.
    if settings.selection == ChapterSelection::All {
        production.board.sweep()?;
    }
    listener.tell(Event::Finished(Box::new(summary.clone())));
    Ok(summary)
}

/// Looking the takes of a book up.
struct Look<'a> {
    prepared: &'a Arc<Prepared>,
    store: &'a TakeStore,
}

impl Look<'_> {
    /// Finds the takes that are there, each chunk's of the generation that was chosen for it. Choices whose takes these
    /// backends could not have made become the first rendition's.
    fn up(&self, cast: &Cast, choices: &mut [Choice]) -> Result<Found, EngineError> {
        let work: Vec<Work> = self
            .prepared
            .script
            .chunks()
            .zip(choices.iter())
            .map(|(chunk, choice)| cast.work(self.prepared, chunk, choice.generation))
            .collect();
        for (item, choice) in work.iter().zip(choices.iter_mut()) {
            if !item.variants.iter().any(|variant| variant.key() == choice.key) {
                choice.key = item.variants[0].key();
            }
        }
        let preferred = |ordinal: u32| -> Option<TakeKey> { Some(choices[ordinal as usize].key) };
        let found = look_up(work, preferred, self.store)?;
        for present in &found.present {
            choices[present.ordinal as usize].key = present.take.key;
        }
        Ok(found)
    }
}

/// `timeline.json`: where each chunk lies in its track.
#[derive(Debug, Serialize)]
struct Timeline<'a> {
    tracks: &'a [Track],
}

/// The chapters with the takes that were chosen.
fn chapter_plans(drafts: &[ChapterDraft], choices: &[Choice]) -> Vec<ChapterPlan> {
    let keys: Vec<[u8; 32]> = choices.iter().map(|choice| choice.key.0).collect();
    drafts.iter().map(|draft| draft.plan(&keys)).collect()
}

fn defect_reports(production: &Production<'_>) -> Vec<DefectReport> {
    let takes = production.takes.iter().filter(|(_, take)| !take.defects.is_empty());
    let report = |(ordinal, take): (u32, &crate::lookup::Take)| DefectReport {
        ordinal,
        chapter: production.board.chapters()[production.board.chapter_of(ordinal)].title.clone(),
        text: production.prepared.chunk(ordinal).map(|c| c.source.text.clone()).unwrap_or_default(),
        defects: take.defects.clone(),
        reasons: reasons(&take.defects, &production.takes.breaches(ordinal, take)),
        file: production.store.file(&take.key.0),
    };
    takes.map(report).collect()
}

/// The defects of a take, each with its figures where there are some.
fn reasons(defects: &[String], breaches: &[Breach]) -> Vec<String> {
    let figures = |name: &String| {
        let breach = breaches.iter().find(|breach| breach.defect.to_string() == *name);
        breach.map_or_else(|| name.clone(), ToString::to_string)
    };
    defects.iter().map(figures).collect()
}

fn scripted(plan: &Plan) -> Event {
    Event::Scripted {
        title: plan.metadata.title.clone(),
        chapters: plan.chapters.iter().map(|chapter| chapter.title.clone()).collect(),
        characters: plan.characters,
        spoken: plan.spoken,
        chunks: plan.chunks,
        estimated_seconds: plan.estimated_seconds,
    }
}

fn looked_up(found: &Found) -> Event {
    Event::LookedUp {
        present: found.present.len(),
        missing: found.missing.len(),
        missing_characters: Missing::of(&found.missing).characters as u64,
    }
}
