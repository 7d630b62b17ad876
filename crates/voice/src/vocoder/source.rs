//! The source signal: a train of band-limited pulses that follows the pitch.

use rten_simd::{
    Isa, SimdOp,
    ops::{BitOps, FloatOps, NumOps},
};

use super::{HOP, RATE, math};

/// Frames below this pitch, in Hz, are unvoiced.
const VOICED_FROM: f32 = 40.0;
/// The highest harmonic, in Hz, just below what 24 kHz can carry.
const TOP: f32 = 11_000.0;
/// Below this |2 sin(t/2)| the closed form is 0/0 and its limit is taken.
const SINGULAR: f32 = 2e-3;
/// Samples whose pitch lies between the same two frames.
const SPAN: usize = HOP / 2;
/// A span in whole vectors.
const PADDED: usize = SPAN.next_multiple_of(16);

/// Fills `wave`, [`HOP`] samples a frame, with Σ cos(h·phase) over the harmonics h ≤ 11000 / f0: by
/// sin((H+½)t) / (2 sin(t/2)) − ½, and 0 where the pitch `f0` (Hz, one value a frame) is below 40.
///
/// Between the frames' centres the pitch is interpolated linearly; before the first and after the last centre
/// it stays as it is.
pub(super) fn pulses(f0: &[f32], wave: &mut [f32]) {
    debug_assert_eq!(wave.len(), f0.len() * HOP);
    let mut train = Train::new();
    for (frame, block) in wave.chunks_exact_mut(HOP).enumerate() {
        let here = f0[frame];
        let before = if frame > 0 { f0[frame - 1] } else { here };
        let after = f0.get(frame + 1).copied().unwrap_or(here);
        let (first, second) = block.split_at_mut(SPAN);
        train.span(before, here, 0.5, first);
        train.span(here, after, 0.0, second);
    }
}

/// The phase that runs through a train, and the angles of the span at hand.
struct Train {
    /// In turns, in [0, 1).
    phase: f64,
    /// (H+½)·t, in turns.
    numerator: [f32; PADDED],
    /// t/2, in turns.
    denominator: [f32; PADDED],
    /// H, or −1 where nothing sounds.
    harmonics: [f32; PADDED],
    pulses: [f32; PADDED],
}

impl Train {
    fn new() -> Self {
        let zeros = [0.0; PADDED];
        Self { phase: 0.0, numerator: zeros, denominator: zeros, harmonics: zeros, pulses: zeros }
    }

    /// A span whose pitch is on its way from `from` to `to`, beginning `start` of the way.
    fn span(&mut self, from: f32, to: f32, start: f32, samples: &mut [f32]) {
        if from <= VOICED_FROM && to <= VOICED_FROM {
            // Silence, but the phase runs on at the lowest pitch: where the next voiced span begins hangs on it.
            samples.fill(0.0);
            self.advance(SPAN as f64 * f64::from(VOICED_FROM) / RATE);
            return;
        }
        for index in 0..SPAN {
            let along = start + (index as f32 + 0.5) / HOP as f32;
            let pitch = from * (1.0 - along) + to * along;
            let floored = pitch.max(VOICED_FROM);
            self.advance(f64::from(floored) * (1.0 / RATE));
            // Truncation is floor here, and an instruction instead of a call.
            let harmonics = (TOP / floored) as i32;
            let angle = (f64::from(harmonics) + 0.5) * self.phase;
            self.numerator[index] = (angle - f64::from(angle as i32)) as f32;
            self.denominator[index] = (0.5 * self.phase) as f32;
            self.harmonics[index] = if pitch > VOICED_FROM { harmonics as f32 } else { -1.0 };
        }
        ClosedForm(self).dispatch();
        samples.copy_from_slice(&self.pulses[..SPAN]);
    }

    /// Lets less than a turn go by.
    fn advance(&mut self, turns: f64) {
        self.phase += turns;
        if self.phase >= 1.0 {
            self.phase -= 1.0;
        }
    }
}

/// The sums of the harmonics, from the angles.
struct ClosedForm<'a>(&'a mut Train);

impl SimdOp for ClosedForm<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let train = self.0;
        for at in (0..PADDED).step_by(ops.len()) {
            let harmonics = ops.load(&train.harmonics[at..]);
            let (numerator, _) = math::sin_cos_turns(isa, ops.load(&train.numerator[at..]));
            let (half, _) = math::sin_cos_turns(isa, ops.load(&train.denominator[at..]));
            let divisor = ops.add(half, half);
            let singular = ops.le(ops.abs(divisor), ops.splat(SINGULAR));
            let quotient = ops.div(numerator, ops.select(ops.one(), divisor, singular));
            let sum = ops.select(harmonics, ops.sub(quotient, ops.splat(0.5)), singular);
            let silent = ops.lt(harmonics, ops.zero());
            ops.store(ops.select(ops.zero(), sum, silent), &mut train.pulses[at..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_pitch_is_the_sum_of_its_harmonics() {
        let f0 = [190.0_f32; 4];
        let mut wave = vec![0.0; f0.len() * HOP];
        pulses(&f0, &mut wave);
        for (index, sample) in wave.iter().enumerate() {
            let phase = (index as f64 + 1.0) * 190.0 / RATE;
            let sum: f64 = (1..=57).map(|h| (std::f64::consts::TAU * f64::from(h) * phase).cos()).sum();
            assert!((f64::from(*sample) - sum).abs() < 0.02, "sample {index}: {sample} against {sum}");
        }
    }

    #[test]
    fn an_unvoiced_stretch_is_silent() {
        let f0 = [0.0, 0.0, 0.0, 150.0];
        let mut wave = vec![1.0; f0.len() * HOP];
        pulses(&f0, &mut wave);
        assert!(wave[..2 * HOP].iter().all(|&sample| sample == 0.0));
        assert!(wave[3 * HOP..].iter().any(|&sample| sample != 0.0));
    }
}
