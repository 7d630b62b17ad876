//! From the graph's spectra to samples: a pulse train shaped by the harmonic part, plus shaped noise, plus a
//! free part, through one inverse short-time Fourier transform.
//!
//! Frames of 1200 samples, 300 apart, under a periodic Hann window, at 24 kHz. All buffers live as long as the
//! session: speaking allocates nothing here but the samples that it returns.

mod math;
mod noise;
mod source;
mod spectrum;

use std::{array, sync::Arc};

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex32};
use rten_simd::SimdOp;

pub use spectrum::FRAME_VALUES;

use noise::NoiseBits;
use spectrum::{Noise, ROW, Shape, Source, Spectrum};

/// Samples a second.
const RATE: f64 = 24_000.0;
/// Samples in a transform.
const FRAME: usize = 1200;
/// Samples from one frame to the next.
pub const HOP: usize = 300;
/// Frequencies in a spectrum.
pub const BINS: usize = FRAME / 2 + 1;
/// Frames that cover a sample.
const OVERLAP: usize = FRAME / HOP;
/// The sum of the squared window over the frames that cover a sample.
const WINDOW_POWER: f32 = 1.5;

/// What the noise is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoiseSeed {
    /// A stream for this piece of what is spoken with this seed.
    Piece {
        /// The seed of the whole.
        seed: u64,
        /// Number of the piece.
        piece: u64,
    },
    /// No noise at all; for comparing with other implementations.
    Silence,
}

/// The transforms, tables and buffers of one session.
pub struct Vocoder {
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: [f32; FRAME],
    /// The window scaled so that a cosine of amplitude one has the magnitude one in the transform.
    source_window: [f32; FRAME],
    frame: [f32; FRAME],
    bins: [Complex32; BINS],
    scratch: Vec<Complex32>,
    spectrum: Spectrum,
    words: [i32; ROW],
    source: Vec<f32>,
    overlap: Vec<f32>,
}

impl std::fmt::Debug for Vocoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vocoder").finish_non_exhaustive()
    }
}

impl Default for Vocoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Vocoder {
    /// Plans the transforms.
    #[must_use]
    pub fn new() -> Self {
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(FRAME);
        let inverse = planner.plan_fft_inverse(FRAME);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        let hann = |index: usize| 0.5 - 0.5 * (std::f64::consts::TAU * index as f64 / FRAME as f64).cos();
        let window = array::from_fn(|index| hann(index) as f32);
        Self {
            forward,
            inverse,
            window,
            source_window: window.map(|weight| weight / (FRAME / 4) as f32),
            frame: [0.0; FRAME],
            bins: [Complex32::ZERO; BINS],
            scratch: vec![Complex32::ZERO; scratch],
            spectrum: Spectrum::new(),
            words: [0; ROW],
            source: Vec::new(),
            overlap: Vec::new(),
        }
    }

    /// Appends the sound of `f0.len()` frames, [`HOP`] samples each, to `wave`. `f0` is the pitch in Hz, 0 where
    /// unvoiced; `values` has [`FRAME_VALUES`] for each frame.
    ///
    /// # Panics
    /// If `values` is not as long as that.
    pub fn render(&mut self, values: &[f32], f0: &[f32], seed: NoiseSeed, wave: &mut Vec<f32>) {
        let frames = f0.len();
        assert_eq!(values.len(), FRAME_VALUES * frames, "every frame has its values");
        if frames == 0 {
            return;
        }
        let mut stream = match seed {
            NoiseSeed::Piece { seed, piece } => Some(NoiseBits::new(seed, piece)),
            NoiseSeed::Silence => None,
        };
        self.source.clear();
        self.source.resize(FRAME + frames * HOP, 0.0);
        source::pulses(f0, &mut self.source[FRAME / 2..FRAME / 2 + frames * HOP]);
        reflect_ends(&mut self.source);
        self.overlap.clear();
        self.overlap.resize((frames + OVERLAP - 1) * HOP, 0.0);

        for (frame, values) in values.chunks_exact(FRAME_VALUES).enumerate() {
            let source = self.transform_source(frame);
            let noise = match &mut stream {
                Some(stream) => {
                    stream.fill(&mut self.words);
                    Noise::Random(&self.words)
                }
                None => Noise::Silenced,
            };
            Shape { values, source, noise, spectrum: &mut self.spectrum }.dispatch();
            self.add_frame(frame);
        }
        self.take_wave(frames, wave);
    }

    /// Puts the source's spectrum of a frame in place.
    fn transform_source(&mut self, frame: usize) -> Source {
        let samples = &self.source[frame * HOP..frame * HOP + FRAME];
        if samples.iter().all(|&sample| sample == 0.0) {
            return Source::Silent;
        }
        for ((value, sample), weight) in self.frame.iter_mut().zip(samples).zip(&self.source_window) {
            *value = sample * weight;
        }
        self.forward
            .process_with_scratch(&mut self.frame, &mut self.bins, &mut self.scratch)
            .expect("the buffers were made to the plan's lengths");
        let planar = self.spectrum.re.iter_mut().zip(&mut self.spectrum.im);
        for ((re, im), value) in planar.zip(&self.bins) {
            (*re, *im) = (value.re, value.im);
        }
        Source::Voiced
    }

    /// Transforms a frame's spectrum back and adds it where it belongs.
    fn add_frame(&mut self, frame: usize) {
        let planar = self.spectrum.re.iter().zip(&self.spectrum.im);
        for (value, (re, im)) in self.bins.iter_mut().zip(planar) {
            *value = Complex32::new(*re, *im);
        }
        // A real signal has real values there; whatever the parts add up to, only that is meant.
        self.bins[0].im = 0.0;
        self.bins[BINS - 1].im = 0.0;
        self.inverse
            .process_with_scratch(&mut self.bins, &mut self.frame, &mut self.scratch)
            .expect("the buffers were made to the plan's lengths, and the ends are real");
        let sums = &mut self.overlap[frame * HOP..frame * HOP + FRAME];
        for ((sum, sample), weight) in sums.iter_mut().zip(&self.frame).zip(&self.window) {
            *sum += sample * weight;
        }
    }

    /// Divides by the summed squared window and cuts the half frame before the first centre.
    fn take_wave(&self, frames: usize, wave: &mut Vec<f32>) {
        // The inverse transform is not scaled by itself.
        const SCALE: f32 = 1.0 / FRAME as f32;
        wave.reserve(frames * HOP);
        for (index, sums) in self.overlap.chunks_exact(HOP).enumerate().skip(OVERLAP / 2).take(frames) {
            if index >= OVERLAP - 1 && index < frames {
                wave.extend(sums.iter().map(|sum| sum * (SCALE / WINDOW_POWER)));
            } else {
                let powers = (0..HOP).map(|offset| self.window_power(index, offset, frames));
                wave.extend(sums.iter().zip(powers).map(|(sum, power)| sum * SCALE / power));
            }
        }
        // The last centre is half a frame from the end, and a piece of one frame has only one.
        let missing = frames.saturating_sub(self.overlap.len() / HOP - OVERLAP / 2);
        wave.resize(wave.len() + missing * HOP, 0.0);
    }

    /// The summed squared window at `offset` of the hop-sized block `index`.
    fn window_power(&self, index: usize, offset: usize, frames: usize) -> f32 {
        let power: f32 = (0..OVERLAP)
            .filter(|part| index >= *part && index - part < frames)
            .map(|part| self.window[part * HOP + offset].powi(2))
            .sum();
        power.max(1e-11)
    }
}

/// Mirrors the signal into the half frames before and after it, as a centred transform wants.
fn reflect_ends(padded: &mut [f32]) {
    let half = FRAME / 2;
    let (begin, end) = (half, padded.len() - half);
    for distance in 1..=half {
        let inward = fold(distance, end - begin);
        padded[begin - distance] = padded[begin + inward];
    }
    for distance in 1..=half {
        let inward = fold(distance, end - begin);
        padded[end - 1 + distance] = padded[end - 1 - inward];
    }
}

/// `distance` samples into a signal of `length` that is mirrored to and fro at its ends.
fn fold(distance: usize, length: usize) -> usize {
    let within = distance % (2 * (length - 1));
    if within < length { within } else { 2 * (length - 1) - within }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_mirrored_at_its_ends_without_repeating_them() {
        let mut padded = vec![0.0; FRAME + HOP];
        for (index, sample) in padded[FRAME / 2..FRAME / 2 + HOP].iter_mut().enumerate() {
            *sample = index as f32;
        }
        reflect_ends(&mut padded);
        assert_eq!(padded[FRAME / 2 - 1], 1.0);
        assert_eq!(padded[FRAME / 2 - 299], 299.0);
        assert_eq!(padded[FRAME / 2 - 300], 298.0);
        assert_eq!(padded[FRAME / 2 + HOP], 298.0);
    }

    #[test]
    fn every_frame_is_three_hundred_samples_from_the_first_to_the_last() {
        let mut vocoder = Vocoder::new();
        for frames in [0, 1, 2, 3, 4, 5, 40] {
            let mut wave = Vec::new();
            vocoder.render(
                &vec![-1.0; frames * FRAME_VALUES],
                &vec![120.0; frames],
                NoiseSeed::Silence,
                &mut wave,
            );
            assert_eq!(wave.len(), frames * HOP);
            assert!(wave.iter().all(|sample| sample.is_finite()));
        }
    }

    #[test]
    fn a_source_shaped_by_nothing_comes_back_as_it_was() {
        let frames = 20;
        let mut values = vec![0.0; frames * FRAME_VALUES];
        for frame in values.chunks_exact_mut(FRAME_VALUES) {
            // Gain 1200/4 undoes the source window's scale; phase 0; no free part.
            frame[..BINS].fill((FRAME as f32 / 4.0).ln());
            frame[3 * BINS..4 * BINS].fill(-90.0);
        }
        let f0 = vec![180.0; frames];
        let mut wave = Vec::new();
        Vocoder::new().render(&values, &f0, NoiseSeed::Silence, &mut wave);
        let mut source = vec![0.0; frames * HOP];
        source::pulses(&f0, &mut source);
        for (index, (ours, original)) in
            wave.iter().zip(&source).enumerate().skip(HOP).take((frames - 2) * HOP)
        {
            assert!((ours - original).abs() < 1e-3, "sample {index}: {ours} against {original}");
        }
    }

    #[test]
    fn the_same_seed_is_the_same_noise_and_another_is_another() {
        let mut vocoder = Vocoder::new();
        let mut speak = |seed, piece| {
            let mut wave = Vec::new();
            let values = vec![-2.0; 8 * FRAME_VALUES];
            vocoder.render(&values, &[0.0; 8], NoiseSeed::Piece { seed, piece }, &mut wave);
            wave
        };
        let first = speak(1, 0);
        assert_eq!(first, speak(1, 0));
        assert_ne!(first, speak(2, 0));
        assert_ne!(first, speak(1, 1));
    }
}
