//! How fast a backend answers, measured: what a request should take, and how much longer it may.

use std::{collections::VecDeque, time::Duration};

use crate::PoolOptions;

/// What an earlier answer counts for when a new one comes.
const FORGET: f64 = 0.97;
/// Answers that say how far answers stray.
const MEMORY: usize = 64;
/// Answers before a time-out is reckoned from them.
const ENOUGH: u64 = 3;
/// One answer may count for at most this many times what was expected, once there is something to expect.
const OUTLIER: f64 = 4.0;
/// A proof of speech is one sentence on a backend that has nothing else to do: under load it may take this many times
/// longer than that says, and it is given a minute at least.
const UNDER_LOAD: f64 = 4.0;
const LEAST_ON_A_PROOF: Duration = Duration::from_secs(60);
/// A text whose length strays less than this from the mean tells nothing about the share of the length.
const LEAST_SPREAD: f64 = 0.05;

/// The time of a request as a fixed part and a part for each character, by least squares that forget.
#[derive(Debug, Clone, Default)]
pub(crate) struct Speed {
    /// Characters and seconds of its proof of speech; it counts until there is an answer.
    proof: Option<(f64, f64)>,
    answers: u64,
    weight: f64,
    characters: f64,
    seconds: f64,
    squares: f64,
    products: f64,
    /// What answers took, as a multiple of what was expected.
    ratios: VecDeque<f64>,
}

impl Speed {
    /// Takes in how long a proof of speech took.
    pub(crate) fn prove(&mut self, characters: usize, elapsed: Duration) {
        self.proof = (characters > 0).then_some((characters as f64, elapsed.as_secs_f64()));
    }

    /// Adds an answer.
    pub(crate) fn record(&mut self, characters: usize, elapsed: Duration) {
        let (characters, mut seconds) = (characters as f64, elapsed.as_secs_f64());
        if let Some(expected) = self.seconds_for(characters).filter(|_| self.answers > 0) {
            if self.ratios.len() == MEMORY {
                self.ratios.pop_front();
            }
            self.ratios.push_back(seconds / expected.max(1e-6));
            if self.answers >= ENOUGH {
                seconds = seconds.min(expected * OUTLIER);
            }
        }
        self.answers += 1;
        for (sum, value) in [
            (&mut self.weight, 1.0),
            (&mut self.characters, characters),
            (&mut self.seconds, seconds),
            (&mut self.squares, characters * characters),
            (&mut self.products, characters * seconds),
        ] {
            *sum = *sum * FORGET + value;
        }
    }

    /// What a request of so many characters should take; none before the first answer or proof.
    pub(crate) fn expected(&self, characters: usize) -> Option<Duration> {
        self.seconds_for(characters as f64).map(Duration::from_secs_f64)
    }

    /// A request that takes longer than this is a straggler: longer than 19 of 20, and by half at least. A proof says
    /// nothing of how far answers stray.
    pub(crate) fn overdue(&self, characters: usize) -> Option<Duration> {
        let expected = self.expected(characters).filter(|_| self.answers > 0)?;
        Some(expected.mul_f64(self.tardiness().max(1.5)))
    }

    /// What a request of so many characters is given.
    pub(crate) fn time_out(&self, characters: usize, options: &PoolOptions) -> Duration {
        match self.expected(characters) {
            Some(expected) if self.answers >= ENOUGH => expected
                .mul_f64(self.tardiness() * options.time_out_factor.max(1.0))
                .max(options.shortest_time_out),
            Some(expected) if self.answers == 0 => expected
                .mul_f64(UNDER_LOAD * options.time_out_factor.max(1.0))
                .max(options.shortest_time_out)
                .max(LEAST_ON_A_PROOF),
            _ => options.first_time_out,
        }
    }

    fn seconds_for(&self, characters: f64) -> Option<f64> {
        if self.weight == 0.0 {
            return self.proof.map(|(proved, seconds)| seconds / proved * characters);
        }
        let (mean_characters, mean_seconds) = (self.characters / self.weight, self.seconds / self.weight);
        let variance = self.squares / self.weight - mean_characters * mean_characters;
        let covariance = self.products / self.weight - mean_characters * mean_seconds;
        let proportional = mean_seconds / mean_characters.max(1.0);
        let spread = LEAST_SPREAD * mean_characters;
        let slope = if variance > spread * spread { covariance / variance } else { proportional };
        // Neither part of the time can be negative.
        let slope = slope.clamp(0.0, proportional);
        Some((mean_seconds + slope * (characters - mean_characters)).max(0.0))
    }

    /// The 95th percentile of what answers took of what was expected, at least 1.
    fn tardiness(&self) -> f64 {
        let mut ratios: Vec<f64> = self.ratios.iter().copied().collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let index = (ratios.len() as f64 * 0.95).ceil() as usize;
        ratios.get(index.saturating_sub(1)).map_or(1.0, |ratio| ratio.max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_fixed_part_and_a_part_for_each_character_are_told_apart() {
        let mut speed = Speed::default();
        for characters in [40, 200, 120, 300, 80, 160] {
            speed.record(characters, ms(100 + 2 * characters as u64));
        }
        for characters in [20, 100, 400] {
            let expected = speed.expected(characters).unwrap().as_secs_f64();
            assert!((expected - (0.1 + 0.002 * characters as f64)).abs() < 0.01, "{expected}");
        }
    }

    #[test]
    fn texts_of_one_length_are_taken_as_proportional() {
        let mut speed = Speed::default();
        speed.record(100, ms(500));
        assert_eq!(speed.expected(200), Some(ms(1_000)));
    }

    #[test]
    fn a_time_out_follows_the_measured_speed_between_its_bounds() {
        let options = PoolOptions::default();
        let mut speed = Speed::default();
        assert_eq!(speed.time_out(100, &options), options.first_time_out);
        for _ in 0..10 {
            speed.record(100, ms(10));
        }
        assert_eq!(speed.time_out(100, &options), options.shortest_time_out);
        let mut slow = Speed::default();
        for _ in 0..10 {
            slow.record(100, ms(10_000));
        }
        let time_out = slow.time_out(100, &options).as_secs_f64();
        assert!((79.0..90.0).contains(&time_out), "{time_out}");
    }

    #[test]
    fn a_proof_of_speech_counts_until_there_are_answers() {
        let options = PoolOptions::default();
        let mut speed = Speed::default();
        speed.prove(44, ms(4_400));
        assert_eq!(speed.expected(150), Some(ms(15_000)));
        assert_eq!(
            speed.time_out(150, &options),
            ms(480_000),
            "a slow engine gets its time from the first chunk on"
        );
        assert_eq!(speed.overdue(150), None);
        let mut quick = Speed::default();
        quick.prove(44, ms(20));
        assert_eq!(
            quick.time_out(150, &options),
            LEAST_ON_A_PROOF,
            "and a hung one does not cost five minutes"
        );
        quick.record(150, ms(900));
        assert_eq!(quick.expected(150), Some(ms(900)));
        assert_eq!(quick.time_out(150, &options), options.first_time_out);
    }

    #[test]
    fn one_answer_that_hung_changes_little() {
        let mut speed = Speed::default();
        for _ in 0..20 {
            speed.record(100, ms(100));
        }
        speed.record(100, ms(60_000));
        assert!(speed.expected(100).unwrap() < ms(130));
    }

    #[test]
    fn a_backend_that_slows_down_is_believed_soon() {
        let mut speed = Speed::default();
        for _ in 0..50 {
            speed.record(100, ms(100));
        }
        for _ in 0..60 {
            speed.record(100, ms(1_000));
        }
        assert!(speed.expected(100).unwrap() > ms(750));
    }
}
