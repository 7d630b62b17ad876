//! What is measured on the sound of a file, in one pass and in memory that does not depend on its length but for one
//! byte for each 10 ms.

mod clipping;
mod envelope;
mod floor;

use rhapsode_audio::SampleRate;
use rhapsode_audio::level::{energy, peak, to_db};
use rhapsode_audio::loudness::Meter;
use serde::Serialize;

pub use envelope::Stretch;

use self::clipping::Clipping;
use self::envelope::{Envelope, Shape};
use self::floor::Floor;

/// Windows a second: 10 ms each.
const WINDOWS: u64 = 100;

/// What was measured on a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measurements {
    /// Length in seconds.
    pub seconds: f64,
    /// Plain RMS over the whole file and all channels, dBFS: what ACX calls RMS.
    pub rms_dbfs: f64,
    /// Integrated loudness after ITU-R BS.1770-4, LUFS; none if nothing is above −70 LUFS.
    pub integrated_lufs: Option<f64>,
    /// Highest sample, dBFS: what ACX calls peak.
    pub sample_peak_dbfs: f64,
    /// Highest true peak, dBTP.
    pub true_peak_dbtp: f64,
    /// RMS of the quietest half second, dBFS: what ACX calls noise floor.
    pub noise_floor_dbfs: f64,
    /// Mean of all samples of the worst channel, of full scale.
    pub dc_offset: f64,
    /// Runs of three samples and more at full scale.
    pub clips: u64,
    /// Where the first of them are, in seconds.
    pub clips_at: Vec<f64>,
    /// Samples that are no numbers.
    pub not_numbers: u64,
    /// Level below which 10 ms count as silence, dBFS.
    pub silence_below_dbfs: f64,
    /// Silence before the first sound, seconds.
    pub head_seconds: f64,
    /// Silence behind the last sound, seconds.
    pub tail_seconds: f64,
    /// The longest silence between the first sound and the last.
    pub longest_silence: Option<Stretch>,
    /// Seconds of samples that are exactly zero, in stretches of at least a fifth of a second.
    pub digital_silence_seconds: f64,
    /// Stretches of nothing that begin and end in the middle of sound.
    pub holes: u64,
    /// The first of them.
    pub holes_at: Vec<Stretch>,
}

/// Measures a file as it is decoded.
pub(crate) struct Gauge {
    rate: u64,
    channels: usize,
    meter: Meter,
    peak: f32,
    sums: Vec<f64>,
    not_numbers: u64,
    clipping: Clipping,
    envelope: Envelope,
    floor: Floor,
    /// Frames so far, and what the window that is open has.
    frames: u64,
    window: Window,
    clean: Vec<f32>,
}

/// 10 ms that are not full yet.
#[derive(Default)]
struct Window {
    index: u64,
    energy: f64,
    samples: u64,
}

impl Gauge {
    pub(crate) fn new(rate: u32, channels: u32) -> Self {
        Self {
            rate: rate.into(),
            channels: channels as usize,
            meter: Meter::of_channels(SampleRate(rate), channels),
            peak: 0.0,
            sums: vec![0.0; channels as usize],
            not_numbers: 0,
            clipping: Clipping::new(channels as usize),
            envelope: Envelope::default(),
            floor: Floor::default(),
            frames: 0,
            window: Window::default(),
            clean: Vec::new(),
        }
    }

    /// Takes whole frames of interleaved samples.
    pub(crate) fn add(&mut self, interleaved: &[f32]) {
        if interleaved.iter().all(|sample| sample.is_finite()) {
            return self.measure(interleaved);
        }
        // One sample that is no number would make every sum none.
        let mut clean = std::mem::take(&mut self.clean);
        clean.clear();
        clean.extend(interleaved.iter().map(|&sample| if sample.is_finite() { sample } else { 0.0 }));
        self.not_numbers += interleaved.iter().filter(|sample| !sample.is_finite()).count() as u64;
        self.measure(&clean);
        self.clean = clean;
    }

    fn measure(&mut self, interleaved: &[f32]) {
        self.meter.add(interleaved);
        self.peak = self.peak.max(peak(interleaved));
        for (channel, sum) in self.sums.iter_mut().enumerate() {
            let samples = interleaved.iter().skip(channel).step_by(self.channels);
            *sum += samples.map(|&sample| f64::from(sample)).sum::<f64>();
        }
        self.clipping.add(interleaved, self.frames);
        let mut rest = interleaved;
        while !rest.is_empty() {
            // From the absolute position, so that windows do not drift at rates that 100 does not divide.
            let end = ((self.window.index + 1) * self.rate).div_ceil(WINDOWS);
            let wanted =
                usize::try_from(end - self.frames).unwrap_or(usize::MAX).saturating_mul(self.channels);
            let (part, behind) = rest.split_at(wanted.min(rest.len()));
            self.window.energy += energy(part);
            self.window.samples += part.len() as u64;
            self.frames += (part.len() / self.channels) as u64;
            rest = behind;
            if self.frames == end {
                self.close_window();
            }
        }
    }

    fn close_window(&mut self) {
        let Window { index, energy, samples } = std::mem::take(&mut self.window);
        self.window.index = index + 1;
        self.envelope.push(to_db((energy / samples.max(1) as f64).sqrt()), energy > 0.0);
        self.floor.push(energy, samples);
    }

    pub(crate) fn finish(mut self) -> Measurements {
        if self.window.samples > 0 {
            self.close_window();
        }
        let rms_dbfs = self.meter.rms_dbfs();
        let noise_floor_dbfs = self.floor.dbfs();
        let silence_below_dbfs = envelope::silence_below(rms_dbfs, noise_floor_dbfs);
        let Shape { head, tail, longest_silence, digital_silence, holes, holes_at } =
            self.envelope.shape(silence_below_dbfs);
        let clips_at = self.clipping.first.iter().map(|&frame| frame as f64 / self.rate as f64).collect();
        let frames = self.frames.max(1) as f64;
        Measurements {
            seconds: self.frames as f64 / self.rate as f64,
            rms_dbfs,
            integrated_lufs: self.meter.integrated(),
            sample_peak_dbfs: to_db(self.peak.into()),
            true_peak_dbtp: self.meter.true_peak_dbtp().unwrap_or(rhapsode_audio::level::SILENCE_DBFS),
            noise_floor_dbfs,
            dc_offset: self.sums.iter().map(|sum| (sum / frames).abs()).fold(0.0, f64::max),
            clips: self.clipping.runs,
            clips_at,
            not_numbers: self.not_numbers,
            silence_below_dbfs,
            head_seconds: head,
            tail_seconds: tail,
            longest_silence,
            digital_silence_seconds: digital_silence,
            holes,
            holes_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(rate: u32, channels: u32, samples: &[f32]) -> Measurements {
        let mut gauge = Gauge::new(rate, channels);
        // In pieces of odd sizes, as decoders give them.
        samples.chunks(channels as usize * 1_013).for_each(|piece| gauge.add(piece));
        gauge.finish()
    }

    fn tone(rate: u32, seconds: f64, amplitude: f32) -> Vec<f32> {
        let step = 440.0 * std::f64::consts::TAU / f64::from(rate);
        (0..(seconds * f64::from(rate)) as usize)
            .map(|n| amplitude * (n as f64 * step).sin() as f32)
            .collect()
    }

    #[test]
    fn levels_and_ends_are_measured_at_rates_that_ten_milliseconds_do_not_divide() {
        let rate = 22_050;
        let mut sound = tone(rate, 0.75, 0.0005);
        sound.extend(tone(rate, 3.0, 0.2));
        sound.extend(tone(rate, 2.0, 0.0005));
        let found = measured(rate, 1, &sound);
        assert!((found.seconds - 5.75).abs() < 1e-3);
        assert!((found.head_seconds - 0.75).abs() < 0.011, "{found:?}");
        assert!((found.tail_seconds - 2.0).abs() < 0.011, "{found:?}");
        assert!(
            (found.noise_floor_dbfs - (0.0005_f64 / 2_f64.sqrt()).log10() * 20.0).abs() < 0.05,
            "{found:?}"
        );
        assert!((found.sample_peak_dbfs + 13.98).abs() < 0.01);
        assert_eq!((found.clips, found.holes, found.longest_silence), (0, 0, None));
    }

    #[test]
    fn channels_are_measured_together_and_the_worst_offset_counts() {
        let rate = 48_000;
        let one = tone(rate, 1.0, 0.5);
        let both: Vec<f32> = one.iter().flat_map(|&sample| [sample, 0.25]).collect();
        let found = measured(rate, 2, &both);
        assert!((found.dc_offset - 0.25).abs() < 1e-3);
        let expected = 10.0 * ((0.125 + 0.0625) / 2.0_f64).log10();
        assert!((found.rms_dbfs - expected).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_sample_that_is_no_number_is_counted_and_spoils_nothing() {
        let mut sound = tone(8_000, 1.0, 0.5);
        sound[77] = f32::NAN;
        sound[78] = f32::INFINITY;
        let found = measured(8_000, 1, &sound);
        assert_eq!(found.not_numbers, 2);
        assert!((found.rms_dbfs + 9.03).abs() < 0.05);
    }

    #[test]
    fn a_file_shorter_than_any_window_is_measured() {
        let found = measured(44_100, 1, &[0.5; 10]);
        assert!((found.rms_dbfs + 6.02).abs() < 0.01 && found.seconds > 0.0);
        let nothing = measured(44_100, 2, &[]);
        assert_eq!((nothing.seconds, nothing.integrated_lufs), (0.0, None));
    }
}
