//! Levels in decibels and the energy of samples: the arithmetic that trimming, judging and mastering share.

/// What silence measures, dBFS. A number instead of −∞, so that it can be stored and compared.
pub const SILENCE_DBFS: f64 = -120.0;

/// Decibels of an amplitude ratio, at least [`SILENCE_DBFS`].
#[must_use]
pub fn to_db(amplitude: f64) -> f64 {
    if amplitude > 0.0 { (20.0 * amplitude.log10()).max(SILENCE_DBFS) } else { SILENCE_DBFS }
}

/// The amplitude ratio of `decibels`.
#[must_use]
pub fn from_db(decibels: f64) -> f64 {
    10.0_f64.powf(decibels / 20.0)
}

/// The sum of squares.
#[must_use]
pub fn energy(samples: &[f32]) -> f64 {
    // Short runs in f32 let the compiler use vectors; their sums in f64 keep the precision of long ones.
    let mut total = 0.0;
    for run in samples.chunks(256) {
        let mut lanes = [0.0_f32; 8];
        let eights = run.chunks_exact(8);
        let rest = eights.remainder();
        for eight in eights {
            for (lane, sample) in lanes.iter_mut().zip(eight) {
                *lane += sample * sample;
            }
        }
        let sum = lanes.iter().sum::<f32>() + rest.iter().map(|sample| sample * sample).sum::<f32>();
        total += f64::from(sum);
    }
    total
}

/// Plain RMS, dBFS: 0 is a full-scale square wave.
#[must_use]
pub fn rms_dbfs(samples: &[f32]) -> f64 {
    if samples.is_empty() { SILENCE_DBFS } else { to_db((energy(samples) / samples.len() as f64).sqrt()) }
}

/// The largest absolute value; samples that are not a number do not count.
#[must_use]
pub fn peak(samples: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; 8];
    let eights = samples.chunks_exact(8);
    let rest = eights.remainder();
    for eight in eights {
        for (lane, sample) in lanes.iter_mut().zip(eight) {
            *lane = lane.max(sample.abs());
        }
    }
    lanes.iter().chain(rest).fold(0.0, |most, sample| most.max(sample.abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decibels_and_amplitudes_are_inverse() {
        assert!((to_db(0.5) + 6.0206).abs() < 1e-3);
        assert!((from_db(to_db(0.123)) - 0.123).abs() < 1e-12);
        assert_eq!(to_db(0.0), SILENCE_DBFS);
    }

    #[test]
    fn energy_peak_and_rms_count_every_sample_whatever_the_length() {
        for length in [0, 1, 7, 8, 9, 255, 256, 257, 1_000, 4_097] {
            let mut samples = vec![0.5_f32; length];
            assert!((energy(&samples) - 0.25 * length as f64).abs() < 1e-3);
            if let Some(last) = samples.last_mut() {
                *last = -0.9;
                assert_eq!(peak(&samples), 0.9);
            }
        }
        assert!((rms_dbfs(&[1.0, -1.0, 1.0]) - 0.0).abs() < 1e-9);
    }
}
