//! From the graph's five planes and the source's spectrum to the spectrum of the voice, a tile of frames at a
//! time.
//!
//! Planes are `[bin][frame]`. A tile is [`TILE`] frames of all bins, small enough to stay in the cache, planar
//! (real and imaginary apart) so that every step runs over whole vectors.

use std::f32::consts::TAU;

use rten_simd::{
    Isa, Simd, SimdOp, SimdUnaryOp,
    ops::{BitOps, NumOps},
};
use rten_vecmath::{Exp, Tanh};

use super::{BINS, math};

/// Frames in a tile: the width of the widest vectors.
pub(super) const TILE: usize = 16;

/// Logarithms of magnitudes are cut off here.
const LOUDEST: f32 = 7.0;

/// The graph's planes for a piece of speech, `[bin][frame]` each.
#[derive(Debug, Clone, Copy)]
pub struct Planes<'a> {
    /// Logarithm of the harmonic part's gain.
    pub lh: &'a [f32],
    /// Phase of the harmonic part, before tanh.
    pub theta: &'a [f32],
    /// Logarithm of the noise's magnitude.
    pub ln: &'a [f32],
    /// Logarithm of the free part's magnitude.
    pub lr: &'a [f32],
    /// Phase of the free part, in radians.
    pub phi: &'a [f32],
}

/// A planar tile of complex values, `[bin][frame of the tile]`.
#[derive(Debug)]
pub(super) struct Tile {
    pub(super) re: Vec<f32>,
    pub(super) im: Vec<f32>,
}

impl Tile {
    pub(super) fn new() -> Self {
        Self { re: vec![0.0; BINS * TILE], im: vec![0.0; BINS * TILE] }
    }
}

/// What the source contributes to a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// `spectrum` holds its transform.
    Voiced,
    /// Nothing sounds; what `spectrum` holds has no meaning.
    Silent,
}

/// Where the noise comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noise {
    /// From the random bits of the tile.
    Random,
    /// There is none, so that the rest can be compared.
    Silenced,
}

/// Replaces the source's spectrum E by
/// S = exp(min(lh,7))·e^{iπ·tanh θ}·E + exp(min(ln,7))·Z + exp(min(lr,7))·e^{iφ}.
pub(super) struct Shape<'a> {
    pub(super) planes: Planes<'a>,
    /// Frames in the planes.
    pub(super) frames: usize,
    /// First frame of the tile.
    pub(super) first: usize,
    pub(super) source: Source,
    pub(super) noise: Noise,
    /// Two random words for each value, `2 · BINS · TILE`.
    pub(super) bits: &'a [i32],
    pub(super) spectrum: &'a mut Tile,
}

impl SimdOp for Shape<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let lanes = ops.len();
        let width = TILE.min(self.frames - self.first);
        let (radii, angles) = self.bits.split_at(BINS * TILE);
        for bin in 0..BINS {
            let row = bin * self.frames + self.first;
            let plane = |plane: &'_ [f32], lane: usize| ops.load_pad(&plane[row + lane..row + width]).0;
            for lane in (0..width).step_by(lanes) {
                let at = bin * TILE + lane;
                let free = magnitude(isa, plane(self.planes.lr, lane));
                let turns = ops.mul(plane(self.planes.phi, lane), ops.splat(1.0 / TAU));
                let (sin, cos) = math::sin_cos_turns(isa, turns);
                let mut re = ops.mul(free, cos);
                let mut im = ops.mul(free, sin);

                if self.noise == Noise::Random {
                    let radius = rayleigh(isa, isa.i32().load(&radii[at..]));
                    let radius = ops.mul(radius, magnitude(isa, plane(self.planes.ln, lane)));
                    let (sin, cos) = math::sin_cos_turns(isa, one_to_two(isa, isa.i32().load(&angles[at..])));
                    re = ops.mul_add(radius, cos, re);
                    im = ops.mul_add(radius, sin, im);
                }

                if self.source == Source::Voiced {
                    let gain = magnitude(isa, plane(self.planes.lh, lane));
                    let half_turns = Tanh::apply(isa, plane(self.planes.theta, lane));
                    let (sin, cos) = math::sin_cos_turns(isa, ops.mul(half_turns, ops.splat(0.5)));
                    let (across, along) = (ops.mul(gain, sin), ops.mul(gain, cos));
                    let source_re = ops.load(&self.spectrum.re[at..]);
                    let source_im = ops.load(&self.spectrum.im[at..]);
                    re = ops.mul_add(along, source_re, re);
                    re = ops.sub(re, ops.mul(across, source_im));
                    im = ops.mul_add(along, source_im, im);
                    im = ops.mul_add(across, source_re, im);
                }
                ops.store(re, &mut self.spectrum.re[at..]);
                ops.store(im, &mut self.spectrum.im[at..]);
            }
        }
    }
}

/// A magnitude from its logarithm.
#[inline(always)]
fn magnitude<I: Isa>(isa: I, log: I::F32) -> I::F32 {
    let ops = isa.f32();
    Exp::apply(isa, ops.min(log, ops.splat(LOUDEST)))
}

/// A uniform value in [1, 2) from random bits.
#[inline(always)]
fn one_to_two<I: Isa>(isa: I, bits: I::I32) -> I::F32 {
    let int = isa.i32();
    int.or(int.and(bits, int.splat(0x007f_ffff)), int.splat(0x3f80_0000)).reinterpret_cast()
}

/// The radius of a complex Gaussian value with unit variance in each component: √(−2 ln u) (Box and Muller, 1958).
#[inline(always)]
fn rayleigh<I: Isa>(isa: I, bits: I::I32) -> I::F32 {
    let ops = isa.f32();
    let uniform = ops.sub(ops.splat(2.0), one_to_two(isa, bits));
    let square = ops.mul(ops.splat(-2.0), math::ln(isa, uniform));
    let mut roots = ops.max(square, ops.zero()).to_array();
    for index in 0..ops.len() {
        roots[index] = roots[index].sqrt();
    }
    ops.load(roots.as_ref())
}
