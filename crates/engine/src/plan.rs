//! What a job would do, without doing it: the figures of `rhapsode plan`, and `plan.json` of a job.

use std::{collections::BTreeMap, path::Path};

use rhapsode_book::Metadata;
use rhapsode_script::Profile;
use serde::{Deserialize, Serialize};

use crate::{EngineError, Settings, ensemble::profile, notes::proved_speed, prepare::Prepared};

/// Speech of the built-in voice in seconds a character of spoken text, at speed 1. Measured over Moby-Dick;
/// a first guess only, replaced by the lengths of real takes as soon as there are some.
pub const SECONDS_PER_CHARACTER: f64 = 0.0625;

/// Seconds of finished audiobook for each second of a worker of the built-in voice. Measured over Moby-Dick on
/// one core of a server (docs/bench.md); as rough as processors differ.
const X_REAL_TIME_A_WORKER: f64 = 100.0;

/// What a job would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What the book says about itself, with the user's words over it.
    pub metadata: Metadata,
    /// Format that the manuscript was read as.
    pub format: String,
    /// BLAKE3 of the manuscript, in hex.
    pub source_hash: String,
    /// Chapters in the book.
    pub chapters: Vec<PlannedChapter>,
    /// Characters in the manuscript: spoken and skipped are all of them.
    pub characters: u64,
    /// Characters that are spoken.
    pub spoken: u64,
    /// Characters that are skipped, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Chunks in all.
    pub chunks: usize,
    /// Expected length of the release.
    pub estimated_seconds: f64,
    /// Expected time of the work if no take is there yet.
    pub estimated_work_seconds: f64,
    /// Oddities that the reader mended.
    pub remarks: Vec<String>,
}

/// A chapter of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedChapter {
    /// Number in the book, from 1, as `--chapters` counts.
    pub number: u32,
    /// Title.
    pub title: String,
    /// Its first chunk, as `rhapsode redo --chunk` counts.
    #[serde(default)]
    pub first_chunk: u32,
    /// Chunks.
    pub chunks: usize,
    /// Characters of its text as it is spoken.
    pub characters: usize,
    /// Expected length.
    pub estimated_seconds: f64,
}

/// Plans the job of a manuscript. Nothing is written.
///
/// # Errors
/// If the manuscript cannot be read or has nothing to speak.
pub fn plan(manuscript: &Path, settings: &Settings) -> Result<Plan, EngineError> {
    let mut plan = Plan::of(&Prepared::read(manuscript, profile(settings)?, settings)?, settings);
    if let Some(times_real_time) = proved_speed(&settings.backends, &settings.store)? {
        plan.estimated_work_seconds = plan.estimated_seconds / times_real_time;
    }
    Ok(plan)
}

impl Plan {
    pub(crate) fn of(prepared: &Prepared, settings: &Settings) -> Self {
        let chapters: Vec<PlannedChapter> = prepared
            .script
            .chapters
            .iter()
            .map(|chapter| {
                let characters = chapter.chunks.iter().map(|c| c.plain_text().chars().count()).sum();
                let pauses: u32 =
                    chapter.chunks.iter().map(|c| settings.pauses.milliseconds(c.pause_after.reason)).sum();
                let ends = settings.master.head_ms + settings.master.tail_ms;
                PlannedChapter {
                    number: chapter.number,
                    title: chapter.title.clone(),
                    first_chunk: chapter.chunks.first().map_or(0, |chunk| chunk.ordinal),
                    chunks: chapter.chunks.len(),
                    characters,
                    estimated_seconds: characters as f64 * SECONDS_PER_CHARACTER / f64::from(settings.speed)
                        + f64::from(pauses + ends) / 1_000.0,
                }
            })
            .collect();
        let skipped = prepared.script.skipped();
        let characters = prepared.script.characters;
        let estimated_seconds: f64 = chapters.iter().map(|c| c.estimated_seconds).sum();
        Self {
            metadata: prepared.metadata.clone(),
            format: prepared.book.format.to_string(),
            source_hash: hex::encode(prepared.book.source_hash),
            characters,
            spoken: characters - skipped.values().sum::<u64>(),
            skipped: skipped.into_iter().map(|(reason, count)| (reason.describe(), count)).collect(),
            chunks: chapters.iter().map(|c| c.chunks).sum(),
            estimated_seconds,
            estimated_work_seconds: estimated_seconds
                / (X_REAL_TIME_A_WORKER * settings.workers.max(1) as f64),
            chapters,
            remarks: prepared.book.remarks.clone(),
        }
    }
}

/// How chunks are cut for the built-in voice: one sentence each, as long as its graph takes in one call.
pub const BUILTIN_PROFILE: Profile =
    Profile { min_chars: 1, max_chars: 300, packing: rhapsode_script::Packing::Sentence };
