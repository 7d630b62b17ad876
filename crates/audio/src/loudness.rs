//! Loudness after ITU-R BS.1770-4 / EBU R 128, true peak and plain RMS: what is aimed at and what is promised.
//!
//! The `ebur128` crate measures; this module gives it the shape that mastering needs: parts of a chapter measured
//! on several cores and merged, and levels as `Option` where silence has none.

use ebur128::{EbuR128, Mode};

use crate::SampleRate;
use crate::level::{SILENCE_DBFS, energy, to_db};

/// The rates the measuring library takes, in Hz.
const RATES: std::ops::RangeInclusive<u32> = 16..=2_822_400;

/// Measures sound as it comes: mono, or the channels of a finished file.
#[derive(Debug)]
pub struct Meter {
    inner: EbuR128,
    channels: u32,
    energy: f64,
    samples: u64,
}

impl Meter {
    /// A meter for loudness and RMS. Rates below 16 Hz or above 2,822,400 Hz are measured as these.
    #[must_use]
    pub fn new(rate: SampleRate) -> Self {
        Self::with_mode(rate, 1, Mode::I)
    }

    /// A meter that also measures true peak (four times oversampled), at twice the cost.
    #[must_use]
    pub fn with_true_peak(rate: SampleRate) -> Self {
        Self::of_channels(rate, 1)
    }

    /// A meter of interleaved channels that also measures true peak. RMS is that of all samples of all channels.
    ///
    /// # Panics
    /// With no channel, or with more than 64.
    #[must_use]
    pub fn of_channels(rate: SampleRate, channels: u32) -> Self {
        Self::with_mode(rate, channels, Mode::I | Mode::TRUE_PEAK)
    }

    fn with_mode(rate: SampleRate, channels: u32, mode: Mode) -> Self {
        let rate = rate.0.clamp(*RATES.start(), *RATES.end());
        let inner =
            EbuR128::new(channels, rate, mode).expect("a few channels and a rate in range are always taken");
        Self { inner, channels, energy: 0.0, samples: 0 }
    }

    /// Measures further samples, whole frames of them.
    pub fn add(&mut self, samples: &[f32]) {
        self.inner.add_frames_f32(samples).expect("whole frames of any count are taken");
        self.energy += energy(samples);
        self.samples += samples.len() as u64;
    }

    /// Integrated loudness so far, LUFS; none if no block of 400 ms was above the absolute gate of −70 LUFS.
    #[must_use]
    pub fn integrated(&self) -> Option<f64> {
        self.inner.loudness_global().ok().filter(|loudness| loudness.is_finite())
    }

    /// Integrated loudness of everything that `meters` measured, as if one had; they must have been made by
    /// [`Meter::new`] or [`Meter::with_true_peak`], for any rate.
    #[must_use]
    pub fn merged<'a>(meters: impl Iterator<Item = &'a Meter>) -> Option<f64> {
        EbuR128::loudness_global_multiple(meters.map(|meter| &meter.inner))
            .ok()
            .filter(|loudness| loudness.is_finite())
    }

    /// Highest true peak of any channel so far, dBTP; none if this meter does not measure it.
    #[must_use]
    pub fn true_peak_dbtp(&self) -> Option<f64> {
        let peaks = (0..self.channels).map(|channel| self.inner.true_peak(channel).ok());
        peaks.collect::<Option<Vec<f64>>>()?.into_iter().reduce(f64::max).map(to_db)
    }

    /// Plain RMS so far, dBFS.
    #[must_use]
    pub fn rms_dbfs(&self) -> f64 {
        if self.samples == 0 { SILENCE_DBFS } else { to_db((self.energy / self.samples as f64).sqrt()) }
    }

    /// Samples measured so far, those of all channels.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }
}

/// The true peak of a whole sound, dBTP.
#[must_use]
pub fn true_peak_dbtp(samples: &[f32], rate: SampleRate) -> f64 {
    let mut meter = Meter::with_true_peak(rate);
    meter.add(samples);
    // The interpolation lags by half its length: a peak at the very end shows only after it.
    meter.add(&[0.0; 16]);
    meter.true_peak_dbtp().unwrap_or(SILENCE_DBFS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: SampleRate = SampleRate(48_000);

    fn sine(hertz: f64, amplitude: f64, seconds: f64) -> Vec<f32> {
        (0..RATE.samples(seconds))
            .map(|n| (amplitude * (n as f64 * std::f64::consts::TAU * hertz / 48_000.0).sin()) as f32)
            .collect()
    }

    #[test]
    fn a_sine_of_1_khz_at_minus_20_dbfs_measures_what_the_standard_says() {
        // BS.1770: a mono 997 Hz sine at 0 dBFS peak reads −3.01 LKFS.
        let mut meter = Meter::new(RATE);
        meter.add(&sine(997.0, 0.1, 5.0));
        let loudness = meter.integrated().unwrap();
        assert!((loudness + 23.01).abs() < 0.05, "{loudness} LUFS");
        assert!((meter.rms_dbfs() + 23.01).abs() < 0.01);
    }

    #[test]
    fn parts_measured_apart_merge_to_the_loudness_of_the_whole() {
        let (loud, soft) = (sine(400.0, 0.3, 7.0), sine(400.0, 0.2, 5.0));
        let mut whole = Meter::new(RATE);
        whole.add(&loud);
        whole.add(&soft);
        let parts = [&loud, &soft].map(|samples| {
            let mut meter = Meter::new(RATE);
            meter.add(samples);
            meter
        });
        let merged = Meter::merged(parts.iter()).unwrap();
        assert!((merged - whole.integrated().unwrap()).abs() < 0.1);
    }

    #[test]
    fn silence_has_no_loudness() {
        let mut meter = Meter::new(RATE);
        meter.add(&[0.0; 48_000]);
        assert_eq!(meter.integrated(), None);
        assert_eq!(meter.rms_dbfs(), SILENCE_DBFS);
        assert_eq!(Meter::merged([].into_iter()), None);
    }

    #[test]
    fn a_peak_between_samples_is_found() {
        // Quarter of the rate, sampled 45 degrees off its crests: samples reach 0.707, the wave 1.0.
        let samples: Vec<f32> =
            (0..4_800).map(|n| ((n as f64 * 0.25 + 0.125) * std::f64::consts::TAU).sin() as f32).collect();
        let peak = true_peak_dbtp(&samples, RATE);
        assert!(peak > -0.4 && peak < 0.4, "{peak} dBTP");
    }
}
