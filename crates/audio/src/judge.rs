//! The take checks: is this sound the speech that was asked for, as far as signals alone can tell?
//!
//! Pure: a sound, what was expected and the bounds go in, figures and defects come out. The figures are kept with
//! the take, so that tighter bounds can be fitted to them later and takes judged again without their sound.
//!
//! Every check compares a take with itself (its own speech level) wherever that is possible, because voices differ
//! by 20 dB in level; and the bounds are wide, because a false alarm costs another synthesis.

mod bounds;
mod measurements;
mod repetition;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use bounds::Bounds;
pub use measurements::{Measurements, measure};

use crate::Pcm;

/// What a take should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// Characters of the text as it was spoken, numbers and abbreviations written out. Zero: the length is not
    /// judged.
    pub characters: usize,
    /// Speaking speed, 1.0 is normal.
    pub speed: f32,
}

impl Expectation {
    /// The speed as a divisor: a nonsense speed is no reason to divide by zero.
    pub(crate) fn pace(&self) -> f64 {
        f64::from(self.speed).max(0.1)
    }
}

/// What can be wrong with a take. Display gives its name, in kebab-case, as it stands in files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Defect {
    /// No samples, or samples that are no numbers.
    Broken,
    /// Nothing is heard.
    Silent,
    /// Less speech than the text needs.
    TooShort,
    /// More speech than the text needs.
    TooLong,
    /// Samples stand at full scale.
    Clipped,
    /// The wave does not swing around zero.
    Offset,
    /// A long silence within the speech.
    Hole,
    /// The speech goes on to the last sample.
    CutOff,
    /// There is no quiet moment.
    Noisy,
    /// Another sample rate than the voice's.
    Rate,
    /// Far louder or quieter than the voice's other takes.
    Level,
    /// Less silence behind the speech than the voice leaves: the end is missing.
    NoTail,
    /// The same sound again and again.
    StuckLoop,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Broken => "broken",
            Self::Silent => "silent",
            Self::TooShort => "too-short",
            Self::TooLong => "too-long",
            Self::Clipped => "clipped",
            Self::Offset => "offset",
            Self::Hole => "hole",
            Self::CutOff => "cut-off",
            Self::Noisy => "noisy",
            Self::Rate => "rate",
            Self::Level => "level",
            Self::NoTail => "no-tail",
            Self::StuckLoop => "stuck-loop",
        })
    }
}

/// A check that failed, with its figures, for reports.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Breach {
    /// What is wrong.
    pub defect: Defect,
    /// What was measured, in the unit of the bound.
    pub measured: f64,
    /// What would have been accepted.
    pub bound: f64,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { defect, measured, bound } = self;
        let unit = match defect {
            Defect::Broken | Defect::Clipped => " samples",
            Defect::Silent => " dBFS",
            Defect::TooShort | Defect::TooLong | Defect::Hole | Defect::NoTail | Defect::StuckLoop => " s",
            Defect::Rate => " Hz",
            Defect::Level => " dB from the voice's level",
            Defect::Offset => "",
            Defect::CutOff | Defect::Noisy => " dB below the speech",
        };
        write!(f, "{defect} ({measured:.2}{unit}, bound {bound:.2})")
    }
}

/// What the checks found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// The figures.
    pub measurements: Measurements,
    /// What is wrong; empty if the take is accepted.
    pub defects: Vec<Defect>,
    /// The same with figures, in the same order.
    pub breaches: Vec<Breach>,
}

impl Findings {
    /// Whether every check passed.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.defects.is_empty()
    }
}

/// Measures a take and checks it.
#[must_use]
pub fn judge(pcm: &Pcm, expectation: &Expectation, bounds: &Bounds) -> Findings {
    let measurements = measure(pcm);
    let breaches = check(&measurements, expectation, bounds);
    Findings { measurements, defects: breaches.iter().map(|breach| breach.defect).collect(), breaches }
}

/// Texts shorter than this are not judged by the silence behind them.
const FEWEST_CHARACTERS: usize = 12;

/// Checks what was measured on a take, so that takes can be judged again by other bounds without their sound.
#[must_use]
pub fn check(measured: &Measurements, expectation: &Expectation, bounds: &Bounds) -> Vec<Breach> {
    let broken = if measured.seconds > 0.0 { measured.not_finite } else { 1 };
    if broken > 0 {
        // The other figures mean nothing then.
        return vec![Breach { defect: Defect::Broken, measured: broken as f64, bound: 0.0 }];
    }
    let mut found = Breaches::default();
    found.at_least(Defect::Silent, measured.loudest_dbfs, bounds.silent_dbfs);
    if !found.0.is_empty() {
        return found.0;
    }
    if let (Some(rate), Some(usual)) = (measured.rate, bounds.rate)
        && rate != usual
    {
        found.0.push(Breach { defect: Defect::Rate, measured: f64::from(rate.0), bound: f64::from(usual.0) });
    }
    if expectation.characters > 0 {
        let speed = expectation.pace();
        let expected = bounds.expected_seconds(expectation);
        let shortest = (expected * bounds.shortest_ratio - bounds.shortest_slack).max(bounds.shortest_speech);
        let longest = expected * bounds.longest_ratio + bounds.longest_slack / speed;
        found.at_least(Defect::TooShort, measured.speech_seconds, shortest);
        found.at_most(Defect::TooLong, measured.speech_seconds, longest);
    }
    if let Some(usual) = bounds.level_dbfs {
        found.at_most(Defect::Level, (measured.speech_dbfs - usual).abs(), bounds.level_within_db);
    }
    found.at_most(Defect::Clipped, measured.clipped_run as f64, bounds.clipped_run as f64);
    found.at_most(Defect::Offset, measured.offset.abs(), bounds.offset);
    found.at_most(Defect::Hole, measured.hole_seconds, bounds.longest_hole);
    found.at_least(Defect::CutOff, measured.speech_dbfs - measured.end_dbfs, bounds.end_below_speech_db);
    // A word or two end as they like.
    if let Some(tail) = measured.tail_seconds.filter(|_| expectation.characters >= FEWEST_CHARACTERS) {
        found.at_least(Defect::NoTail, tail, bounds.shortest_tail);
    }
    found.at_least(
        Defect::Noisy,
        measured.speech_dbfs - measured.quietest_dbfs,
        bounds.noise_below_speech_db,
    );
    if let (Some(seconds), Some(longest)) = (measured.repetition_seconds, bounds.longest_repetition) {
        found.at_most(Defect::StuckLoop, seconds, longest);
    }
    found.0
}

/// Breaches as the checks find them.
#[derive(Default)]
struct Breaches(Vec<Breach>);

impl Breaches {
    fn at_least(&mut self, defect: Defect, measured: f64, bound: f64) {
        if measured < bound {
            self.0.push(Breach { defect, measured, bound });
        }
    }

    fn at_most(&mut self, defect: Defect, measured: f64, bound: f64) {
        if measured > bound {
            self.0.push(Breach { defect, measured, bound });
        }
    }
}
