//! What is still accepted: wide bounds that fit any voice, until those of one voice are learnt.

use serde::{Deserialize, Serialize};

use super::Expectation;
use crate::SampleRate;

/// What is still accepted. The defaults fit any engine that reads English at an ordinary pace; they are wide on
/// purpose until bounds are learnt from an engine's own takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Bounds {
    /// Samples a second that this voice has. None: any rate.
    pub rate: Option<SampleRate>,
    /// Speech that a take has beside its characters, in seconds at speed 1.
    pub seconds_a_take: f64,
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
    /// Level of the speech of this voice, dBFS RMS. None: any level.
    pub level_dbfs: Option<f64>,
    /// The speech is at most this far from that level, in dB.
    pub level_within_db: f64,
    /// At most this many samples in a row stand at full scale: three are a clipped crest.
    pub clipped_run: usize,
    /// The mean of all samples is below this, full scale 1.0.
    pub offset: f64,
    /// No silence within the speech lasts longer than this, in seconds.
    pub longest_hole: f64,
    /// The take ends this far below its speech, in dB, or it was cut off.
    pub end_below_speech_db: f64,
    /// At least this much silence follows the speech, in seconds.
    pub shortest_tail: f64,
    /// The quietest moment lies this far below the speech, in dB, or the take is noisy.
    pub noise_below_speech_db: f64,
    /// No sound that says itself again and again lasts longer than this, in seconds. None: not judged, because
    /// a tone that a server is tested with repeats itself by design.
    pub longest_repetition: Option<f64>,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            rate: None,
            seconds_a_take: 0.0,
            seconds_per_character: 0.065,
            shortest_ratio: 0.45,
            shortest_slack: 0.25,
            longest_ratio: 2.2,
            longest_slack: 1.5,
            shortest_speech: 0.06,
            silent_dbfs: -50.0,
            level_dbfs: None,
            level_within_db: 10.0,
            clipped_run: 2,
            offset: 0.02,
            longest_hole: 1.2,
            end_below_speech_db: 20.0,
            shortest_tail: 0.0,
            noise_below_speech_db: 20.0,
            longest_repetition: None,
        }
    }
}

impl Bounds {
    /// How long the speech of a text is expected to be, in seconds.
    #[must_use]
    pub fn expected_seconds(&self, expectation: &Expectation) -> f64 {
        (self.seconds_a_take + expectation.characters as f64 * self.seconds_per_character)
            / expectation.pace()
    }
}
