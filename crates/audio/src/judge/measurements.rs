//! What is measured on a take: one pass over the samples, then arithmetic on windows of 10 ms.

use serde::{Deserialize, Serialize};

use super::repetition::longest_repetition;
use crate::level::{SILENCE_DBFS, energy, peak, to_db};
use crate::{Pcm, SampleRate};

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
    /// Samples a second; takes that were measured by an earlier version lack it, as they do what follows.
    #[serde(default)]
    pub rate: Option<SampleRate>,
    /// Silence behind the last speech, in seconds.
    #[serde(default)]
    pub tail_seconds: Option<f64>,
    /// The longest stretch that says the same sound again and again, in seconds without its pauses.
    #[serde(default)]
    pub repetition_seconds: Option<f64>,
}

/// Length of the windows that levels are measured on, in milliseconds.
pub(super) const WINDOW_MS: f64 = 10.0;
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
        return Measurements { seconds: length, not_finite, rate: Some(pcm.rate), ..Measurements::default() };
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
        rate: Some(pcm.rate),
        tail_seconds: last.map(|last| (length - seconds(last + 1)).max(0.0)),
        repetition_seconds: Some(seconds(longest_repetition(pcm, &levels, threshold))),
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
