//! Runs of samples at full scale: crests that were cut.

/// From here on a sample is at full scale: one step of 16 bits below it counts.
const FULL: f32 = 32_766.5 / 32_768.0;

/// Samples in a row that are no accident.
const RUN: u32 = 3;

/// Places that are kept.
const KEPT: usize = 5;

/// Counts clipped runs.
#[derive(Debug)]
pub(super) struct Clipping {
    /// Samples at full scale that each channel has in a row.
    rows: Vec<u32>,
    pub(super) runs: u64,
    /// Frames at which the first runs are.
    pub(super) first: Vec<u64>,
}

impl Clipping {
    pub(super) fn new(channels: usize) -> Self {
        Self { rows: vec![0; channels], runs: 0, first: Vec::new() }
    }

    /// Takes whole frames, of which the first is that of this number.
    pub(super) fn add(&mut self, interleaved: &[f32], at: u64) {
        let channels = self.rows.len();
        for (n, frame) in interleaved.chunks_exact(channels).enumerate() {
            for (row, sample) in self.rows.iter_mut().zip(frame) {
                *row = if sample.abs() >= FULL { *row + 1 } else { 0 };
                if *row == RUN {
                    self.runs += 1;
                    if self.first.len() < KEPT {
                        self.first.push(at + n as u64);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_counts_once_however_long_and_across_blocks() {
        let mut clipping = Clipping::new(1);
        clipping.add(&[0.0, 1.0, 1.0], 0);
        clipping.add(&[1.0, 1.0, 0.5, -1.0, -1.0], 3);
        assert_eq!((clipping.runs, clipping.first.clone()), (1, vec![3]));
        clipping.add(&[-1.0, 0.0, 1.0], 8);
        assert_eq!((clipping.runs, clipping.first), (2, vec![3, 8]));
    }

    #[test]
    fn channels_are_counted_apart() {
        let mut clipping = Clipping::new(2);
        clipping.add(&[1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0], 0);
        assert_eq!(clipping.runs, 0);
    }
}
