//! From the graph's spectra to samples: a pulse train shaped by the harmonic part, plus shaped noise, plus a
//! free part, through one inverse short-time Fourier transform.
//!
//! Frames of 1200 samples, 300 apart, under a periodic Hann window, at 24 kHz. All buffers live as long as the
//! session: speaking allocates nothing that grows with the number of sentences.

mod math;
mod noise;
mod source;
mod spectrum;

use std::sync::Arc;

use realfft::{ComplexToReal, RealFftPlanner, RealToComplex, num_complex::Complex32};
use rten_simd::SimdOp;

pub use spectrum::Planes;

use noise::NoiseBits;
use spectrum::{Noise, Shape, Source, TILE, Tile};

/// Samples a second.
const RATE: f64 = 24_000.0;
/// Samples in a transform.
const FRAME: usize = 1200;
/// Samples from one frame to the next.
pub(crate) const HOP: usize = 300;
/// Frequencies in a spectrum.
pub(crate) const BINS: usize = FRAME / 2 + 1;
/// The sum of the squared window over the four frames that cover a sample.
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
    window: Vec<f32>,
    /// The window scaled so that a cosine of amplitude one has the magnitude one in the transform.
    source_window: Vec<f32>,
    frame: Vec<f32>,
    bins: Vec<Complex32>,
    scratch: Vec<Complex32>,
    tile: Tile,
    bits: Vec<i32>,
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
        let window: Vec<f32> = (0..FRAME)
            .map(|index| (0.5 - 0.5 * (std::f64::consts::TAU * index as f64 / FRAME as f64).cos()) as f32)
            .collect();
        let source_window = window.iter().map(|weight| weight / (FRAME / 4) as f32).collect();
        Self {
            forward,
            inverse,
            window,
            source_window,
            frame: vec![0.0; FRAME],
            bins: vec![Complex32::ZERO; BINS],
            scratch: vec![Complex32::ZERO; scratch],
            tile: Tile::new(),
            bits: vec![0; 2 * BINS * TILE],
            source: Vec::new(),
            overlap: Vec::new(),
        }
    }

    /// Appends the sound of `f0.len()` frames, [`HOP`] samples each, to `wave`. `f0` is the pitch in Hz, 0 where
    /// unvoiced; every plane has [`BINS`] rows of `f0.len()` values.
    pub fn render(&mut self, planes: Planes<'_>, f0: &[f32], seed: NoiseSeed, wave: &mut Vec<f32>) {
        let frames = f0.len();
        for plane in [planes.lh, planes.theta, planes.ln, planes.lr, planes.phi] {
            assert_eq!(plane.len(), BINS * frames, "a plane has {BINS} rows of as many values as there are frames");
        }
        if frames == 0 {
            return;
        }
        let (noise, mut stream) = match seed {
            NoiseSeed::Piece { seed, piece } => (Noise::Random, NoiseBits::new(seed, piece)),
            NoiseSeed::Silence => (Noise::Silenced, NoiseBits::new(0, 0)),
        };
        self.source.clear();
        self.source.resize(FRAME + frames * HOP, 0.0);
        source::pulses(f0, &mut self.source[FRAME / 2..FRAME / 2 + frames * HOP]);
        reflect_ends(&mut self.source);
        self.overlap.clear();
        self.overlap.resize(FRAME + (frames - 1) * HOP, 0.0);

        for first in (0..frames).step_by(TILE) {
            let width = TILE.min(frames - first);
            let source = self.transform_source(first, width);
            if noise == Noise::Random {
                stream.fill(&mut self.bits);
            }
            Shape {
                planes,
                frames,
                first,
                source,
                noise,
                bits: &self.bits,
                spectrum: &mut self.tile,
            }
            .dispatch();
            self.add_frames(first, width);
        }
        self.take_wave(frames, wave);
    }

    /// Puts the source's spectra for a tile in place.
    fn transform_source(&mut self, first: usize, width: usize) -> Source {
        let span = &self.source[first * HOP..(first + width - 1) * HOP + FRAME];
        if span.iter().all(|&sample| sample == 0.0) {
            return Source::Silent;
        }
        for column in 0..width {
            let start = (first + column) * HOP;
            let samples = &self.source[start..start + FRAME];
            for ((value, sample), weight) in self.frame.iter_mut().zip(samples).zip(&self.source_window) {
                *value = sample * weight;
            }
            self.forward
                .process_with_scratch(&mut self.frame, &mut self.bins, &mut self.scratch)
                .expect("the buffers were made to the plan's lengths");
            for (bin, value) in self.bins.iter().enumerate() {
                self.tile.re[bin * TILE + column] = value.re;
                self.tile.im[bin * TILE + column] = value.im;
            }
        }
        Source::Voiced
    }

    /// Transforms a tile's spectra back and adds them where they belong.
    fn add_frames(&mut self, first: usize, width: usize) {
        for column in 0..width {
            for (bin, value) in self.bins.iter_mut().enumerate() {
                *value = Complex32::new(self.tile.re[bin * TILE + column], self.tile.im[bin * TILE + column]);
            }
            // A real signal has real values there; whatever the parts add up to, only that is meant.
            self.bins[0].im = 0.0;
            self.bins[BINS - 1].im = 0.0;
            self.inverse
                .process_with_scratch(&mut self.bins, &mut self.frame, &mut self.scratch)
                .expect("the buffers were made to the plan's lengths, and the ends are real");
            let start = (first + column) * HOP;
            let sums = &mut self.overlap[start..start + FRAME];
            for ((sum, sample), weight) in sums.iter_mut().zip(&self.frame).zip(&self.window) {
                *sum += sample * weight;
            }
        }
    }

    /// Divides by the summed squared window and cuts the half frame before the first centre.
    fn take_wave(&self, frames: usize, wave: &mut Vec<f32>) {
        // The inverse transform is not scaled by itself.
        let scale = 1.0 / FRAME as f32;
        let (begin, end) = (FRAME / 2, FRAME / 2 + frames * HOP);
        wave.reserve(frames * HOP);
        for (block, index) in (begin..end).step_by(HOP).zip(begin / HOP..) {
            let covered_fully = index >= 3 && index < frames;
            for offset in 0..HOP {
                let sum = self.overlap.get(block + offset).copied().unwrap_or(0.0);
                let power = if covered_fully { WINDOW_POWER } else { self.window_power(index, offset, frames) };
                wave.push(sum * scale / power);
            }
        }
    }

    /// The summed squared window at `offset` of the hop-sized block `index`.
    fn window_power(&self, index: usize, offset: usize, frames: usize) -> f32 {
        let power: f32 = (0..FRAME / HOP)
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
    let last = end - 1;
    for distance in 1..=half {
        // A signal shorter than half a frame is mirrored to and fro.
        padded[begin - distance] = padded[begin + fold(distance, end - begin)];
    }
    for distance in 1..=half {
        padded[last + distance] = padded[last - fold(distance, end - begin)];
    }
}

/// `distance` samples into a signal of `length` that is mirrored at both ends.
fn fold(distance: usize, length: usize) -> usize {
    let period = 2 * (length - 1);
    let within = distance % period.max(1);
    if within < length { within } else { period - within }
}
