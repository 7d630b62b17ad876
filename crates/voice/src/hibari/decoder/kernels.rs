//! The steps between the products, a frame's values at a time on all lanes. Channels and hidden values come in
//! multiples of [`LANES`], which the decoder makes sure of.

use rten_simd::{
    Isa, Simd, SimdOp, SimdUnaryOp,
    ops::{BitOps, FloatOps, NarrowSaturate, NumOps, ToFloat},
};
use rten_vecmath::Gelu;

use super::{Affine, EPSILON, TAPS, linear::Quantised};

/// The widest vectors there are.
pub(super) const LANES: usize = 16;

/// The least and the greatest of some values and zero, which quantised values always span.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Extent {
    least: f32,
    greatest: f32,
}

impl Extent {
    pub(super) fn with(self, other: Self) -> Self {
        Self { least: self.least.min(other.least), greatest: self.greatest.max(other.greatest) }
    }
}

/// An [`Extent`] on every lane.
struct Lanes<I: Isa> {
    least: I::F32,
    greatest: I::F32,
}

impl<I: Isa> Lanes<I> {
    #[inline(always)]
    fn new(isa: I) -> Self {
        Self { least: isa.f32().zero(), greatest: isa.f32().zero() }
    }

    #[inline(always)]
    fn see(&mut self, isa: I, values: I::F32) {
        self.least = isa.f32().min(self.least, values);
        self.greatest = isa.f32().max(self.greatest, values);
    }

    #[inline(always)]
    fn extent(self, isa: I) -> Extent {
        let (least, greatest) = (self.least.to_array(), self.greatest.to_array());
        let mut extent = Extent::default();
        for lane in 0..isa.f32().len() {
            extent = extent.with(Extent { least: least[lane], greatest: greatest[lane] });
        }
        extent
    }
}

/// Convolves each channel over [`TAPS`] frames, the missing ones beyond the ends being zero, and normalises every
/// frame.
pub(super) struct ConvNorm<'a> {
    frames: &'a [f32],
    taps: &'a [f32],
    tap_bias: &'a [f32],
    norm: &'a Affine,
    normal: &'a mut [f32],
}

impl<'a> ConvNorm<'a> {
    pub(super) fn run(
        frames: &'a [f32],
        taps: &'a [f32],
        tap_bias: &'a [f32],
        norm: &'a Affine,
        normal: &'a mut Vec<f32>,
    ) -> Extent {
        normal.resize(frames.len(), 0.0);
        Self { frames, taps, tap_bias, norm, normal }.dispatch()
    }
}

impl SimdOp for ConvNorm<'_> {
    type Output = Extent;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> Extent {
        let ops = isa.f32();
        let channels = self.tap_bias.len();
        let count = self.frames.len() / channels;
        let mut lanes = Lanes::new(isa);
        for (frame, normal) in self.normal.chunks_exact_mut(channels).enumerate() {
            let first = frame.saturating_sub(TAPS / 2);
            let last = (frame + TAPS / 2).min(count - 1);
            // The tap that the first frame in reach meets.
            let tap = first + TAPS / 2 - frame;
            let reach = &self.frames[first * channels..(last + 1) * channels];
            let taps = &self.taps[tap * channels..];
            for at in (0..channels).step_by(ops.len()) {
                let mut sum = ops.load(&self.tap_bias[at..]);
                for (values, weights) in reach.chunks_exact(channels).zip(taps.chunks_exact(channels)) {
                    sum = ops.mul_add(ops.load(&values[at..]), ops.load(&weights[at..]), sum);
                }
                ops.store(sum, &mut normal[at..]);
            }
            normalise(isa, normal, self.norm, &mut lanes);
        }
        lanes.extent(isa)
    }
}

/// Normalises every frame.
pub(super) struct Norm<'a> {
    norm: &'a Affine,
    normal: &'a mut [f32],
}

impl<'a> Norm<'a> {
    pub(super) fn run(frames: &[f32], norm: &'a Affine, normal: &'a mut Vec<f32>) -> Extent {
        normal.clear();
        normal.extend_from_slice(frames);
        Self { norm, normal }.dispatch()
    }
}

impl SimdOp for Norm<'_> {
    type Output = Extent;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> Extent {
        let mut lanes = Lanes::new(isa);
        for frame in self.normal.chunks_exact_mut(self.norm.gain.len()) {
            normalise(isa, frame, self.norm, &mut lanes);
        }
        lanes.extent(isa)
    }
}

/// A frame to mean 0 and variance 1, then to gain and offset.
#[inline(always)]
fn normalise<I: Isa>(isa: I, frame: &mut [f32], norm: &Affine, lanes: &mut Lanes<I>) {
    let ops = isa.f32();
    let share = 1.0 / frame.len() as f32;
    let mut sum = ops.zero();
    for values in frame.chunks_exact(ops.len()) {
        sum = ops.add(sum, ops.load(values));
    }
    let mean = ops.splat(ops.sum(sum) * share);
    let mut squares = ops.zero();
    for values in frame.chunks_exact(ops.len()) {
        let distance = ops.sub(ops.load(values), mean);
        squares = ops.mul_add(distance, distance, squares);
    }
    let scale = ops.splat(1.0 / (ops.sum(squares) * share + EPSILON).sqrt());
    let affine = norm.gain.chunks_exact(ops.len()).zip(norm.offset.chunks_exact(ops.len()));
    for (values, (gain, offset)) in frame.chunks_exact_mut(ops.len()).zip(affine) {
        let value = ops.mul(ops.sub(ops.load(values), mean), scale);
        let value = ops.mul_add(value, ops.load(gain), ops.load(offset));
        lanes.see(isa, value);
        ops.store(value, values);
    }
}

/// Values to eight bits over their extent, as ONNX's DynamicQuantizeLinear has it.
pub(super) struct Quantise<'a> {
    values: &'a [f32],
    inverse: f32,
    quantised: &'a mut Quantised,
}

impl<'a> Quantise<'a> {
    pub(super) fn run(values: &'a [f32], extent: Extent, quantised: &'a mut Quantised) {
        let scale = (extent.greatest - extent.least) / 255.0;
        // All values may be zero; any scale will do then.
        quantised.scale = if scale > 0.0 { scale } else { 1.0 };
        let inverse = 1.0 / quantised.scale;
        quantised.zero = (-extent.least / quantised.scale).clamp(0.0, 255.0).round_ties_even() as u8;
        quantised.values.resize(values.len(), 0);
        Self { values, inverse, quantised }.dispatch();
    }
}

impl SimdOp for Quantise<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (ops, int, short, byte) = (isa.f32(), isa.i32(), isa.i16(), isa.u8());
        let inverse = ops.splat(self.inverse);
        let zero = int.splat(i32::from(self.quantised.zero));
        let mut values = self.values.chunks_exact(4 * ops.len());
        let mut quantised = self.quantised.values.chunks_exact_mut(4 * ops.len());
        for (values, quantised) in (&mut values).zip(&mut quantised) {
            let [a, b, c, d] = ops.load_many::<4>(values);
            let a = int.add(ops.to_int_round(ops.mul(a, inverse)), zero);
            let b = int.add(ops.to_int_round(ops.mul(b, inverse)), zero);
            let c = int.add(ops.to_int_round(ops.mul(c, inverse)), zero);
            let d = int.add(ops.to_int_round(ops.mul(d, inverse)), zero);
            let shorts = short.narrow_saturate(int.narrow_saturate(a, b), int.narrow_saturate(c, d));
            byte.store(shorts, quantised);
        }
        for (value, quantised) in values.remainder().iter().zip(quantised.into_remainder()) {
            let rounded = (value * self.inverse).round_ties_even() as i32 + i32::from(self.quantised.zero);
            *quantised = rounded.clamp(0, 255) as u8;
        }
    }
}

/// Products to values: scaled, and each column offset by its bias.
pub(super) fn offset(products: &[i32], scale: f32, bias: &[f32], values: &mut [f32]) {
    Offset { products, scale, bias, values }.dispatch();
}

struct Offset<'a> {
    products: &'a [i32],
    scale: f32,
    bias: &'a [f32],
    values: &'a mut [f32],
}

impl SimdOp for Offset<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let columns = self.bias.len();
        for (products, values) in
            self.products.chunks_exact(columns).zip(self.values.chunks_exact_mut(columns))
        {
            // Simple enough for the compiler, and the columns need not fill vectors.
            for ((value, &product), bias) in values.iter_mut().zip(products).zip(self.bias) {
                *value = product as f32 * self.scale + bias;
            }
        }
        // The instruction set is here for the compiler to see.
        let _ = isa;
    }
}

/// Products to values, offset by their bias and through a GELU.
pub(super) fn offset_gelu(products: &[i32], scale: f32, bias: &[f32], values: &mut [f32]) -> Extent {
    OffsetGelu { products, scale, bias, values }.dispatch()
}

struct OffsetGelu<'a> {
    products: &'a [i32],
    scale: f32,
    bias: &'a [f32],
    values: &'a mut [f32],
}

impl SimdOp for OffsetGelu<'_> {
    type Output = Extent;

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) -> Extent {
        let (ops, int) = (isa.f32(), isa.i32());
        let scale = ops.splat(self.scale);
        let columns = self.bias.len();
        let mut lanes = Lanes::new(isa);
        for (products, values) in
            self.products.chunks_exact(columns).zip(self.values.chunks_exact_mut(columns))
        {
            for at in (0..columns).step_by(ops.len()) {
                let product = int.to_float(int.load(&products[at..]));
                let value = Gelu {}.eval(isa, ops.mul_add(product, scale, ops.load(&self.bias[at..])));
                lanes.see(isa, value);
                ops.store(value, &mut values[at..]);
            }
        }
        lanes.extent(isa)
    }
}

/// Products to values, offset by their bias, weighed by `gamma`, and added to what is there.
pub(super) fn offset_add(products: &[i32], scale: f32, bias: &[f32], gamma: &[f32], values: &mut [f32]) {
    OffsetAdd { products, scale, bias, gamma, values }.dispatch();
}

struct OffsetAdd<'a> {
    products: &'a [i32],
    scale: f32,
    bias: &'a [f32],
    gamma: &'a [f32],
    values: &'a mut [f32],
}

impl SimdOp for OffsetAdd<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (ops, int) = (isa.f32(), isa.i32());
        let scale = ops.splat(self.scale);
        let columns = self.bias.len();
        for (products, values) in
            self.products.chunks_exact(columns).zip(self.values.chunks_exact_mut(columns))
        {
            for at in (0..columns).step_by(ops.len()) {
                let product = int.to_float(int.load(&products[at..]));
                let value = ops.mul_add(product, scale, ops.load(&self.bias[at..]));
                let sum = ops.mul_add(value, ops.load(&self.gamma[at..]), ops.load(&values[at..]));
                ops.store(sum, &mut values[at..]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantising_spans_the_extent_and_keeps_zero() {
        let values: Vec<f32> = (0..200).map(|value| value as f32 * 0.01 - 0.5).collect();
        let extent = Extent { least: -0.5, greatest: 1.49 };
        let mut quantised = Quantised::default();
        Quantise::run(&values, extent, &mut quantised);
        assert_eq!((quantised.values[0], quantised.values[199]), (0, 255));
        assert_eq!(quantised.values[50], quantised.zero);
        for (value, byte) in values.iter().zip(&quantised.values) {
            let back = (f32::from(*byte) - f32::from(quantised.zero)) * quantised.scale;
            assert!((back - value).abs() <= 0.51 * quantised.scale, "{value} came back as {back}");
        }
        Quantise::run(&[0.0; 70], Extent::default(), &mut quantised);
        assert_eq!(quantised.values, [0; 70]);
    }

    #[test]
    fn a_convolution_sees_nothing_beyond_the_ends() {
        let (count, channels) = (9, LANES);
        let frames: Vec<f32> = (0..count * channels).map(|value| (value as f32 * 0.37).sin()).collect();
        let taps: Vec<f32> = (0..TAPS * channels).map(|value| (value as f32 * 0.73).cos()).collect();
        let norm = Affine { gain: vec![1.0; channels], offset: vec![0.0; channels] };
        let mut normal = Vec::new();
        let extent = ConvNorm::run(&frames, &taps, &vec![0.1; channels], &norm, &mut normal);
        for frame in 0..count {
            let sums: Vec<f32> = (0..channels)
                .map(|channel| {
                    let at = |tap: usize| (frame + tap).checked_sub(TAPS / 2).filter(|&at| at < count);
                    (0..TAPS)
                        .filter_map(|tap| {
                            Some(taps[tap * channels + channel] * frames[at(tap)? * channels + channel])
                        })
                        .sum::<f32>()
                        + 0.1
                })
                .collect();
            let mean = sums.iter().sum::<f32>() / channels as f32;
            let variance = sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f32>() / channels as f32;
            for (ours, sum) in normal[frame * channels..].iter().zip(&sums) {
                let exact = (sum - mean) / (variance + EPSILON).sqrt();
                assert!((ours - exact).abs() < 1e-4, "frame {frame}: {ours} against {exact}");
            }
        }
        let least = normal.iter().copied().fold(0.0, f32::min);
        let greatest = normal.iter().copied().fold(0.0, f32::max);
        assert_eq!(extent, Extent { least, greatest });
    }
}
