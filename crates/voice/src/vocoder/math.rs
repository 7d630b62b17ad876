//! The few functions that the vocoder calls half a million times a second, over whole SIMD vectors.
//!
//! The standard library's are exact to the last bit and scalar; these are exact to far below what is heard and
//! run on as many lanes as the processor has. Bounds stand at each function and are tested.

use rten_simd::{
    Isa, Simd,
    ops::{BitOps, FloatOps, IntOps, NumOps, ToFloat},
};

/// Taylor coefficients of sin(2πx)/x in x², whose remainder at |x| = ¼ is 6·10⁻⁸.
const SIN_TURN: [f32; 6] = [6.283_185_5, -41.341_7, 81.605_25, -76.705_86, 42.058_693, -15.094_643];

/// sin(2πx) for |x| ≤ ¼.
#[inline(always)]
fn sin_quarter<I: Isa>(isa: I, x: I::F32) -> I::F32 {
    let ops = isa.f32();
    let square = ops.mul(x, x);
    let mut sum = ops.splat(SIN_TURN[5]);
    for &coefficient in SIN_TURN[..5].iter().rev() {
        sum = ops.mul_add(sum, square, ops.splat(coefficient));
    }
    ops.mul(sum, x)
}

/// (sin 2πx, cos 2πx) for an angle in turns, to ±4·10⁻⁷ for |x| ≤ 1. The error of the angle itself grows with
/// |x| as any `f32` does, by 6·10⁻⁸·|x| turns.
#[inline(always)]
pub(super) fn sin_cos_turns<I: Isa>(isa: I, x: I::F32) -> (I::F32, I::F32) {
    let ops = isa.f32();
    let turn = ops.sub(x, ops.round_ties_even(x));
    let half = ops.splat(0.5);
    let folded = ops.max(ops.min(turn, ops.sub(half, turn)), ops.sub(ops.neg(half), turn));
    let quarter_minus = ops.sub(ops.splat(0.25), ops.abs(turn));
    (sin_quarter(isa, folded), sin_quarter(isa, quarter_minus))
}

/// ln x for normal x > 0, to ±3·10⁻⁷ + 10⁻⁷·|ln x|.
#[inline(always)]
pub(super) fn ln<I: Isa>(isa: I, x: I::F32) -> I::F32 {
    let ops = isa.f32();
    let int = isa.i32();
    let bits: I::I32 = x.reinterpret_cast();
    // x = 2^e · m with m in [√½, √2), so that the series below sees |s| ≤ 0.172.
    let exponent = int.shift_right::<23>(int.sub(bits, int.splat(0x3f35_04f3)));
    let mantissa: I::F32 = int.sub(bits, int.shift_left::<23>(exponent)).reinterpret_cast();
    // ln m = 2·artanh s with s = (m−1)/(m+1); the term that is left out is 2s⁹/9 < 3·10⁻⁸.
    let s = ops.div(ops.sub(mantissa, ops.one()), ops.add(mantissa, ops.one()));
    let square = ops.mul(s, s);
    let mut sum = ops.splat(2.0 / 7.0);
    sum = ops.mul_add(sum, square, ops.splat(2.0 / 5.0));
    sum = ops.mul_add(sum, square, ops.splat(2.0 / 3.0));
    sum = ops.mul_add(sum, square, ops.splat(2.0));
    ops.mul_add(int.to_float(exponent), ops.splat(std::f32::consts::LN_2), ops.mul(sum, s))
}

#[cfg(test)]
mod tests {
    use rten_simd::SimdOp;

    use super::*;

    struct Each<'a, F>(&'a [f32], &'a mut [f32], &'a mut [f32], F);

    trait Kernel {
        fn run<I: Isa>(&self, isa: I, x: I::F32) -> (I::F32, I::F32);
    }

    impl<F: Kernel> SimdOp for Each<'_, F> {
        type Output = ();

        #[inline(always)]
        fn eval<I: Isa>(self, isa: I) {
            let ops = isa.f32();
            for ((x, first), second) in self
                .0
                .chunks_exact(ops.len())
                .zip(self.1.chunks_exact_mut(ops.len()))
                .zip(self.2.chunks_exact_mut(ops.len()))
            {
                let (a, b) = self.3.run(isa, ops.load(x));
                ops.store(a, first);
                ops.store(b, second);
            }
        }
    }

    fn apply(xs: &[f32], kernel: impl Kernel) -> (Vec<f32>, Vec<f32>) {
        let (mut first, mut second) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
        Each(xs, &mut first, &mut second, kernel).dispatch();
        (first, second)
    }

    struct SinCos;

    impl Kernel for SinCos {
        #[inline(always)]
        fn run<I: Isa>(&self, isa: I, x: I::F32) -> (I::F32, I::F32) {
            sin_cos_turns(isa, x)
        }
    }

    struct Ln;

    impl Kernel for Ln {
        #[inline(always)]
        fn run<I: Isa>(&self, isa: I, x: I::F32) -> (I::F32, I::F32) {
            (ln(isa, x), x)
        }
    }

    #[test]
    fn sine_and_cosine_of_turns_keep_their_bound() {
        let xs: Vec<f32> = (-65_536..65_536).map(|i| i as f32 / 65_536.0).collect();
        let (sin, cos) = apply(&xs, SinCos);
        for ((x, sin), cos) in xs.iter().zip(sin).zip(cos) {
            let (exact_sin, exact_cos) = (f64::from(*x) * std::f64::consts::TAU).sin_cos();
            assert!((f64::from(sin) - exact_sin).abs() < 4e-7, "sin of {x} turns: {sin}");
            assert!((f64::from(cos) - exact_cos).abs() < 4e-7, "cos of {x} turns: {cos}");
        }
    }

    #[test]
    fn the_logarithm_keeps_its_bound() {
        let xs: Vec<f32> =
            (1..=65_536).map(|i| i as f32 / 65_536.0).chain((1..=64).map(|i| 2f32.powi(-i))).collect();
        let (ours, _) = apply(&xs, Ln);
        for (x, ours) in xs.iter().zip(ours) {
            let exact = f64::from(*x).ln();
            assert!((f64::from(ours) - exact).abs() < 3e-7 + 1e-7 * exact.abs(), "ln {x}: {ours}");
        }
    }
}
