//! The wave between the samples, four times oversampled, as ITU-R BS.1770-4 Annex 2 asks of a true-peak meter.
//!
//! A polyphase windowed sinc of 48 taps, written over whole blocks so that the compiler uses vectors.

use std::f64::consts::PI;

/// Taps of each phase.
const TAPS: usize = 12;
/// Samples that the interpolation reads before the one it works on.
pub(crate) const BEFORE: usize = TAPS / 2 - 1;
/// Samples that the interpolation reads after the one it works on.
pub(crate) const AFTER: usize = TAPS / 2;
/// Samples handled at once.
pub(crate) const BLOCK: usize = 64;

/// Finds peaks of the wave at and between samples.
#[derive(Debug, Clone)]
pub(crate) struct Oversampler {
    /// The three phases between samples; the fourth is the sample itself.
    phases: [[f32; TAPS]; 3],
    /// No interpolated value is above the highest sample times this.
    worst_case: f32,
}

impl Oversampler {
    pub(crate) fn new() -> Self {
        let tap = |phase: usize, n: usize| {
            // Distance of the sample from the point between samples, in samples.
            let distance = (n as f64 - BEFORE as f64) - phase as f64 / 4.0;
            let sinc = (PI * distance).sin() / (PI * distance);
            let window = 0.5 * (1.0 + (PI * distance / AFTER as f64).cos());
            (sinc * window) as f32
        };
        let phases = [1, 2, 3].map(|phase| std::array::from_fn(|n| tap(phase, n)));
        let weight = |phase: &[f32; TAPS]| phase.iter().map(|tap| tap.abs()).sum::<f32>();
        let worst_case = phases.iter().map(weight).fold(1.0, f32::max);
        Self { phases, worst_case }
    }

    /// How far the wave can rise above its samples, as a factor.
    pub(crate) fn worst_case(&self) -> f32 {
        self.worst_case
    }

    /// For each of up to [`BLOCK`] samples the highest absolute value from it to before the next. `samples` holds
    /// them with [`BEFORE`] more before and [`AFTER`] more after.
    pub(crate) fn peaks(&self, samples: &[f32], peaks: &mut [f32]) {
        let count = peaks.len();
        for (peak, sample) in peaks.iter_mut().zip(&samples[BEFORE..]) {
            *peak = sample.abs();
        }
        for phase in &self.phases {
            let mut between = [0.0_f32; BLOCK];
            for (n, tap) in phase.iter().enumerate() {
                for (sum, sample) in between.iter_mut().zip(&samples[n..n + count]) {
                    *sum += tap * sample;
                }
            }
            for (peak, value) in peaks.iter_mut().zip(&between) {
                *peak = peak.max(value.abs());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crest_between_two_samples_is_found() {
        let oversampler = Oversampler::new();
        for shift in 0..8 {
            let samples: Vec<f32> = (0..BLOCK + BEFORE + AFTER)
                .map(|n| (n as f64 * 0.7 + f64::from(shift) / 8.0).sin() as f32)
                .collect();
            let mut peaks = [0.0; BLOCK];
            oversampler.peaks(&samples, &mut peaks);
            let highest = peaks.iter().copied().fold(0.0, f32::max);
            assert!((highest - 1.0).abs() < 0.02, "{highest}");
        }
    }

    #[test]
    fn the_worst_case_is_never_passed() {
        let oversampler = Oversampler::new();
        // Signs that line up with one phase's taps make the highest wave there can be.
        let samples: Vec<f32> = (0..BLOCK + BEFORE + AFTER)
            .map(|n| if n < TAPS { oversampler.phases[1][n].signum() } else { 0.0 })
            .collect();
        let mut peaks = [0.0; BLOCK];
        oversampler.peaks(&samples, &mut peaks);
        assert!((peaks[0] - oversampler.worst_case()).abs() < 1e-4);
    }
}
