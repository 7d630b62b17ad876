//! The first pass: where the speech of each take lies and how loud it is.

use std::ops::Range;

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

/// What the first pass found.
pub(super) struct Survey {
    /// Each take, in reading order.
    pub(super) takes: Vec<SurveyedTake>,
    meters: Vec<Meter>,
}

/// A take as the first pass found it.
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
    /// Surveys the takes of a chapter.
    pub(super) fn of_chapter(plan: &ChapterPlan, store: &TakeStore) -> Result<Self, ReleaseError> {
        Self::of(&plan.takes, store, |take| ReleaseError::TakeMissing {
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
        Self::of(&takes, store, |_| ReleaseError::ReferenceMissing { chapter: plan.title.clone() })
    }

    fn of(
        takes: &[PlannedTake],
        store: &TakeStore,
        missing: impl Fn(&PlannedTake) -> ReleaseError + Sync,
    ) -> Result<Self, ReleaseError> {
        let groups: Vec<Self> = takes
            .par_chunks(GROUP)
            .map(|group| Self::of_group(group, store, &missing))
            .collect::<Result<_, _>>()?;
        let mut all =
            Self { takes: Vec::with_capacity(takes.len()), meters: Vec::with_capacity(groups.len()) };
        for group in groups {
            all.takes.extend(group.takes);
            all.meters.extend(group.meters);
        }
        Ok(all)
    }

    fn of_group(
        takes: &[PlannedTake],
        store: &TakeStore,
        missing: &(impl Fn(&PlannedTake) -> ReleaseError + Sync),
    ) -> Result<Self, ReleaseError> {
        let mut group = Self { takes: Vec::with_capacity(takes.len()), meters: Vec::new() };
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

    /// Integrated loudness of all takes with their pauses, LUFS; none if nothing is heard.
    pub(super) fn integrated(&self) -> Option<f64> {
        Meter::merged(self.meters.iter())
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
