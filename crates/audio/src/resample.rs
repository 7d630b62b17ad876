//! Another sample rate, by one rational conversion of a whole take.
//!
//! The length comes from the absolute position of the end, so that nothing adds up over a book, and the filter's
//! delay is taken out, so that a click stays where it was.

use rubato::audioadapter_buffers::direct::SequentialSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

use crate::{Pcm, SampleRate};

/// Input samples a transform works on, at least: long enough for a filter that is flat to 95 % of the band.
const BLOCK: usize = 1_024;

/// The sample at `to` that lies where `position` lies at `from`, rounded to the nearest. Zero if `from` is.
#[must_use]
pub fn position(position: u64, from: SampleRate, to: SampleRate) -> u64 {
    let (from, to) = (u128::from(from.0), u128::from(to.0));
    if from == 0 {
        return 0;
    }
    ((u128::from(position) * to + from / 2) / from) as u64
}

/// The same sound at `rate`, as long as [`position`] says. A rate of zero holds no sound.
#[must_use]
pub fn resample(pcm: Pcm, rate: SampleRate) -> Pcm {
    if pcm.rate == rate {
        return pcm;
    }
    let length = position(pcm.samples.len() as u64, pcm.rate, rate) as usize;
    if length == 0 {
        return Pcm { rate, samples: Vec::new() };
    }
    let (from, to) = (pcm.rate.0 as usize, rate.0 as usize);
    let window = WindowFunction::BlackmanHarris2;
    let mut fft = Fft::<f32>::new_custom(from, to, block(from, to), 1, 1, window, FixedSync::Both)
        .expect("both rates and the block are above zero");
    let input =
        SequentialSlice::new(&pcm.samples, 1, pcm.samples.len()).expect("one channel of its own length");
    let output = fft
        .process_all(&input, pcm.samples.len(), None)
        .expect("the buffers are sized by the resampler itself");
    let mut samples = output.take_data();
    samples.resize(length, 0.0);
    Pcm { rate, samples }
}

/// A block whose transforms have an even length at both rates: the filter's delay is half of it, and only then a
/// whole number of samples at both.
fn block(from: usize, to: usize) -> usize {
    let unit = 2 * from / greatest_common_divisor(from, to);
    unit * BLOCK.div_ceil(unit)
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sine(rate: u32, hertz: f64, seconds: f64) -> Pcm {
        let samples = (0..SampleRate(rate).samples(seconds))
            .map(|n| (0.5 * (n as f64 * std::f64::consts::TAU * hertz / f64::from(rate)).sin()) as f32)
            .collect();
        Pcm { rate: SampleRate(rate), samples }
    }

    #[test]
    fn a_sine_keeps_frequency_phase_and_level() {
        for (from, to) in
            [(22_050, 24_000), (24_000, 44_100), (44_100, 24_000), (16_000, 24_000), (48_000, 24_000)]
        {
            let found = resample(sine(from, 1_000.0, 1.0), SampleRate(to));
            let wanted = sine(to, 1_000.0, 1.0);
            assert_eq!(found.samples.len(), wanted.samples.len());
            let edge = to as usize / 20;
            for n in edge..wanted.samples.len() - edge {
                let error = (found.samples[n] - wanted.samples[n]).abs();
                assert!(error < 1e-3, "{from} to {to}: off by {error} at {n}");
            }
        }
    }

    #[test]
    fn a_click_stays_where_it_was() {
        let mut samples = vec![0.0; 22_050];
        samples[11_025] = 1.0;
        let found = resample(Pcm { rate: SampleRate(22_050), samples }, SampleRate(24_000));
        let place = (0..found.samples.len()).max_by(|&a, &b| found.samples[a].total_cmp(&found.samples[b]));
        assert_eq!(place, Some(12_000));
    }

    #[test]
    fn nothing_in_nothing_out() {
        let nothing = Pcm { rate: SampleRate(22_050), samples: Vec::new() };
        assert!(resample(nothing, SampleRate(24_000)).samples.is_empty());
        let no_rate = Pcm { rate: SampleRate(0), samples: vec![0.1; 10] };
        assert!(resample(no_rate, SampleRate(24_000)).samples.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn the_length_is_the_absolute_position_of_the_end(
            length in 0_usize..9_000,
            from in prop::sample::select(vec![8_000_u32, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]),
            to in prop::sample::select(vec![22_050_u32, 24_000, 44_100, 48_000]),
        ) {
            let pcm = Pcm { rate: SampleRate(from), samples: vec![0.25; length] };
            let wanted = (length as f64 * f64::from(to) / f64::from(from)).round() as usize;
            prop_assert_eq!(resample(pcm, SampleRate(to)).samples.len(), wanted);
        }
    }
}
