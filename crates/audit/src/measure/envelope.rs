//! The level of every 10 ms, one byte each, and what its shape tells: the silence at both ends, the longest one
//! between, stretches of exact zeros, and holes in the middle of sound.

use serde::Serialize;

/// Seconds of a window.
const WINDOW: f64 = 0.01;

/// The level of a window whose samples are all zero.
const ZERO: u8 = u8::MAX;

/// Windows in a row that are sound. Fewer are a click, which neither begins nor interrupts anything.
const SOUND: usize = 3;

/// Silence lies this much under the RMS of the file, or…
const BELOW_RMS: f64 = 30.0;

/// …this much above its noise floor, whatever is higher: the windows of steady noise differ by so much.
const ABOVE_FLOOR: f64 = 8.0;

/// Sound stays sound in a file that is noise all over: silence is never nearer to its RMS than this.
const UNDER_RMS: f64 = 10.0;

/// Windows of zeros in a row that are digital silence: engines that pause between words leave shorter ones.
const DIGITAL: usize = 20;

/// Windows of nothing in a row that are a hole, if both their ends are abrupt. The stop before a plosive is shorter.
const HOLE: std::ops::RangeInclusive<usize> = 6..=200;

/// What counts as nothing, dBFS: under the noise of any room.
const NOTHING: f64 = -90.0;

/// Sound this far above silence is the middle of it and no fading end, in dB.
const LOUD: f64 = 12.0;

/// Holes that are kept.
const KEPT: usize = 5;

/// A stretch of a file.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stretch {
    /// Its first moment, in seconds.
    pub at: f64,
    /// Its length in seconds.
    pub seconds: f64,
}

impl Stretch {
    fn windows(from: usize, to: usize) -> Self {
        Self { at: from as f64 * WINDOW, seconds: (to - from) as f64 * WINDOW }
    }
}

/// The level below which a window is silence, dBFS.
pub(super) fn silence_below(rms: f64, floor: f64) -> f64 {
    (rms - BELOW_RMS).max(floor + ABOVE_FLOOR).min(rms - UNDER_RMS)
}

/// What the shape of a file tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Shape {
    pub(super) head: f64,
    pub(super) tail: f64,
    pub(super) longest_silence: Option<Stretch>,
    pub(super) digital_silence: f64,
    pub(super) holes: u64,
    pub(super) holes_at: Vec<Stretch>,
}

/// The levels of all windows, in half decibels under full scale.
#[derive(Debug, Default)]
pub(super) struct Envelope(Vec<u8>);

impl Envelope {
    pub(super) fn push(&mut self, dbfs: f64, has_sound: bool) {
        let halves = (-dbfs * 2.0).round().clamp(0.0, f64::from(ZERO - 1)) as u8;
        self.0.push(if has_sound { halves } else { ZERO });
    }

    pub(super) fn shape(&self, silence_below: f64) -> Shape {
        let quiet = |level: u8| f64::from(level) / -2.0 < silence_below;
        let mut shape = Shape::default();
        let mut silence = 0;
        let mut first = true;
        for (from, to) in self.runs(|level| !quiet(level)).filter(|(from, to)| to - from >= SOUND) {
            let stretch = Stretch::windows(silence, from);
            if std::mem::take(&mut first) {
                shape.head = stretch.seconds;
            } else if shape.longest_silence.is_none_or(|longest| longest.seconds < stretch.seconds)
                && from > silence
            {
                shape.longest_silence = Some(stretch);
            }
            silence = to;
        }
        shape.tail = Stretch::windows(silence, self.0.len()).seconds;
        if first {
            // Nothing of it is sound: head and tail are the same silence.
            shape.head = shape.tail;
        }
        let digital = self.runs(|level| level == ZERO).filter(|(from, to)| to - from >= DIGITAL);
        shape.digital_silence = digital.map(|(from, to)| to - from).sum::<usize>() as f64 * WINDOW;
        let loud = |window: Option<usize>| {
            let level = window.and_then(|window| self.0.get(window));
            level.is_some_and(|&level| f64::from(level) / -2.0 > silence_below + LOUD)
        };
        for (from, to) in self.runs(|level| f64::from(level) / -2.0 < NOTHING) {
            // The window at each edge is partly sound, so the one beyond it may be needed to be loud.
            let begins = loud(from.checked_sub(1)) || loud(from.checked_sub(2));
            if begins && (loud(Some(to)) || loud(Some(to + 1))) && HOLE.contains(&(to - from)) {
                shape.holes += 1;
                if shape.holes_at.len() < KEPT {
                    shape.holes_at.push(Stretch::windows(from, to));
                }
            }
        }
        shape
    }

    /// Runs of windows of which something is true, each with its first window and the one behind its last.
    fn runs(&self, wanted: impl Fn(u8) -> bool) -> impl Iterator<Item = (usize, usize)> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let from = at + self.0[at..].iter().position(|&level| wanted(level))?;
            let length = self.0[from..].iter().position(|&level| !wanted(level));
            at = length.map_or(self.0.len(), |length| from + length);
            Some((from, at))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An envelope of levels and how many windows each lasts; −∞ is zeros.
    fn envelope(parts: &[(f64, usize)]) -> Envelope {
        let mut envelope = Envelope::default();
        for &(level, windows) in parts {
            (0..windows).for_each(|_| envelope.push(level, level.is_finite()));
        }
        envelope
    }

    const NONE: f64 = f64::NEG_INFINITY;

    #[test]
    fn silence_is_told_from_sound_at_both_ends_and_between() {
        let shape =
            envelope(&[(-66.0, 75), (-20.0, 100), (-64.0, 300), (-22.0, 50), (-66.0, 200)]).shape(-50.0);
        assert_eq!((shape.head, shape.tail), (0.75, 2.0));
        assert_eq!(shape.longest_silence, Some(Stretch { at: 1.75, seconds: 3.0 }));
    }

    #[test]
    fn a_click_neither_begins_the_sound_nor_ends_a_silence() {
        let shape = envelope(&[(-66.0, 50), (-10.0, 2), (-66.0, 50), (-20.0, 100)]).shape(-50.0);
        assert_eq!(shape.head, 1.02);
    }

    #[test]
    fn a_file_of_silence_is_head_and_tail_alone() {
        let shape = envelope(&[(NONE, 100)]).shape(-50.0);
        assert_eq!((shape.head, shape.tail, shape.digital_silence), (1.0, 1.0, 1.0));
    }

    #[test]
    fn a_hole_is_abrupt_at_both_ends_and_a_pause_is_not() {
        let hole = envelope(&[(-20.0, 50), (NONE, 20), (-20.0, 50)]).shape(-50.0);
        assert_eq!((hole.holes, hole.holes_at), (1, vec![Stretch { at: 0.5, seconds: 0.2 }]));
        let pause = envelope(&[(-20.0, 50), (-45.0, 3), (NONE, 20), (-20.0, 50)]).shape(-50.0);
        assert_eq!(pause.holes, 0);
        let stop = envelope(&[(-20.0, 50), (NONE, 5), (-20.0, 50)]).shape(-50.0);
        assert_eq!(stop.holes, 0);
    }

    #[test]
    fn silence_is_relative_to_the_file_and_above_its_noise() {
        assert_eq!(silence_below(-20.0, -66.0), -50.0);
        assert_eq!(silence_below(-20.0, -50.0), -42.0);
        assert_eq!(silence_below(-35.0, -120.0), -65.0);
        assert_eq!(silence_below(-20.0, -20.0), -30.0);
    }
}
