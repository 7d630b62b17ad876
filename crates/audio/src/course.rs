//! How a sound goes, in a fixed number of steps whatever its length: what a picture of it needs.

use ebur128::{EbuR128, Mode};
use serde::Serialize;

use crate::SampleRate;

/// A step of a sound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Step {
    /// Lowest sample.
    pub low: f32,
    /// Highest sample.
    pub high: f32,
    /// Short-term loudness at its end (EBU Tech 3341: three seconds), LUFS; none for silence.
    pub short_term_lufs: Option<f64>,
}

/// Follows mono sound of a known length.
#[derive(Debug)]
pub struct Course {
    meter: EbuR128,
    samples: u64,
    count: usize,
    steps: Vec<Step>,
    at: u64,
    open: Option<(f32, f32)>,
}

impl Course {
    /// The course of `samples` samples in `count` steps, or in fewer if there are fewer samples.
    ///
    /// # Panics
    /// If there are to be no steps.
    #[must_use]
    pub fn new(rate: SampleRate, samples: u64, count: usize) -> Self {
        assert!(count > 0, "a course has steps");
        let meter = EbuR128::new(1, rate.0.clamp(16, 2_822_400), Mode::S);
        let meter = meter.expect("one channel and a rate in range are always taken");
        Self { meter, samples, count, steps: Vec::with_capacity(count), at: 0, open: None }
    }

    /// Takes further samples; what is beyond the length belongs to the last step.
    pub fn add(&mut self, samples: &[f32]) {
        let mut rest = samples;
        while !rest.is_empty() {
            let end = self.end_of_step().max(self.at + 1);
            let wanted = usize::try_from(end - self.at).unwrap_or(usize::MAX);
            let (part, behind) = rest.split_at(wanted.min(rest.len()));
            self.meter.add_frames_f32(part).expect("mono frames of any count are taken");
            let (low, high) = self.open.unwrap_or((f32::INFINITY, f32::NEG_INFINITY));
            self.open = Some(part.iter().fold((low, high), |(low, high), &s| (low.min(s), high.max(s))));
            self.at += part.len() as u64;
            rest = behind;
            if self.at >= end && self.steps.len() + 1 < self.count {
                self.close();
            }
        }
    }

    fn end_of_step(&self) -> u64 {
        if self.steps.len() + 1 >= self.count {
            return u64::MAX;
        }
        let step = self.steps.len() as u64 + 1;
        (u128::from(self.samples) * u128::from(step) / self.count as u128) as u64
    }

    fn close(&mut self) {
        if let Some((low, high)) = self.open.take() {
            let short_term_lufs = self.meter.loudness_shortterm().ok().filter(|lufs| lufs.is_finite());
            self.steps.push(Step { low, high, short_term_lufs });
        }
    }

    /// The steps.
    #[must_use]
    pub fn finish(mut self) -> Vec<Step> {
        self.close();
        self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate(24_000);

    fn course(samples: &[f32], count: usize) -> Vec<Step> {
        let mut course = Course::new(RATE, samples.len() as u64, count);
        samples.chunks(777).for_each(|piece| course.add(piece));
        course.finish()
    }

    #[test]
    fn the_steps_are_as_many_whatever_the_length_and_every_peak_is_in_one() {
        for length in [300, 301, 24_000, 100_003] {
            let mut samples = vec![0.1; length];
            samples[length / 2] = -0.9;
            samples[length - 1] = 0.8;
            let steps = course(&samples, 300);
            assert_eq!(steps.len(), 300);
            assert_eq!(steps.iter().filter(|step| step.low == -0.9).count(), 1);
            assert_eq!(steps[299].high, 0.8);
        }
    }

    #[test]
    fn loudness_is_that_of_the_last_three_seconds() {
        let sine = |n: usize| (n as f64 * 997.0 * std::f64::consts::TAU / 24_000.0).sin() as f32 * 0.1;
        let mut samples: Vec<f32> = (0..240_000).map(sine).collect();
        samples[120_000..].fill(0.0);
        let steps = course(&samples, 100);
        assert!((steps[49].short_term_lufs.unwrap() + 23.01).abs() < 0.1, "{:?}", steps[49]);
        assert_eq!(steps[99].short_term_lufs, None);
    }

    #[test]
    fn fewer_samples_than_steps_are_steps_of_one_sample() {
        assert_eq!(course(&[0.5, -0.5], 10).len(), 2);
        assert!(course(&[], 10).is_empty());
    }
}
