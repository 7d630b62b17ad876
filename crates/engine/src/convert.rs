//! A job: plan, store lookup, dispatch with mastering beside it, publish. Every step leaves what it made where
//! the next run finds it, so that a kill at any moment costs only what was in flight.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Instant};

use rhapsode_dispatch::{DispatchOptions, StopSignal, Work};
use rhapsode_release::{ChapterPlan, PlannedTake, Track};
use rhapsode_store::{JobDir, TakeStore};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    DefectPolicy, EngineError, Event, Listener, Narrator, Output, Plan, Settings, Summary, Times,
    lookup::{Found, look_up},
    plan::BUILTIN_PROFILE,
    prepare::{Prepared, work},
    production::Production,
    publication::Publication,
    report::{DefectReport, REPORT, Report},
    tracks::{Board, Studio},
};

/// Takes whose loudness stands for the voice in chapters too short to be measured.
const REFERENCE_TAKES: usize = 30;
/// A chapter with fewer characters than this may have under 10 s of speech.
const SHORT_CHAPTER_CHARACTERS: usize = 400;

/// Turns a manuscript into its releases.
///
/// # Errors
/// [`EngineError`] says at which stage it stopped; everything finished until then is kept and used by the
/// next run.
pub async fn convert(
    manuscript: &Path,
    output: &Output,
    settings: &Settings,
    narrator: &Narrator,
    stop: watch::Receiver<StopSignal>,
    listener: &dyn Listener,
) -> Result<Summary, EngineError> {
    let began = Instant::now();
    listener.tell(Event::Started { schema: crate::EVENT_SCHEMA, manuscript: manuscript.to_owned() });
    let prepared = Prepared::read(manuscript, BUILTIN_PROFILE, settings)?;
    let plan = Plan::of(&prepared, settings);
    listener.tell(scripted(&plan));

    let work: Vec<Work> =
        prepared.script.chunks().map(|chunk| work(chunk, narrator.describe(), settings)).collect();
    let plans = chapter_plans(&prepared, &work, settings);
    let publication = Publication::prepare(manuscript, output, &prepared, settings, narrator)?;
    let job_folder = settings.work.clone().unwrap_or_else(|| output.folder(manuscript));
    let job = JobDir::open(&job_folder, &plan.metadata.title, &prepared.book.source_hash)?;
    let fingerprint = publication.fingerprint(&plans);
    if let Some(summary) = publication.up_to_date(&job, &fingerprint)? {
        listener.tell(Event::Finished(summary.clone()));
        return Ok(summary);
    }
    publication.claim(&job, manuscript)?;
    let store = Arc::new(TakeStore::open(&settings.store)?);
    job.write_json("plan.json", &plan)?;
    let earlier = job.read_or_discard::<Selections>(JobDir::SELECTIONS)?.unwrap_or_default();
    job.write_json(JobDir::SELECTIONS, &earlier.with(&prepared, &plans))?;
    store.register_job(&job)?;

    let looking = Instant::now();
    let found = look_up(work, &store, settings.defects)?;
    let lookup = looking.elapsed().as_secs_f64();
    listener.tell(looked_up(&found));
    let respoken: Vec<u32> = match settings.defects {
        DefectPolicy::Keep => Vec::new(),
        DefectPolicy::Retry => found.missing.iter().map(|item| item.ordinal).collect(),
    };
    let titles: Vec<String> = plans.iter().map(|plan| plan.title.clone()).collect();
    let studio = Studio {
        plans,
        settings: publication.master.clone(),
        codecs: publication.codecs(),
        store: Arc::clone(&store),
        folder: job.tracks_dir(),
    };
    let mut production = Production {
        prepared: &prepared,
        job: &job,
        store,
        board: Board::new(Arc::new(studio), &respoken)?,
        drafts: publication.begin(&titles, plan.estimated_seconds),
        listener,
        defects: BTreeMap::new(),
        spoken: 0,
        speech_seconds: 0.0,
        last_take: Instant::now(),
    };
    let options = DispatchOptions { attempts: settings.attempts, ..DispatchOptions::default() };
    production.run(found, narrator, options, stop).await?;

    let releases = publication.publish(std::mem::take(&mut production.drafts))?;
    for release in &releases {
        listener.tell(Event::Published { path: release.path.clone(), bytes: release.bytes });
    }
    let codecs = publication.codecs();
    let tracks: Vec<Track> =
        codecs.first().and_then(|&codec| production.board.tracks(codec)).unwrap_or_default();
    let summary = Summary {
        title: plan.metadata.title.clone(),
        releases,
        seconds: tracks.iter().map(|track| track.encoded.rate.seconds(track.samples)).sum(),
        chunks: plan.chunks,
        spoken: production.spoken,
        defects: defect_reports(&production),
        times: Times {
            wall: began.elapsed().as_secs_f64(),
            read: prepared.read_seconds,
            script: prepared.script_seconds,
            lookup,
            speech: production.speech_seconds,
            mastering: production.board.busy_seconds(),
            after_last_take: production.last_take.elapsed().as_secs_f64(),
        },
        report: job.path().join(REPORT),
        up_to_date: false,
    };
    job.write_json("timeline.json", &Timeline { tracks: &tracks })?;
    job.write_json(REPORT, &Report { summary: summary.clone(), plan, tracks: tracks.clone(), fingerprint })?;
    production.board.sweep()?;
    listener.tell(Event::Finished(summary.clone()));
    Ok(summary)
}

/// `selections.json`: the take of every chunk. It pins them in the store.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Selections {
    chapters: Vec<SelectedChapter>,
}

/// The takes of a chapter.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SelectedChapter {
    /// Number of the chapter in the book, from 1.
    number: u32,
    takes: Vec<PlannedTake>,
}

impl Selections {
    /// These with the chapters of this run in the place of their earlier selves. Chapters that this run leaves
    /// out keep their takes: `--chapters 3` must not give those of the whole book up for pruning.
    fn with(mut self, prepared: &Prepared, plans: &[ChapterPlan]) -> Self {
        let numbers = prepared.script.chapters.iter().map(|chapter| chapter.number);
        let chapters: Vec<SelectedChapter> = numbers
            .zip(plans)
            .map(|(number, plan)| SelectedChapter { number, takes: plan.takes.clone() })
            .collect();
        self.chapters.retain(|earlier| chapters.iter().all(|chapter| chapter.number != earlier.number));
        self.chapters.extend(chapters);
        self.chapters.sort_by_key(|chapter| chapter.number);
        self
    }
}

/// `timeline.json`: where each chunk lies in its track.
#[derive(Debug, Serialize)]
struct Timeline<'a> {
    tracks: &'a [Track],
}

/// The takes of each chapter with the pauses between them.
pub(crate) fn chapter_plans(prepared: &Prepared, work: &[Work], settings: &Settings) -> Vec<ChapterPlan> {
    let reference: Vec<[u8; 32]> =
        work.iter().take(REFERENCE_TAKES).map(|item| item.variants[0].key.0).collect();
    let mut keys = work.iter().map(|item| item.variants[0].key.0);
    prepared
        .script
        .chapters
        .iter()
        .map(|chapter| {
            let takes = chapter.chunks.iter().zip(keys.by_ref()).map(|(chunk, key)| PlannedTake {
                ordinal: chunk.ordinal,
                key,
                pause_after_ms: settings.pauses.milliseconds(chunk.pause_after.reason),
            });
            let characters: usize = chapter.chunks.iter().map(|c| c.plain_text().chars().count()).sum();
            ChapterPlan {
                title: chapter.title.clone(),
                takes: takes.collect(),
                loudness_reference: match characters < SHORT_CHAPTER_CHARACTERS {
                    true => reference.clone(),
                    false => Vec::new(),
                },
            }
        })
        .collect()
}

fn defect_reports(production: &Production<'_>) -> Vec<DefectReport> {
    let chapters = &production.prepared.script.chapters;
    let report = |(&ordinal, defects): (&u32, &Vec<String>)| DefectReport {
        ordinal,
        chapter: production
            .board
            .chapter_of(ordinal)
            .and_then(|chapter| chapters.get(chapter))
            .map(|chapter| chapter.title.clone())
            .unwrap_or_default(),
        text: production.prepared.chunk(ordinal).map(|c| c.source.text.clone()).unwrap_or_default(),
        defects: defects.clone(),
    };
    production.defects.iter().map(report).collect()
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
        missing_characters: found
            .missing
            .iter()
            .map(|w| w.variants[0].request.plain_text().chars().count() as u64)
            .sum(),
    }
}
