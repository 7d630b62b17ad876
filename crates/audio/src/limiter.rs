//! A look-ahead limiter that holds the true peak under a ceiling.
//!
//! It knows the wave between the samples four times oversampled, a few milliseconds ahead. The gain comes down
//! before a peak along a smooth curve, stays for the peak, and comes back slowly: no sample is clipped and no step
//! is heard. Where nothing is above the ceiling, what comes out is what went in, to the bit.

use std::collections::VecDeque;

use crate::SampleRate;
use crate::level::{from_db, peak};
use crate::oversample::{AFTER, BEFORE, BLOCK, Oversampler};

/// Each of the two smoothing windows, in seconds; the gain takes about twice this to come down.
const SMOOTHING: f64 = 0.002;
/// Time constant of the way back up, in seconds: slower than a period of the lowest voice, faster than a syllable.
const RELEASE: f64 = 0.06;
/// A reduction below this (a thousandth of a decibel) ends.
const SILENT_REDUCTION: f32 = 1e-4;
/// The ceiling that is worked to lies this much lower, in dB: the gain still moves a little within the length of
/// the interpolation filter, and the meter's filter is not bit for bit this one.
const MARGIN_DB: f64 = 0.03;
/// Reductions are summed as integers of this many parts, so that a sum that should be zero is zero.
const PARTS: f64 = (1_u64 << 30) as f64;

/// A streaming limiter. Everything that goes in comes out, in the same number of samples, after
/// [`finish`](Self::finish).
#[derive(Debug)]
pub struct Limiter {
    oversampler: Oversampler,
    ceiling: f32,
    /// Samples below this cannot have a wave above the ceiling.
    harmless: f32,
    /// Samples not yet written out, with what the interpolation needs before them.
    waiting: Vec<f32>,
    /// Place in `waiting` of the next sample to look at.
    look: usize,
    /// Place in `waiting` of the next sample to write out.
    write: usize,
    gain: Envelope,
    limited: bool,
}

impl Limiter {
    /// A limiter with a ceiling in dBTP.
    #[must_use]
    pub fn new(rate: SampleRate, ceiling_dbtp: f64) -> Self {
        let oversampler = Oversampler::new();
        let ceiling = from_db(ceiling_dbtp - MARGIN_DB) as f32;
        let harmless = ceiling / oversampler.worst_case();
        Self {
            oversampler,
            ceiling,
            harmless,
            waiting: vec![0.0; BEFORE],
            look: BEFORE,
            write: BEFORE,
            gain: Envelope::new(rate),
            limited: false,
        }
    }

    /// Takes `input` in, appends to `output` what is ready.
    pub fn process(&mut self, input: &[f32], output: &mut Vec<f32>) {
        self.waiting.extend_from_slice(input);
        let ready = self.waiting.len().saturating_sub(AFTER);
        self.look_at(ready, output);
        let done = self.write.min(self.look - BEFORE);
        self.waiting.drain(..done);
        self.write -= done;
        self.look -= done;
    }

    /// Appends what is left, so that as much came out as went in.
    pub fn finish(&mut self, output: &mut Vec<f32>) {
        let end = self.waiting.len();
        self.waiting.resize(end + self.gain.delay + AFTER, 0.0);
        self.look_at(end + self.gain.delay, output);
        self.waiting.clear();
        self.waiting.resize(BEFORE, 0.0);
        (self.look, self.write) = (BEFORE, BEFORE);
        self.gain.restart();
    }

    /// Whether anything was above the ceiling so far.
    #[must_use]
    pub fn limited(&self) -> bool {
        self.limited
    }

    /// Looks at the samples up to `end` and writes out those that lie the look-ahead before it.
    fn look_at(&mut self, end: usize, output: &mut Vec<f32>) {
        while self.look < end {
            let count = BLOCK.min(end - self.look);
            let seen = &self.waiting[self.look - BEFORE..self.look + count + AFTER];
            let mut reductions = [0.0_f32; BLOCK];
            let reductions = &mut reductions[..count];
            let harmless = peak(seen) <= self.harmless;
            if !harmless {
                self.oversampler.peaks(seen, reductions);
                for reduction in reductions.iter_mut() {
                    *reduction =
                        if *reduction > self.ceiling { 1.0 - self.ceiling / *reduction } else { 0.0 };
                    self.limited |= *reduction > 0.0;
                }
            }
            let quiet = harmless || reductions.iter().all(|&reduction| reduction == 0.0);
            if quiet && self.gain.at_rest() {
                let skipped = self.gain.skip(count);
                output.extend_from_slice(&self.waiting[self.write..self.write + count - skipped]);
                self.write += count - skipped;
            } else {
                for &reduction in reductions.iter() {
                    if let Some(gain) = self.gain.next(reduction) {
                        output.push(self.waiting[self.write] * gain);
                        self.write += 1;
                    }
                }
            }
            self.look += count;
        }
    }
}

/// Turns the reduction that each sample needs into a smooth gain, some samples later.
#[derive(Debug)]
struct Envelope {
    /// Samples between a reduction going in and the gain for it coming out.
    delay: usize,
    /// Samples still to go in before the first gain comes out.
    ahead: usize,
    /// Samples for which a reduction is held: as long as the smoothing looks at.
    hold: u64,
    /// Candidates for the largest reduction within the hold, largest first, with the sample they came with.
    largest: VecDeque<(u64, f32)>,
    now: u64,
    release: f32,
    held: f32,
    first: MovingSum,
    second: MovingSum,
}

impl Envelope {
    fn new(rate: SampleRate) -> Self {
        let window = rate.samples(SMOOTHING).max(2);
        // Both windows together span 2·window − 1 samples; the gain must be down for the whole interpolation
        // filter around a peak.
        let delay = 2 * window - 2 + AFTER;
        Self {
            delay,
            ahead: delay,
            hold: (delay + AFTER + 1) as u64,
            largest: VecDeque::new(),
            now: 0,
            release: (-1.0 / (RELEASE * f64::from(rate.0.max(1)))).exp() as f32,
            held: 0.0,
            first: MovingSum::new(window),
            second: MovingSum::new(window),
        }
    }

    fn restart(&mut self) {
        self.ahead = self.delay;
        self.largest.clear();
        self.held = 0.0;
        self.first.clear();
        self.second.clear();
    }

    /// Whether the gain is one and stays so until a reduction goes in.
    fn at_rest(&self) -> bool {
        self.largest.is_empty() && self.held == 0.0 && self.first.sum == 0 && self.second.sum == 0
    }

    /// Passes `count` samples without a reduction while at rest; gives how many of them have no gain coming out.
    fn skip(&mut self, count: usize) -> usize {
        self.now += count as u64;
        let silent = self.ahead.min(count);
        self.ahead -= silent;
        silent
    }

    /// Takes the reduction of the next sample, gives the gain for the sample `delay` before it.
    fn next(&mut self, reduction: f32) -> Option<f32> {
        while self.largest.front().is_some_and(|&(since, _)| since + self.hold <= self.now) {
            self.largest.pop_front();
        }
        if reduction > 0.0 {
            while self.largest.back().is_some_and(|&(_, smaller)| smaller <= reduction) {
                self.largest.pop_back();
            }
            self.largest.push_back((self.now, reduction));
        }
        self.now += 1;
        let wanted = self.largest.front().map_or(0.0, |&(_, largest)| largest);
        self.held = wanted.max(self.held * self.release);
        if self.held < SILENT_REDUCTION && wanted == 0.0 {
            self.held = 0.0;
        }
        // Rounded up: the mean must not fall below what is needed.
        let parts = (f64::from(self.held) * PARTS).ceil() as i64;
        let sum = self.first.add(parts);
        let sum = self.second.add(sum);
        if self.ahead > 0 {
            self.ahead -= 1;
            return None;
        }
        let weight = (self.first.length() * self.second.length()) as f64;
        Some((1.0 - sum as f64 / (weight * PARTS)) as f32)
    }
}

/// The sum of the last values.
#[derive(Debug)]
struct MovingSum {
    values: Vec<i64>,
    place: usize,
    sum: i64,
}

impl MovingSum {
    fn new(length: usize) -> Self {
        Self { values: vec![0; length], place: 0, sum: 0 }
    }

    fn length(&self) -> usize {
        self.values.len()
    }

    fn clear(&mut self) {
        self.values.fill(0);
        self.sum = 0;
    }

    fn add(&mut self, value: i64) -> i64 {
        self.sum += value - std::mem::replace(&mut self.values[self.place], value);
        self.place += 1;
        if self.place == self.values.len() {
            self.place = 0;
        }
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::rms_dbfs;
    use crate::loudness::true_peak_dbtp;
    use crate::room_tone::room_tone;
    use proptest::prelude::*;

    const RATE: SampleRate = SampleRate(24_000);

    fn limit(input: &[f32], ceiling: f64, block: usize) -> (Vec<f32>, bool) {
        let mut limiter = Limiter::new(RATE, ceiling);
        let mut output = Vec::new();
        for part in input.chunks(block) {
            limiter.process(part, &mut output);
        }
        limiter.finish(&mut output);
        (output, limiter.limited())
    }

    /// Noise with bursts far above full scale.
    fn nasty(samples: usize, seed: u64) -> Vec<f32> {
        let mut noise = room_tone(samples, RATE, -12.0, seed);
        let clicks = room_tone(samples, RATE, 0.0, seed ^ 1);
        for (n, sample) in noise.iter_mut().enumerate() {
            if (n / 700) % 5 == 0 {
                *sample = if clicks[n] > 0.0 { *sample + 1.4 } else { *sample - 1.4 };
            }
        }
        noise
    }

    #[test]
    fn a_loud_sine_comes_down_to_the_ceiling_without_distortion_or_offset() {
        let sine: Vec<f32> = (0..48_000).map(|n| (n as f32 * 0.057_595_865).sin() * 0.9).collect();
        let (output, limited) = limit(&sine, -6.0, 512);
        assert!(limited);
        assert!((true_peak_dbtp(&output, RATE) + 6.0).abs() < 0.1);
        // A held gain, not a clipped crest: the RMS of a sine lies 3.01 dB below its peak.
        assert!((rms_dbfs(&output[2_400..45_600]) + 9.01).abs() < 0.1);
        let mean = output.iter().sum::<f32>() / output.len() as f32;
        assert!(mean.abs() < 1e-4, "{mean}");
    }

    #[test]
    fn one_peak_is_pulled_down_without_a_step_around_it() {
        let mut input: Vec<f32> = (0..48_000).map(|n| (n as f32 * 0.01).sin() * 0.3).collect();
        for (n, sample) in input.iter_mut().enumerate().skip(12_000).take(40) {
            *sample += 0.9 * ((n - 12_000) as f32 * std::f32::consts::PI / 40.0).sin();
        }
        let (output, _) = limit(&input, -6.0, 4_096);
        let gain = |n: usize| output[n] / input[n];
        for n in 11_000..14_000 {
            if input[n].abs() > 0.05 && input[n + 1].abs() > 0.05 {
                assert!((gain(n) - gain(n + 1)).abs() < 0.03, "the gain steps at {n}");
            }
        }
        assert!(true_peak_dbtp(&output, RATE) <= -5.95);
        assert!(output[..11_800] == input[..11_800], "changed long before the peak");
        assert!(output[30_000..] == input[30_000..], "changed long after the peak");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn the_true_peak_stays_under_the_ceiling_and_no_sample_is_lost(
            seed in any::<u64>(), length in 0_usize..20_000, block in 1_usize..5_000, ceiling in -12.0..-0.5_f64,
        ) {
            let input = nasty(length, seed);
            let (output, _) = limit(&input, ceiling, block);
            prop_assert_eq!(output.len(), input.len());
            let peak = true_peak_dbtp(&output, RATE);
            prop_assert!(peak <= ceiling + 0.1, "{} over {}", peak, ceiling);
        }

        #[test]
        fn below_the_ceiling_it_changes_no_bit(
            seed in any::<u64>(), length in 0_usize..9_000, block in 1_usize..3_000, level in -60.0..-22.0_f64,
        ) {
            let input = room_tone(length, RATE, level, seed);
            prop_assume!(true_peak_dbtp(&input, RATE) < -3.1);
            let (output, limited) = limit(&input, -3.0, block);
            prop_assert!(!limited);
            prop_assert!(output == input);
        }

        #[test]
        fn the_size_of_the_blocks_changes_nothing(seed in any::<u64>(), block in 1_usize..3_000) {
            let input = nasty(8_000, seed);
            prop_assert!(limit(&input, -4.5, block).0 == limit(&input, -4.5, 8_000).0);
        }
    }
}
