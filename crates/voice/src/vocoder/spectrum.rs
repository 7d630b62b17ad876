//! From the graph's five rows and the source's spectrum to the spectrum of the voice, a frame at a time.
//!
//! Values are planar, real and imaginary apart, and rows are as long as whole vectors, so that everything runs
//! on all lanes.

use std::f32::consts::TAU;

use rten_simd::{
    Isa, Simd, SimdOp, SimdUnaryOp,
    ops::{BitOps, FloatOps, IntOps, NumOps, ToFloat},
};
use rten_vecmath::{Exp, Tanh};

use super::{BINS, math};

/// A row in whole vectors of up to 16 lanes.
pub(super) const ROW: usize = BINS.next_multiple_of(16);

/// Logarithms of magnitudes are cut off here.
const LOUDEST: f32 = 7.0;

/// Parts of a frame: gain and phase of the harmonics, magnitude of the noise, magnitude and phase of the rest.
const PARTS: usize = 5;

/// Values that the graph gives for a frame: [`BINS`] of each of `lh`, `theta`, `ln`, `lr` and `phi`.
pub const FRAME_VALUES: usize = PARTS * BINS;

/// A planar complex spectrum.
#[derive(Debug)]
pub(super) struct Spectrum {
    pub(super) re: [f32; ROW],
    pub(super) im: [f32; ROW],
}

impl Spectrum {
    pub(super) fn new() -> Self {
        Self { re: [0.0; ROW], im: [0.0; ROW] }
    }
}

/// What the source contributes to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// `spectrum` holds its transform.
    Voiced,
    /// Nothing sounds; what `spectrum` holds has no meaning.
    Silent,
}

/// Where a frame's noise comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Noise<'a> {
    /// From random words, one for each value.
    Random(&'a [i32; ROW]),
    /// There is none, so that the rest can be compared.
    Silenced,
}

/// Replaces the source's spectrum E by
/// S = exp(min(lh,7))·e^{iπ·tanh θ}·E + exp(min(ln,7))·Z + exp(min(lr,7))·e^{iφ}.
pub(super) struct Shape<'a> {
    /// [`FRAME_VALUES`] values.
    pub(super) values: &'a [f32],
    pub(super) source: Source,
    pub(super) noise: Noise<'a>,
    pub(super) spectrum: &'a mut Spectrum,
}

impl SimdOp for Shape<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let (lh, rest) = self.values.split_at(BINS);
        let (theta, rest) = rest.split_at(BINS);
        let (ln, rest) = rest.split_at(BINS);
        let (lr, phi) = rest.split_at(BINS);
        for at in (0..BINS).step_by(ops.len()) {
            let free = magnitude(isa, load(isa, lr, at));
            let (sin, cos) = math::sin_cos_turns(isa, ops.mul(load(isa, phi, at), ops.splat(1.0 / TAU)));
            let mut re = ops.mul(free, cos);
            let mut im = ops.mul(free, sin);

            if let Noise::Random(words) = self.noise {
                let words = isa.i32().load(&words[at..]);
                let radius = ops.mul(rayleigh(isa, words), magnitude(isa, load(isa, ln, at)));
                let (sin, cos) = math::sin_cos_turns(isa, angle(isa, words));
                re = ops.mul_add(radius, cos, re);
                im = ops.mul_add(radius, sin, im);
            }

            if self.source == Source::Voiced {
                let gain = magnitude(isa, load(isa, lh, at));
                let half_turns = Tanh::apply(isa, load(isa, theta, at));
                let (sin, cos) = math::sin_cos_turns(isa, ops.mul(half_turns, ops.splat(0.5)));
                let (across, along) = (ops.mul(gain, sin), ops.mul(gain, cos));
                let source_re = ops.load(&self.spectrum.re[at..]);
                let source_im = ops.load(&self.spectrum.im[at..]);
                re = ops.mul_add(along, source_re, re);
                re = ops.mul_sub_from(across, source_im, re);
                im = ops.mul_add(along, source_im, im);
                im = ops.mul_add(across, source_re, im);
            }
            ops.store(re, &mut self.spectrum.re[at..]);
            ops.store(im, &mut self.spectrum.im[at..]);
        }
    }
}

/// As many values as a vector takes and the row still has.
#[inline(always)]
fn load<I: Isa>(isa: I, row: &[f32], at: usize) -> I::F32 {
    isa.f32().load_pad(&row[at..]).0
}

/// A magnitude from its logarithm.
#[inline(always)]
fn magnitude<I: Isa>(isa: I, log: I::F32) -> I::F32 {
    let ops = isa.f32();
    Exp::apply(isa, ops.min(log, ops.splat(LOUDEST)))
}

/// The radius of a complex Gaussian value with unit variance in each component, √(−2 ln u) (Box and Muller, 1958),
/// from the upper half of a random word. Sixteen bits reach 4.7 standard deviations, and no ear hears the steps.
#[inline(always)]
fn rayleigh<I: Isa>(isa: I, words: I::I32) -> I::F32 {
    let (ops, int) = (isa.f32(), isa.i32());
    let upper = int.and(int.shift_right::<16>(words), int.splat(0xffff));
    let uniform = ops.mul_add(int.to_float(upper), ops.splat(1.0 / 65_536.0), ops.splat(0.5 / 65_536.0));
    let square = ops.mul(ops.splat(-2.0), math::ln(isa, uniform));
    let mut roots = ops.max(square, ops.zero()).to_array();
    for index in 0..ops.len() {
        roots[index] = roots[index].sqrt();
    }
    ops.load(roots.as_ref())
}

/// A uniform angle in turns, from the lower half of a random word.
#[inline(always)]
fn angle<I: Isa>(isa: I, words: I::I32) -> I::F32 {
    let (ops, int) = (isa.f32(), isa.i32());
    ops.mul(int.to_float(int.and(words, int.splat(0xffff))), ops.splat(1.0 / 65_536.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocoder::noise::NoiseBits;

    fn shaped(values: &[f32], source: Source, noise: Noise<'_>, spectrum: &mut Spectrum) {
        Shape { values, source, noise, spectrum }.dispatch();
    }

    /// A frame whose parts are all the same in each bin.
    fn frame(parts: [f32; PARTS]) -> Vec<f32> {
        parts.iter().flat_map(|&part| std::iter::repeat_n(part, BINS)).collect()
    }

    #[test]
    fn the_noise_is_gaussian_with_unit_variance_in_each_component() {
        let mut stream = NoiseBits::new(7, 0);
        let mut words = [0; ROW];
        let values = frame([-80.0, 0.0, 0.0, -80.0, 0.0]);
        let (mut count, mut sum, mut squares, mut fourths, mut cross) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for _ in 0..200 {
            stream.fill(&mut words);
            let mut spectrum = Spectrum::new();
            shaped(&values, Source::Silent, Noise::Random(&words), &mut spectrum);
            for (re, im) in spectrum.re[..BINS].iter().zip(&spectrum.im[..BINS]) {
                let (re, im) = (f64::from(*re), f64::from(*im));
                cross += re * im;
                for value in [re, im] {
                    count += 1.0;
                    sum += value;
                    squares += value * value;
                    fourths += value.powi(4);
                }
            }
        }
        assert!((sum / count).abs() < 0.01, "mean {}", sum / count);
        assert!((squares / count - 1.0).abs() < 0.02, "variance {}", squares / count);
        assert!((fourths / count - 3.0).abs() < 0.1, "fourth moment {}", fourths / count);
        assert!((cross / count).abs() < 0.01, "correlation {}", cross / count);
    }

    #[test]
    fn the_parts_follow_the_formula() {
        let parts = [0.5, 0.3, -80.0, -0.7, 2.5];
        let mut spectrum = Spectrum::new();
        spectrum.re.fill(0.25);
        spectrum.im.fill(-0.5);
        shaped(&frame(parts), Source::Voiced, Noise::Silenced, &mut spectrum);
        let (sin, cos) = (std::f32::consts::PI * parts[1].tanh()).sin_cos();
        let gain = parts[0].exp();
        let free = parts[3].exp();
        let re = gain * (cos * 0.25 + sin * 0.5) + free * parts[4].cos();
        let im = gain * (sin * 0.25 - cos * 0.5) + free * parts[4].sin();
        for bin in 0..BINS {
            assert!((spectrum.re[bin] - re).abs() < 2e-6 && (spectrum.im[bin] - im).abs() < 2e-6);
        }
    }

    #[test]
    fn magnitudes_are_cut_off() {
        let mut spectrum = Spectrum::new();
        shaped(&frame([0.0, 0.0, 0.0, 50.0, 0.0]), Source::Silent, Noise::Silenced, &mut spectrum);
        assert!(spectrum.re[..BINS].iter().all(|&re| (re / 7.0_f32.exp() - 1.0).abs() < 1e-5));
    }
}
