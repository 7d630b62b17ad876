//! The take checks: is this sound the speech that was asked for, as far as signals alone can tell?
//!
//! Pure: a sound, what was expected and the bounds go in, figures and defects come out. The figures are kept with
//! the take, so that tighter bounds can be fitted to them later and takes judged again without their sound.
//!
//! Every check compares a take with itself (its own speech level) wherever that is possible, because voices differ
//! by 20 dB in level; and the bounds are wide, because a false alarm costs another synthesis.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Pcm;
use crate::level::{SILENCE_DBFS, energy, peak, to_db};

/// What a take should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// Characters of the text as it was spoken, numbers and abbreviations written out. Zero: the length is not
    /// judged.
    pub characters: usize,
    /// Speaking speed, 1.0 is normal.
    pub speed: f32,
}

/// What is still accepted. The defaults fit any engine that reads English at an ordinary pace; they are wide on
/// purpose until bounds are learnt from an engine's own takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bounds {
    /// Speech a character, in seconds at speed 1. Ordinary reading is 14 to 17 characters a second.
    pub seconds_per_character: f64,
    /// Speech may be this many times shorter than the characters say …
    pub shortest_ratio: f64,
    /// … and this many seconds more: short words vary most.
    pub shortest_slack: f64,
    /// Speech may be this many times longer than the characters say …
    pub longest_ratio: f64,
    /// … and this many seconds more.
    pub longest_slack: f64,
    /// No speech is shorter than this, in seconds.
    pub shortest_speech: f64,
    /// The loudest 10 ms are above this, dBFS RMS, or the take is silent.
    pub silent_dbfs: f64,
    /// At most this many samples in a row stand at full scale: three are a clipped crest.
    pub clipped_run: usize,
    /// The mean of all samples is below this, full scale 1.0.
    pub offset: f64,
    /// No silence within the speech lasts longer than this, in seconds.
    pub longest_hole: f64,
    /// The take ends this far below its speech, in dB, or it was cut off.
    pub end_below_speech_db: f64,
    /// The quietest moment lies this far below the speech, in dB, or the take is noisy.
    pub noise_below_speech_db: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            seconds_per_character: 0.065,
            shortest_ratio: 0.45,
            shortest_slack: 0.25,
            longest_ratio: 2.2,
            longest_slack: 1.5,
            shortest_speech: 0.06,
            silent_dbfs: -50.0,
            clipped_run: 2,
            offset: 0.02,
            longest_hole: 1.2,
            end_below_speech_db: 20.0,
            noise_below_speech_db: 20.0,
        }
    }
}

/// What was measured on a take. Levels are dBFS RMS, 0 for a full-scale square wave, at least −120.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Measurements {
    /// Length of the take, in seconds.
    pub seconds: f64,
    /// From the first speech to the last, in seconds.
    pub speech_seconds: f64,
    /// Highest sample, dBFS.
    pub peak_dbfs: f64,
    /// The loudest 10 ms.
    pub loudest_dbfs: f64,
    /// All moments of speech together.
    pub speech_dbfs: f64,
    /// The quietest 50 ms.
    pub quietest_dbfs: f64,
    /// The last 30 ms.
    pub end_dbfs: f64,
    /// Mean of all samples, full scale 1.0.
    pub offset: f64,
    /// Longest run of samples at full scale.
    pub clipped_run: usize,
    /// Longest silence between speech and speech, in seconds.
    pub hole_seconds: f64,
    /// Samples that are infinite or not a number.
    pub not_finite: usize,
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
            Defect::TooShort | Defect::TooLong | Defect::Hole => " s",
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
    if expectation.characters > 0 {
        let speed = f64::from(expectation.speed).max(0.1);
        let expected = expectation.characters as f64 * bounds.seconds_per_character / speed;
        let shortest = (expected * bounds.shortest_ratio - bounds.shortest_slack).max(bounds.shortest_speech);
        let longest = expected * bounds.longest_ratio + bounds.longest_slack / speed;
        found.at_least(Defect::TooShort, measured.speech_seconds, shortest);
        found.at_most(Defect::TooLong, measured.speech_seconds, longest);
    }
    found.at_most(Defect::Clipped, measured.clipped_run as f64, bounds.clipped_run as f64);
    found.at_most(Defect::Offset, measured.offset.abs(), bounds.offset);
    found.at_most(Defect::Hole, measured.hole_seconds, bounds.longest_hole);
    found.at_least(Defect::CutOff, measured.speech_dbfs - measured.end_dbfs, bounds.end_below_speech_db);
    found.at_least(
        Defect::Noisy,
        measured.speech_dbfs - measured.quietest_dbfs,
        bounds.noise_below_speech_db,
    );
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

/// Length of the windows that levels are measured on, in milliseconds.
const WINDOW_MS: f64 = 10.0;
/// Windows of the quietest moment: the closure of a stop consonant is longer.
const QUIET_WINDOWS: usize = 5;
/// Windows of the end.
const END_WINDOWS: usize = 3;
/// Windows this far below the loudest are silence, in dB; the same as trimming uses.
const SILENCE_BELOW_LOUDEST: f64 = 40.0;
/// Windows below this are silence however quiet the take is, dBFS.
const SILENCE_FLOOR: f64 = -66.0;
/// At full scale, with room for engines that clip at 32,767 of 32,768.
const FULL_SCALE: f32 = 0.9999;

/// Measures a take.
#[must_use]
pub fn measure(pcm: &Pcm) -> Measurements {
    let samples = &pcm.samples;
    let not_finite = samples.iter().filter(|sample| !sample.is_finite()).count();
    let length = if pcm.rate.0 == 0 { 0.0 } else { pcm.seconds() };
    if length == 0.0 || not_finite > 0 {
        return Measurements { seconds: length, not_finite, ..Measurements::default() };
    }
    let window = pcm.rate.samples(WINDOW_MS / 1_000.0).max(1);
    let seconds = |windows: usize| windows as f64 * WINDOW_MS / 1_000.0;
    let powers: Vec<f64> = samples.chunks(window).map(|part| energy(part) / part.len() as f64).collect();
    let levels: Vec<f64> = powers.iter().map(|power| to_db(power.sqrt())).collect();
    let loudest = levels.iter().copied().fold(SILENCE_DBFS, f64::max);
    let threshold = (loudest - SILENCE_BELOW_LOUDEST).max(SILENCE_FLOOR);
    let mean_level = |powers: &[f64]| to_db((powers.iter().sum::<f64>() / powers.len().max(1) as f64).sqrt());

    let spoken: Vec<f64> = powers
        .iter()
        .zip(&levels)
        .filter(|(_, level)| **level > threshold)
        .map(|(power, _)| *power)
        .collect();
    let first = levels.iter().position(|&level| level > threshold);
    let last = levels.iter().rposition(|&level| level > threshold);
    let (mut hole, mut silent) = (0, 0);
    if let (Some(first), Some(last)) = (first, last) {
        for &level in &levels[first..last] {
            silent = if level > threshold { 0 } else { silent + 1 };
            hole = hole.max(silent);
        }
    }
    Measurements {
        seconds: length,
        speech_seconds: first.zip(last).map_or(0.0, |(first, last)| seconds(last + 1 - first)),
        peak_dbfs: to_db(f64::from(peak(samples))),
        loudest_dbfs: loudest,
        speech_dbfs: mean_level(&spoken),
        quietest_dbfs: powers
            .windows(QUIET_WINDOWS.min(powers.len()))
            .map(mean_level)
            .fold(f64::INFINITY, f64::min),
        end_dbfs: mean_level(&powers[powers.len().saturating_sub(END_WINDOWS)..]),
        offset: samples.iter().map(|&sample| f64::from(sample)).sum::<f64>() / samples.len() as f64,
        clipped_run: longest_clipped_run(samples),
        hole_seconds: seconds(hole),
        not_finite: 0,
    }
}

/// Longest run of samples that stand at the same end of the scale.
fn longest_clipped_run(samples: &[f32]) -> usize {
    let (mut longest, mut run, mut side) = (0, 0, 0.0);
    for &sample in samples {
        if sample.abs() < FULL_SCALE {
            run = 0;
        } else if sample.signum() == side {
            run += 1;
        } else {
            (run, side) = (1, sample.signum());
        }
        longest = longest.max(run);
    }
    longest
}
