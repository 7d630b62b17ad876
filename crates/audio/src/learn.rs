//! Bounds that are learnt from the takes of a voice: wide at first, tight once enough is known of it.
//!
//! Everything is a median or a median of distances from one, so that bad takes that passed the wide bounds do not
//! widen the narrow ones; and every bound has a limit to its narrowness, because a false alarm costs another
//! synthesis.

mod robust;

use std::{cmp::Ordering, sync::OnceLock};

use crate::SampleRate;
use crate::judge::{Bounds, Expectation, Measurements};
use robust::{Lengths, Middle};

/// Bounds stay as wide as they began until so many takes are known.
pub const ENOUGH_TAKES: usize = 30;
/// So many takes are kept, whichever come: more would not move a median that anybody could hear.
const KEPT: usize = 512;
/// Bounds lie this many standard deviations from the middle; more while few takes are known.
const DEVIATIONS: f64 = 4.0;

/// The same for lengths: texts of one length differ more than anything else. With four, one good take of 10,000 of a
/// novel was rejected in every attempt.
const LENGTH_DEVIATIONS: f64 = 6.0;

/// Seconds that a voice, unless its takes usually repeat themselves, may say the same sound again and again.
const REPETITION: f64 = 1.6;

/// How narrow a bound may become.
mod narrowest {
    /// Of the length of the speech, as a part of what the characters say …
    pub(super) const LENGTH_RATIO: f64 = 0.08;
    /// … and in seconds: a short word may be said slowly.
    pub(super) const SHORTER: f64 = 0.3;
    pub(super) const LONGER: f64 = 0.6;
    /// Distance from the usual level, in dB: an exclamation is no outlier.
    pub(super) const LEVEL_DB: f64 = 6.0;
    /// Noise this far below the speech is not heard.
    pub(super) const NOISE_DB: f64 = 45.0;
    /// Of the silence that a voice leaves behind its speech, this part is still enough.
    pub(super) const TAIL_PART: f64 = 0.5;
}

/// What is known of the takes of one voice of one engine. The order in which takes are added changes nothing.
#[derive(Debug, Clone)]
pub struct Learner {
    base: Bounds,
    takes: usize,
    /// A sample of all takes, chosen and ordered by what they hash to, so that the order of adding leaves no trace.
    kept: Vec<Kept>,
    bounds: OnceLock<Bounds>,
}

impl PartialEq for Learner {
    fn eq(&self, other: &Self) -> bool {
        self.base == other.base && self.takes == other.takes && self.kept == other.kept
    }
}

impl Learner {
    /// Begins with bounds that fit any voice.
    #[must_use]
    pub fn new(base: Bounds) -> Self {
        Self { base, takes: 0, kept: Vec::new(), bounds: OnceLock::new() }
    }

    /// Adds what was measured on an accepted take. A take whose figures are no numbers teaches nothing.
    pub fn add(&mut self, measured: &Measurements, expected: &Expectation) {
        let Some(take) = Kept::of(measured, expected) else { return };
        self.takes += 1;
        let place = self.kept.partition_point(|kept| kept.cmp(&take) == Ordering::Less);
        if place < KEPT {
            self.kept.truncate(KEPT - 1);
            self.kept.insert(place, take);
            self.bounds = OnceLock::new();
        }
    }

    /// Takes that were added.
    #[must_use]
    pub fn takes(&self) -> usize {
        self.takes
    }

    /// The bounds for the next take. Found once after each take that changes them.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        *self.bounds.get_or_init(|| self.learn())
    }

    fn learn(&self) -> Bounds {
        let mut bounds = self.base;
        if self.takes < ENOUGH_TAKES {
            return bounds;
        }
        let few = 1.0 + 3.0 / self.kept.len() as f64;
        let deviations = DEVIATIONS * few;
        self.learn_lengths(&mut bounds, LENGTH_DEVIATIONS * few);

        let figures = |of: fn(&Kept) -> f64| Middle::of(self.kept.iter().map(of).collect());
        if bounds.level_dbfs.is_none()
            && let Some(level) = figures(|take| take.level)
        {
            bounds.level_dbfs = Some(level.median);
            bounds.level_within_db = (deviations * level.deviation).max(narrowest::LEVEL_DB);
        }
        if let Some(quiet) = figures(|take| take.quiet_below) {
            let usual = quiet.median - deviations * quiet.deviation;
            bounds.noise_below_speech_db = usual
                .clamp(bounds.noise_below_speech_db, narrowest::NOISE_DB.max(bounds.noise_below_speech_db));
        }
        let tails: Vec<f64> = self.kept.iter().filter_map(|take| take.tail).collect();
        if tails.len() >= ENOUGH_TAKES
            && let Some(tail) = Middle::of(tails)
        {
            let usual = tail.median - deviations * tail.deviation;
            bounds.shortest_tail = usual.min(tail.median * narrowest::TAIL_PART).max(bounds.shortest_tail);
        }
        let repetitions: Vec<f64> = self.kept.iter().filter_map(|take| take.repetition).collect();
        if repetitions.len() >= ENOUGH_TAKES
            && bounds.longest_repetition.is_none()
            && Middle::of(repetitions).is_some_and(|middle| middle.median < REPETITION / 3.0)
        {
            bounds.longest_repetition = Some(REPETITION);
        }
        bounds.rate = bounds.rate.or_else(|| self.usual_rate());
        bounds
    }

    fn learn_lengths(&self, bounds: &mut Bounds, deviations: f64) {
        let lengths: Vec<(f64, f64)> = self
            .kept
            .iter()
            .filter(|take| take.characters > 0)
            .map(|take| (take.characters as f64, take.speech))
            .collect();
        if lengths.len() < ENOUGH_TAKES {
            return;
        }
        let Some(fit) = Lengths::fit(lengths) else { return };
        let band = (deviations * fit.relative_deviation).max(narrowest::LENGTH_RATIO);
        let slack = deviations * fit.constant_deviation;
        bounds.seconds_a_take = fit.seconds_a_take;
        bounds.seconds_per_character = fit.seconds_per_character;
        // Never wider than the bounds that any voice passes.
        bounds.shortest_ratio = (1.0 - band).max(bounds.shortest_ratio);
        bounds.longest_ratio = (1.0 + band).min(bounds.longest_ratio);
        bounds.shortest_slack = slack.max(narrowest::SHORTER);
        bounds.longest_slack = slack.max(narrowest::LONGER);
    }

    /// The rate of more than half of the takes that have one.
    fn usual_rate(&self) -> Option<SampleRate> {
        let mut rates: Vec<SampleRate> = self.kept.iter().filter_map(|take| take.rate).collect();
        rates.sort_unstable();
        let middle = *rates.get(rates.len() / 2)?;
        let same = rates.iter().filter(|rate| **rate == middle).count();
        (rates.len() >= ENOUGH_TAKES && same * 2 > rates.len()).then_some(middle)
    }
}

/// What the bounds are learnt from.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Kept {
    hash: u64,
    characters: usize,
    /// Length of the speech at speed 1, in seconds.
    speech: f64,
    /// dBFS.
    level: f64,
    /// The quietest moment below the speech, in dB.
    quiet_below: f64,
    /// Seconds.
    tail: Option<f64>,
    repetition: Option<f64>,
    rate: Option<SampleRate>,
}

impl Kept {
    fn of(measured: &Measurements, expected: &Expectation) -> Option<Self> {
        let mut take = Self {
            hash: 0,
            characters: expected.characters,
            speech: measured.speech_seconds * expected.pace(),
            level: measured.speech_dbfs,
            quiet_below: measured.speech_dbfs - measured.quietest_dbfs,
            tail: measured.tail_seconds,
            repetition: measured.repetition_seconds,
            rate: measured.rate,
        };
        let whole = take.figures().into_iter().all(f64::is_finite);
        take.hash = take.figures().into_iter().fold(0, |hash, figure| mix(hash ^ figure.to_bits()));
        whole.then_some(take)
    }

    fn figures(&self) -> [f64; 7] {
        [
            self.characters as f64,
            self.speech,
            self.level,
            self.quiet_below,
            self.tail.unwrap_or(-1.0),
            self.repetition.unwrap_or(-1.0),
            self.rate.map_or(-1.0, |rate| f64::from(rate.0)),
        ]
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let figures = || self.figures().into_iter().zip(other.figures());
        self.hash.cmp(&other.hash).then_with(|| {
            figures().map(|(a, b)| a.total_cmp(&b)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        })
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood 2014): every bit of the outcome hangs on every bit given.
fn mix(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
