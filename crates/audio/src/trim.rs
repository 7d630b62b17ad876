//! Where the speech of a take begins and ends.
//!
//! A fixed threshold cuts quiet final consonants off quiet voices, so the threshold hangs on the take's own
//! level, and more is kept than is found.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::SampleRate;
use crate::level::{energy, to_db};

/// How silence is told from speech.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrimSettings {
    /// Windows this far below the loudest window of the take are silence, in dB.
    pub below_peak_db: f32,
    /// Windows below this level are silence however quiet the take is, in dBFS RMS.
    pub floor_dbfs: f32,
    /// Kept before the first window with speech, in milliseconds: the closure and burst of a first stop.
    pub keep_before_ms: u32,
    /// Kept after the last window with speech, in milliseconds: the release of a final consonant, the room.
    pub keep_after_ms: u32,
}

impl Default for TrimSettings {
    fn default() -> Self {
        Self { below_peak_db: 40.0, floor_dbfs: -66.0, keep_before_ms: 25, keep_after_ms: 60 }
    }
}

/// Windows of this many milliseconds: about one period of the lowest voice.
const WINDOW_MS: u32 = 10;

/// The part of a take that holds speech, with the margins of the settings. Empty if nothing is above the floor.
#[must_use]
pub fn speech_range(samples: &[f32], rate: SampleRate, settings: &TrimSettings) -> Range<usize> {
    let window = (rate.0 as usize * WINDOW_MS as usize / 1_000).max(1);
    let levels: Vec<f64> =
        samples.chunks(window).map(|part| to_db((energy(part) / part.len() as f64).sqrt())).collect();
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let threshold = (loudest - f64::from(settings.below_peak_db)).max(f64::from(settings.floor_dbfs));
    let speech = |level: &f64| *level > threshold;
    let (Some(first), Some(last)) = (levels.iter().position(speech), levels.iter().rposition(speech)) else {
        return 0..0;
    };
    let margin = |ms: u32| rate.samples(f64::from(ms) / 1_000.0);
    let start = (first * window).saturating_sub(margin(settings.keep_before_ms));
    let end = ((last + 1) * window).saturating_add(margin(settings.keep_after_ms)).min(samples.len());
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate(24_000);

    /// `seconds` of a tone at `level` dBFS RMS.
    fn tone(seconds: f64, level: f64) -> Vec<f32> {
        let amplitude = crate::level::from_db(level) * std::f64::consts::SQRT_2;
        (0..RATE.samples(seconds))
            .map(|n| (amplitude * (n as f64 * std::f64::consts::TAU * 220.0 / 24_000.0).sin()) as f32)
            .collect()
    }

    fn take(parts: &[(f64, f64)]) -> Vec<f32> {
        parts.iter().flat_map(|&(seconds, level)| tone(seconds, level)).collect()
    }

    #[test]
    fn silence_around_speech_goes_and_the_margins_stay() {
        let samples = take(&[(0.5, -90.0), (1.0, -20.0), (0.7, -90.0)]);
        let range = speech_range(&samples, RATE, &TrimSettings::default());
        assert_eq!(range, RATE.samples(0.475)..RATE.samples(1.56));
    }

    #[test]
    fn a_final_consonant_far_below_the_vowels_is_kept() {
        // A whispered final /f/ lies 30 to 38 dB below the vowel before it.
        let samples = take(&[(0.3, -90.0), (0.6, -18.0), (0.05, -85.0), (0.08, -55.0), (0.5, -90.0)]);
        let range = speech_range(&samples, RATE, &TrimSettings::default());
        assert!(range.end >= RATE.samples(1.03), "cut at {} samples", range.end);
        assert!(range.end < RATE.samples(1.12));
    }

    #[test]
    fn a_quiet_voice_is_cut_by_its_own_level() {
        let loud = take(&[(0.4, -100.0), (1.0, -15.0), (0.4, -100.0)]);
        let quiet: Vec<f32> = loud.iter().map(|sample| sample * 0.03).collect();
        let settings = TrimSettings::default();
        assert_eq!(speech_range(&loud, RATE, &settings), speech_range(&quiet, RATE, &settings));
    }

    #[test]
    fn noise_below_the_floor_is_no_speech() {
        let settings = TrimSettings::default();
        assert!(speech_range(&take(&[(1.0, -80.0)]), RATE, &settings).is_empty());
        assert!(speech_range(&[], RATE, &settings).is_empty());
        assert!(speech_range(&[0.0; 500], RATE, &settings).is_empty());
    }

    #[test]
    fn speech_from_the_first_sample_to_the_last_is_kept_whole() {
        let samples = take(&[(0.333, -20.0)]);
        assert_eq!(speech_range(&samples, RATE, &TrimSettings::default()), 0..samples.len());
    }
}
