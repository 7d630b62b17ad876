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

    /// Sound from 16-bit samples, as takes are stored.
    #[must_use]
    pub fn from_16_bit(rate: SampleRate, samples: &[i16]) -> Self {
        Self { rate, samples: samples.iter().map(|&sample| from_i16(sample)).collect() }
    }

    /// The samples in 16 bits, as takes are stored.
    #[must_use]
    pub fn to_16_bit(&self) -> Vec<i16> {
        self.samples.iter().map(|&sample| to_i16(sample)).collect()
    }
}

/// A sample in 16 bits: full scale 1.0 is 32768, rounded to the nearest, what is beyond is clipped, and what is
/// not a number is silence. Together with [`from_i16`] the one definition in use everywhere, so that a sample
/// that went to disk and back is the same sample.
#[must_use]
#[inline]
pub fn to_i16(sample: f32) -> i16 {
    let scaled = sample * 32_768.0;
    // The cast cuts off towards zero, saturates, and makes 0 of NaN.
    (scaled + 0.5_f32.copysign(scaled)) as i16
}

/// A 16-bit sample as a float, full scale ±1.0. Exact.
#[must_use]
#[inline]
pub fn from_i16(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_16_bit_sample_comes_back_the_same() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(to_i16(from_i16(sample)), sample);
        }
    }

    #[test]
    fn samples_beyond_full_scale_clip_and_nonsense_is_silence() {
        assert_eq!(to_i16(1.0), i16::MAX);
        assert_eq!(to_i16(7.0), i16::MAX);
        assert_eq!(to_i16(-7.0), i16::MIN);
        assert_eq!(to_i16(f32::INFINITY), i16::MAX);
        assert_eq!(to_i16(f32::NAN), 0);
    }

    #[test]
    fn quantising_rounds_to_the_nearest() {
        assert_eq!(to_i16(0.4 / 32_768.0), 0);
        assert_eq!(to_i16(0.6 / 32_768.0), 1);
        assert_eq!(to_i16(-0.6 / 32_768.0), -1);
    }
}
