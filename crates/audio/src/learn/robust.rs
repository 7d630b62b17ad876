//! Middles and lines that a tenth of nonsense among the figures does not move.

/// Standard deviations in the median of the distances from the middle, for the bell curve.
const DEVIATIONS_A_MEDIAN_DISTANCE: f64 = 1.482_6;

/// The median of some figures and how they spread around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Middle {
    pub(super) median: f64,
    /// What the standard deviation would be without outliers.
    pub(super) deviation: f64,
}

impl Middle {
    /// None without figures.
    pub(super) fn of(mut figures: Vec<f64>) -> Option<Self> {
        let median = median(&mut figures)?;
        figures.iter_mut().for_each(|figure| *figure = (*figure - median).abs());
        Some(Self { median, deviation: DEVIATIONS_A_MEDIAN_DISTANCE * self::median(&mut figures)? })
    }
}

/// How long the speech of a text lasts: a constant, so much a character, and how far takes lie from that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lengths {
    pub(super) seconds_a_take: f64,
    pub(super) seconds_per_character: f64,
    /// The standard deviation is this part of the expected length …
    pub(super) relative_deviation: f64,
    /// … and this many seconds.
    pub(super) constant_deviation: f64,
}

impl Lengths {
    /// Fits pairs of characters and seconds; there is no fit where the characters of half of them are none.
    pub(super) fn fit(mut lengths: Vec<(f64, f64)>) -> Option<Self> {
        lengths.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let half = lengths.len() / 2;
        let (short, long) = lengths.split_at(half);

        // Each text with one half of the sample longer (Theil 1950, the incomplete method): a quarter of the pairs
        // may hold nonsense at either end before the median slope is one.
        let mut slopes: Vec<f64> = short
            .iter()
            .zip(long)
            .filter(|(a, b)| b.0 > a.0)
            .map(|(a, b)| (b.1 - a.1) / (b.0 - a.0))
            .collect();
        let line = median(&mut slopes).and_then(|slope| {
            let constant = median(&mut lengths.iter().map(|(x, y)| y - slope * x).collect::<Vec<_>>())?;
            (slope > 0.0 && constant >= 0.0).then_some((constant, slope))
        });
        // Texts of one length have no slope, and less than nothing cannot be spoken: then through the origin.
        let (seconds_a_take, seconds_per_character) = match line {
            Some(line) => line,
            None => (0.0, median(&mut lengths.iter().map(|(x, y)| y / x).collect::<Vec<_>>())?),
        };

        let expected = |x: f64| seconds_a_take + seconds_per_character * x;
        let middle = |part: &[(f64, f64)]| {
            let length = median(&mut part.iter().map(|(x, _)| expected(*x)).collect::<Vec<_>>())?;
            let mut distances: Vec<f64> = part.iter().map(|(x, y)| (y - expected(*x)).abs()).collect();
            Some((length, DEVIATIONS_A_MEDIAN_DISTANCE * median(&mut distances)?))
        };
        let ((near, low), (far, high)) = (middle(short)?, middle(long)?);
        // All of it is relative where two lengths do not tell the parts apart, or tell them apart by a constant below
        // nothing.
        let all = high / far.max(f64::MIN_POSITIVE);
        let relative_deviation =
            if far > near * 1.2 { ((high - low) / (far - near)).clamp(0.0, all) } else { all };
        Some(Self {
            seconds_a_take,
            seconds_per_character,
            relative_deviation,
            constant_deviation: (low - relative_deviation * near).max(0.0),
        })
    }
}

fn median(figures: &mut [f64]) -> Option<f64> {
    let middle = figures.len() / 2;
    (!figures.is_empty()).then(|| *figures.select_nth_unstable_by(middle, f64::total_cmp).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_nonsense_moves_neither_the_line_nor_its_spread() {
        let clean = |n: usize| {
            let x = 20.0 + (n * 37 % 181) as f64;
            let wobble = if n.is_multiple_of(2) { 1.03 } else { 0.97 };
            (x, (0.2 + 0.06 * x) * wobble)
        };
        let lengths = (0..200).map(|n| if n % 10 == 3 { (clean(n).0, 90.0) } else { clean(n) }).collect();
        let fit = Lengths::fit(lengths).unwrap();
        assert!((fit.seconds_per_character - 0.06).abs() < 0.003, "{fit:?}");
        assert!((fit.seconds_a_take - 0.2).abs() < 0.2, "{fit:?}");
        assert!(fit.relative_deviation < 0.07 && fit.constant_deviation < 0.15, "{fit:?}");
    }

    #[test]
    fn texts_of_one_length_go_through_the_origin() {
        let fit = Lengths::fit((0..40).map(|n| (50.0, 3.0 + 0.01 * f64::from(n % 5))).collect()).unwrap();
        assert_eq!(fit.seconds_a_take, 0.0);
        assert!((fit.seconds_per_character - 0.0604).abs() < 1e-9);
    }

    #[test]
    fn the_middle_of_nothing_is_nothing() {
        assert!(Middle::of(Vec::new()).is_none());
    }
}
