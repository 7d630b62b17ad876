//! The noise floor as ACX's tools measure it: the RMS of the quietest half second of the file.
//!
//! The half second moves on by 10 ms. Nothing is weighted and nothing is left out, so digital silence is a floor too.

use rhapsode_audio::level::{SILENCE_DBFS, to_db};

/// Windows in half a second.
const HALF_SECOND: usize = 50;

/// Finds the quietest half second.
#[derive(Debug, Default)]
pub(super) struct Floor {
    /// Energies and samples of the windows of the last half second, around `at`.
    ring: Vec<(f64, u64)>,
    at: usize,
    lowest: Option<f64>,
}

impl Floor {
    /// Takes the sum of the squares of a window, and how many they are.
    pub(super) fn push(&mut self, energy: f64, samples: u64) {
        if self.ring.len() < HALF_SECOND {
            self.ring.push((energy, samples));
        } else {
            self.ring[self.at] = (energy, samples);
            self.at = (self.at + 1) % HALF_SECOND;
        }
        if self.ring.len() == HALF_SECOND {
            let mean = self.mean();
            self.lowest = Some(self.lowest.map_or(mean, |lowest| lowest.min(mean)));
        }
    }

    /// Summed anew each time: a running sum would keep the rounding of everything loud that ever passed.
    fn mean(&self) -> f64 {
        let (energy, samples) =
            self.ring.iter().fold((0.0, 0), |(e, s), (energy, samples)| (e + energy, s + samples));
        energy / samples.max(1) as f64
    }

    /// The floor; that of everything in a file of less than half a second.
    pub(super) fn dbfs(&self) -> f64 {
        match self.lowest {
            Some(lowest) => to_db(lowest.sqrt()),
            None if self.ring.is_empty() => SILENCE_DBFS,
            None => to_db(self.mean().sqrt()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_the_quietest_half_second_and_no_shorter_dip() {
        let mut floor = Floor::default();
        let mut push =
            |level: f64, windows: usize| (0..windows).for_each(|_| floor.push(level * level * 10.0, 10));
        push(0.1, 100);
        push(0.0, 49);
        push(0.1, 100);
        push(0.001, 50);
        push(0.1, 20);
        assert!((floor.dbfs() + 60.0).abs() < 1e-6, "{}", floor.dbfs());
    }

    #[test]
    fn nothing_has_the_floor_of_silence() {
        assert_eq!(Floor::default().dbfs(), SILENCE_DBFS);
    }
}
