//! The tone of a quiet room, under everything: digital zero between sentences sounds like a broken line, and
//! some decoders and players mute or resync on it.
//!
//! White noise from a seeded generator, shaped by a first-order low-pass and a DC-stopping high-pass to the dull
//! hiss of a treated room. It depends on nothing but seed and rate, and is the same on every machine that has
//! IEEE floats.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use crate::SampleRate;
use crate::level::from_db;

/// Corner of the low-pass, Hz.
const DULL_HZ: f64 = 1_200.0;
/// Corner of the high-pass, Hz.
const RUMBLE_HZ: f64 = 60.0;
/// The filters run in before the first sample, so that the level is the same from there on; in seconds.
const RUN_IN: f64 = 0.05;

/// An endless room tone.
#[derive(Debug, Clone)]
pub struct RoomTone {
    noise: ChaCha8Rng,
    filter: Filter,
    gain: f32,
}

/// One-pole low-pass, then a one-pole high-pass.
#[derive(Debug, Clone, Copy)]
struct Filter {
    smoothing: f32,
    leak: f32,
    low: f32,
    before: f32,
    out: f32,
}

impl Filter {
    fn new(rate: SampleRate) -> Self {
        let pole = |hertz: f64| (-std::f64::consts::TAU * hertz / f64::from(rate.0.max(1))).exp() as f32;
        Self { smoothing: 1.0 - pole(DULL_HZ), leak: pole(RUMBLE_HZ), low: 0.0, before: 0.0, out: 0.0 }
    }

    #[inline]
    fn run(&mut self, input: f32) -> f32 {
        self.low += self.smoothing * (input - self.low);
        self.out = self.leak * (self.out + self.low - self.before);
        self.before = self.low;
        self.out
    }

    /// RMS that unit white noise has behind the filter: the root of the energy of its impulse response.
    fn noise_gain(mut self, rate: SampleRate) -> f64 {
        let mut total = 0.0;
        for n in 0..rate.samples(RUN_IN).max(1) {
            total += f64::from(self.run(if n == 0 { 1.0 } else { 0.0 })).powi(2);
        }
        total.sqrt()
    }
}

impl RoomTone {
    /// A tone of `level_dbfs` RMS.
    #[must_use]
    pub fn new(rate: SampleRate, level_dbfs: f64, seed: u64) -> Self {
        let mut filter = Filter::new(rate);
        let mut noise = ChaCha8Rng::seed_from_u64(seed);
        let gain = from_db(level_dbfs) / filter.noise_gain(rate);
        for _ in 0..rate.samples(RUN_IN) {
            filter.run(white(&mut noise));
        }
        Self { noise, filter, gain: gain as f32 }
    }

    /// Overwrites `samples` with the tone that comes next.
    pub fn fill(&mut self, samples: &mut [f32]) {
        for sample in samples {
            *sample = self.gain * self.filter.run(white(&mut self.noise));
        }
    }
}

/// One sample of white noise, triangular, of unit variance.
#[inline]
fn white(noise: &mut ChaCha8Rng) -> f32 {
    let bits = noise.next_u32();
    // The difference of two uniforms on 0..1 has the variance 1/6.
    let difference = (bits & 0xFFFF) as f32 - (bits >> 16) as f32;
    difference * (2.449_489_8 / 65_536.0)
}

/// `samples` samples of room tone of `level_dbfs` RMS.
#[must_use]
pub fn room_tone(samples: usize, rate: SampleRate, level_dbfs: f64, seed: u64) -> Vec<f32> {
    let mut tone = vec![0.0; samples];
    RoomTone::new(rate, level_dbfs, seed).fill(&mut tone);
    tone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::{peak, rms_dbfs};

    #[test]
    fn the_level_is_what_was_asked_for_at_every_rate() {
        for rate in [16_000, 22_050, 24_000, 44_100, 48_000] {
            for level in [-66.0, -40.0] {
                let tone = room_tone(rate as usize * 4, SampleRate(rate), level, 3);
                assert!((rms_dbfs(&tone) - level).abs() < 0.3, "{} at {rate} Hz", rms_dbfs(&tone));
            }
        }
    }

    #[test]
    fn it_is_even_from_the_first_moment_with_no_offset_and_no_spikes() {
        let tone = room_tone(48_000, SampleRate(24_000), -66.0, 1);
        for part in tone.chunks(2_400) {
            assert!((rms_dbfs(part) + 66.0).abs() < 2.0, "{}", rms_dbfs(part));
        }
        let mean = tone.iter().sum::<f32>() / tone.len() as f32;
        assert!(mean.abs() < 2e-5, "{mean}");
        assert!(peak(&tone) < 0.003);
    }

    #[test]
    fn the_same_seed_gives_the_same_tone_in_blocks_of_any_size_and_another_seed_another() {
        let whole = room_tone(10_000, SampleRate(24_000), -66.0, 9);
        let mut tone = RoomTone::new(SampleRate(24_000), -66.0, 9);
        let mut blocks = vec![0.0; 10_000];
        for block in blocks.chunks_mut(617) {
            tone.fill(block);
        }
        assert!(whole == blocks);
        assert!(whole != room_tone(10_000, SampleRate(24_000), -66.0, 10));
    }
}
