//! The same sound again and again: an engine that is stuck.
//!
//! The spectrum of every 10 ms is compared with the spectrum one lag earlier, for every lag a stuck engine may have.
//! Speech never resembles itself for long at any lag; a loop does at its period, and a buzz or a tone at all of
//! them.

use realfft::RealFftPlanner;

use super::measurements::WINDOW_MS;
use crate::Pcm;
use crate::level::to_db;

/// Bands that a spectrum is summed into, evenly spaced by pitch.
const BANDS: usize = 8;
/// Where the bands begin and end, Hz: below lies hum, above nothing that every sample rate has.
const LOWEST_HZ: f64 = 100.0;
const HIGHEST_HZ: f64 = 5_500.0;
/// Bands further than this below the loudest of the take count as equal, in dB: they are noise.
const RANGE_DB: f32 = 45.0;
/// Lags that are tried, in windows: from 50 ms, five periods of a low voice, to 2.4 s, a short phrase.
const LAGS: std::ops::Range<usize> = 5..240;
/// Windows resemble each other if their bands differ by less than this on average, in dB. Windows of the same
/// vowel from different words differ by 4 to 8, of different sounds by 10 and more.
const ALIKE_DB: f32 = 3.5;
/// A window that does not resemble its earlier one takes back this many that did.
const PENALTY: i32 = 3;
/// A loop is a sound that comes at least this often.
const TIMES: usize = 3;

type Spectrum = [f32; BANDS];

/// The longest stretch of a take that repeats what came one lag before and comes three times, in windows with
/// sound. Pauses count neither for nor against it. `levels` are those of the windows of the take; windows above
/// `threshold` hold sound.
pub(super) fn longest_repetition(pcm: &Pcm, levels: &[f64], threshold: f64) -> usize {
    let spectra = spectra(pcm, levels, threshold);
    LAGS.take_while(|lag| lag * TIMES <= spectra.len())
        .map(|lag| longest_at(&spectra, lag))
        .max()
        .unwrap_or(0)
}

/// The best local alignment of the take with itself, `lag` windows later.
fn longest_at(spectra: &[Option<Spectrum>], lag: usize) -> usize {
    let (mut best, mut score, mut began) = (0, 0_i32, 0);
    for now in lag..spectra.len() {
        match (&spectra[now - lag], &spectra[now]) {
            (None, None) => continue,
            (Some(earlier), Some(later)) if alike(earlier, later) => {
                if score == 0 {
                    began = now;
                }
                score += 1;
                // The stretch and the one lag before it.
                if now + 1 - began >= lag * (TIMES - 1) {
                    best = best.max(score);
                }
            }
            _ => score = (score - PENALTY).max(0),
        }
    }
    usize::try_from(best).unwrap_or(0)
}

fn alike(a: &Spectrum, b: &Spectrum) -> bool {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() < ALIKE_DB * BANDS as f32
}

/// The spectrum of every window with sound, in dB above the range's floor.
fn spectra(pcm: &Pcm, levels: &[f64], threshold: f64) -> Vec<Option<Spectrum>> {
    let window = pcm.rate.samples(WINDOW_MS / 1_000.0).max(1);
    // Twice the window, so that neighbours overlap and a period that is no whole number of windows matters little.
    let length = window * 2;
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(length);
    let mut input = transform.make_input_vec();
    let mut output = transform.make_output_vec();
    let mut scratch = transform.make_scratch_vec();
    let hann: Vec<f32> = (0..length)
        .map(|n| (0.5 - 0.5 * (std::f64::consts::TAU * (n as f64 + 0.5) / length as f64).cos()) as f32)
        .collect();
    let edges = edges(length, f64::from(pcm.rate.0));

    let mut spectra: Vec<Option<Spectrum>> = levels
        .iter()
        .enumerate()
        .map(|(at, &level)| {
            let part = &pcm.samples[at * window..(at * window + length).min(pcm.samples.len())];
            // The last windows are not whole; nothing is decided by 20 ms.
            if level <= threshold || part.len() < length {
                return None;
            }
            input.iter_mut().zip(part).zip(&hann).for_each(|((to, from), weight)| *to = from * weight);
            transform.process_with_scratch(&mut input, &mut output, &mut scratch).ok()?;
            let mut spectrum = [0.0; BANDS];
            for (band, range) in spectrum.iter_mut().zip(edges.windows(2)) {
                let power: f32 = output[range[0]..range[1]].iter().map(|bin| bin.norm_sqr()).sum();
                *band = to_db(f64::from(power).sqrt()) as f32;
            }
            Some(spectrum)
        })
        .collect();
    let loudest = spectra.iter().flatten().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
    spectra.iter_mut().flatten().flatten().for_each(|band| *band = (*band - loudest + RANGE_DB).max(0.0));
    spectra
}

/// The bins between which the bands lie.
fn edges(length: usize, rate: f64) -> [usize; BANDS + 1] {
    let bins = length / 2;
    std::array::from_fn(|band| {
        let hertz = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ).powf(band as f64 / BANDS as f64);
        ((hertz * length as f64 / rate).round() as usize).clamp(1.min(bins), bins)
    })
}
