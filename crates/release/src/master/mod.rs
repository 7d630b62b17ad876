//! A chapter's takes in, a mastered and encoded track out.
//!
//! Two passes over the takes, and never a chapter in memory: the first finds the speech in each take and measures
//! it, on all cores and while takes still arrive; then the gain is known, and the second lays the takes on a bed of room tone, limits and
//! encodes as it goes. What was encoded is decoded once and measured, because a promise about the file has to hold
//! for the file. docs/mastering.md gives the figures and their reasons.

mod assembly;
mod keep;
mod layout;
mod level;
mod survey;
mod verify;

use std::path::Path;

use rhapsode_store::TakeStore;

pub use keep::{kept_track, sweep};
pub use survey::ChapterSurvey;

use crate::{ChapterPlan, ChunkTime, Codec, Loudness, MasterSettings, ReleaseError, Track};
use assembly::Assembly;
use keep::Shelf;
use layout::Layout;
use level::Mix;
use survey::Survey;
use verify::Verified;

/// Raised whenever mastering changes what is heard or where it lies, so that kept tracks are made again.
pub const MASTERING_REVISION: u32 = 3;

/// Times a track is encoded at most. Each time the ceiling comes down by what the encoder added and more, so the
/// second has always been enough so far.
const MOST_ENCODES: u32 = 4;

/// Masters and encodes a chapter, or gives back the track that is kept in `dir` from before.
///
/// The same plan, settings, codec and takes give the same bytes. The length is exact: head, takes, pauses and tail, up
/// to the next whole frame of the codec. CPU bound; memory does not grow with the chapter.
///
/// # Errors
/// If a take is missing from the store, a file cannot be read or written, the encoder fails, or the encoded track
/// is not as long as it must be.
pub fn master(
    plan: &ChapterPlan,
    settings: &MasterSettings,
    codec: Codec,
    store: &TakeStore,
    dir: &Path,
) -> Result<Track, ReleaseError> {
    master_surveyed(plan, &ChapterSurvey::new(plan.takes.len()), settings, codec, (store, dir))
}

/// The same for a chapter some or all of whose takes were measured before.
///
/// # Errors
/// Those of [`master`].
pub fn master_surveyed(
    plan: &ChapterPlan,
    surveyed: &ChapterSurvey,
    settings: &MasterSettings,
    codec: Codec,
    (store, dir): (&TakeStore, &Path),
) -> Result<Track, ReleaseError> {
    let shelf = Shelf::new(plan, settings, codec, dir);
    if let Some(track) = shelf.find(plan) {
        return Ok(track);
    }
    let survey = Survey::of_chapter(plan, surveyed, store)?;
    let settings = &MasterSettings { rate: codec.rate(settings.rate), ..settings.clone() };
    let layout = Layout::new(settings, codec, &survey, plan);
    let chapter = Chapter { plan, settings, codec, store, survey: &survey, layout: &layout };

    let mut mix = level::first_mix(&chapter)?;
    let mut encodes = 0;
    loop {
        encodes += 1;
        let new = shelf.new_file()?;
        let made = Assembly::new(&chapter, &mix).encode(&new)?;
        let verified = Verified::measure(&made.encoded)?;
        for found in [made.encoded.samples, verified.samples] {
            if found != layout.total {
                let chapter = plan.title.clone();
                return Err(ReleaseError::Length { chapter, expected: layout.total, found });
            }
        }
        let better = if encodes < MOST_ENCODES { mix.corrected(settings, &verified) } else { None };
        if let Some(better) = better {
            mix = better;
            continue;
        }
        let loudness = Loudness {
            integrated_lufs: verified.integrated_lufs,
            true_peak_dbtp: verified.true_peak_dbtp,
            rms_dbfs: verified.rms_dbfs,
            gain_db: mix.gain_db,
            limited: made.limited,
            encodes,
        };
        let track = Track {
            title: plan.title.clone(),
            samples: layout.total,
            encoded: made.encoded,
            loudness,
            chunks: chapter.chunks(),
        };
        return shelf.keep(track, new, survey.is_short());
    }
}

/// A chapter with everything that is known of it after the first pass.
struct Chapter<'a> {
    plan: &'a ChapterPlan,
    settings: &'a MasterSettings,
    codec: Codec,
    store: &'a TakeStore,
    survey: &'a Survey,
    layout: &'a Layout,
}

impl Chapter<'_> {
    fn chunks(&self) -> Vec<ChunkTime> {
        let takes = self.plan.takes.iter().zip(&self.survey.takes).zip(&self.layout.places);
        takes
            .map(|((planned, surveyed), place)| ChunkTime {
                ordinal: planned.ordinal,
                key: planned.key,
                start: place.start,
                length: place.length,
                trimmed_start: surveyed.speech.start as u64,
            })
            .collect()
    }
}
