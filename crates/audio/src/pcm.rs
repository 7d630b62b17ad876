//! Mono sound in memory.

use serde::{Deserialize, Serialize};

/// Samples a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SampleRate(pub u32);

impl SampleRate {
    /// Samples in `seconds`, rounded to the nearest.
    #[must_use]
    pub fn samples(self, seconds: f64) -> usize {
        (f64::from(self.0) * seconds).round().max(0.0) as usize
    }

    /// Seconds that `samples` last.
    #[must_use]
    pub fn seconds(self, samples: u64) -> f64 {
        samples as f64 / f64::from(self.0)
    }
}

/// Mono PCM, 32-bit float, full scale ±1.0.
#[derive(Debug, Clone, PartialEq)]
pub struct Pcm {
    /// Samples a second.
    pub rate: SampleRate,
    /// The samples.
    pub samples: Vec<f32>,
}

impl Pcm {
    /// Length in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.rate.seconds(self.samples.len() as u64)
    }
}
