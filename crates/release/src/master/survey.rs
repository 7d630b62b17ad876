//! The first pass: where the speech of each take lies and how loud it is.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use rhapsode_audio::level::{energy, peak};
use rhapsode_audio::loudness::Meter;
use rhapsode_audio::trim::{TrimSettings, speech_range};
use rhapsode_audio::{SampleRate, from_i16};
use rhapsode_store::TakeStore;

use crate::{ChapterPlan, PlannedTake, ReleaseError};

/// Takes that one meter measures in a row: enough for little memory, few enough for all cores.
const GROUP: usize = 16;
/// Of a pause, the meter hears this much, in seconds: one gating block. More would be gated out anyway.
const HEARD_PAUSE: f64 = 0.4;
/// A chapter with less speech than this, in seconds, has no loudness of its own.
const SHORT: f64 = 10.0;
/// Pause after each take of a loudness reference, in milliseconds, like between sentences.
const REFERENCE_PAUSE_MS: u32 = 500;

/// What the first pass finds in a chapter, kept while its takes arrive and for all codecs that it is encoded in.
///
/// It measures in groups of takes, always the same ones, so that the order in which takes arrive changes nothing.
#[derive(Debug, Default)]
pub struct ChapterSurvey {
    groups: Vec<Mutex<Option<Arc<Group>>>>,
}

/// A few takes in a row.
#[derive(Debug)]
struct Group {
    /// What was measured: these takes with these pauses.
    of: Vec<PlannedTake>,
    takes: Vec<SurveyedTake>,
    meters: Vec<Meter>,
}

impl ChapterSurvey {
    /// The survey of a chapter with so many takes, of which nothing is measured yet.
    #[must_use]
    pub fn new(takes: usize) -> Self {
        Self { groups: (0..takes.div_ceil(GROUP)).map(|_| Mutex::default()).collect() }
    }

    /// The group that a take belongs to, as the places of its takes in the chapter of `takes` takes.
    #[must_use]
    pub fn group_of(take: usize, takes: usize) -> Range<usize> {
        let start = take - take % GROUP;
        start..takes.min(start + GROUP)
    }

    /// Measures a whole group, so that it is done when the chapter is mastered. `takes` are those of the group that begins
    /// with the take at `start`. What cannot be read is told by whoever masters.
    pub fn measure(&self, start: usize, takes: &[PlannedTake], store: &TakeStore) {
        let missing =
            |take: &PlannedTake| ReleaseError::TakeMissing { ordinal: take.ordinal, chapter: String::new() };
        let _ = self.group(start / GROUP, takes, store, &missing);
    }

    /// Takes that are measured already.
    #[must_use]
    pub fn measured(&self) -> usize {
        // A group that is being measured at the moment is not there yet.
        let measured =
            |slot: &Mutex<Option<Arc<Group>>>| slot.try_lock().ok()?.as_ref().map(|it| it.takes.len());
        self.groups.iter().filter_map(measured).sum()
    }

    fn group(
        &self,
        index: usize,
        takes: &[PlannedTake],
        store: &TakeStore,
        missing: &(impl Fn(&PlannedTake) -> ReleaseError + Sync),
    ) -> Result<Arc<Group>, ReleaseError> {
        let Some(slot) = self.groups.get(index) else {
            return Group::of(takes, store, missing).map(Arc::new);
        };
        // A panic while a group was measured leaves none.
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        // A take may have been replaced since.
        if let Some(group) = slot.as_ref().filter(|group| group.of == takes) {
            return Ok(Arc::clone(group));
        }
        let group = Arc::new(Group::of(takes, store, missing)?);
        *slot = Some(Arc::clone(&group));
        Ok(group)
    }
}

/// What the first pass found.
pub(super) struct Survey {
    /// Each take, in reading order.
    pub(super) takes: Vec<SurveyedTake>,
    groups: Vec<Arc<Group>>,
}

/// A take as the first pass found it.
#[derive(Debug, Clone)]
pub(super) struct SurveyedTake {
    pub(super) rate: SampleRate,
    /// Where its speech lies, at its rate.
    pub(super) speech: Range<usize>,
    /// Highest sample of the speech.
    pub(super) peak: f32,
    /// Energy of the speech: mean square times seconds.
    pub(super) energy: f64,
}

impl SurveyedTake {
    pub(super) fn seconds(&self) -> f64 {
        self.rate.seconds(self.speech.len() as u64)
    }
}

impl Survey {
    /// Surveys the takes of a chapter, as far as that is not done.
    pub(super) fn of_chapter(
        plan: &ChapterPlan,
        done: &ChapterSurvey,
        store: &TakeStore,
    ) -> Result<Self, ReleaseError> {
        Self::of(&plan.takes, done, store, |take| ReleaseError::TakeMissing {
            ordinal: take.ordinal,
            chapter: plan.title.clone(),
        })
    }

    /// Surveys the takes that a short chapter takes its gain from.
    pub(super) fn of_reference(plan: &ChapterPlan, store: &TakeStore) -> Result<Self, ReleaseError> {
        let takes: Vec<PlannedTake> = (0..)
            .zip(&plan.loudness_reference)
            .map(|(ordinal, &key)| PlannedTake { ordinal, key, pause_after_ms: REFERENCE_PAUSE_MS })
            .collect();
        let missing = |_: &PlannedTake| ReleaseError::ReferenceMissing { chapter: plan.title.clone() };
        Self::of(&takes, &ChapterSurvey::default(), store, missing)
    }

    fn of(
        takes: &[PlannedTake],
        done: &ChapterSurvey,
        store: &TakeStore,
        missing: impl Fn(&PlannedTake) -> ReleaseError + Sync,
    ) -> Result<Self, ReleaseError> {
        let groups: Vec<Arc<Group>> = takes
            .par_chunks(GROUP)
            .enumerate()
            .map(|(index, group)| done.group(index, group, store, &missing))
            .collect::<Result<_, _>>()?;
        let takes = groups.iter().flat_map(|group| group.takes.iter().cloned()).collect();
        Ok(Self { takes, groups })
    }

    /// Integrated loudness of all takes with their pauses, LUFS; none if nothing is heard.
    pub(super) fn integrated(&self) -> Option<f64> {
        Meter::merged(self.groups.iter().flat_map(|group| &group.meters))
    }

    /// Energy of all speech: mean square times seconds.
    pub(super) fn energy(&self) -> f64 {
        self.takes.iter().map(|take| take.energy).sum()
    }

    /// Seconds of speech.
    pub(super) fn speech_seconds(&self) -> f64 {
        self.takes.iter().map(SurveyedTake::seconds).sum()
    }

    /// Seconds of speech with the pauses of a reference.
    pub(super) fn reference_seconds(&self) -> f64 {
        self.speech_seconds() + self.takes.len() as f64 * f64::from(REFERENCE_PAUSE_MS) / 1_000.0
    }

    /// Whether there is too little speech for a loudness of its own.
    pub(super) fn is_short(&self) -> bool {
        self.speech_seconds() < SHORT
    }
}

impl Group {
    fn of(
        takes: &[PlannedTake],
        store: &TakeStore,
        missing: &(impl Fn(&PlannedTake) -> ReleaseError + Sync),
    ) -> Result<Self, ReleaseError> {
        let mut group =
            Self { of: takes.to_vec(), takes: Vec::with_capacity(takes.len()), meters: Vec::new() };
        let mut measuring: Option<(SampleRate, Meter)> = None;
        for planned in takes {
            let stored = store.get(&planned.key)?.ok_or_else(|| missing(planned))?;
            let rate = SampleRate(stored.rate);
            let samples: Vec<f32> = stored.samples.iter().map(|&sample| from_i16(sample)).collect();
            let speech = speech_range(&samples, rate, &TrimSettings::default());
            let spoken = &samples[speech.clone()];

            let pause = vec![0.0; rate.samples(HEARD_PAUSE.min(f64::from(planned.pause_after_ms) / 1_000.0))];
            let mut meter = match measuring.take() {
                Some((before, meter)) if before == rate => meter,
                other => {
                    group.meters.extend(other.map(|(_, meter)| meter));
                    // Blocks that begin in the pause before the speech count too.
                    let mut meter = Meter::new(rate);
                    meter.add(&pause);
                    meter
                }
            };
            meter.add(spoken);
            meter.add(&pause);
            measuring = Some((rate, meter));
            group.takes.push(SurveyedTake {
                rate,
                peak: peak(spoken),
                energy: energy(spoken) / f64::from(rate.0.max(1)),
                speech,
            });
        }
        group.meters.extend(measuring.map(|(_, meter)| meter));
        Ok(group)
    }
}
