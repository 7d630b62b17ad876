//! How a number is written: digits, grouping commas, decimals. Kept apart from how it is said, which depends
//! on the class of the token around it.

use super::place::digits;

/// A number as it is written, without sign.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figure<'a> {
    /// Its whole part with the grouping commas; empty in `.5`.
    pub whole: &'a str,
    /// Whether the whole part has grouping commas.
    pub grouped: bool,
    /// The digits after the point.
    pub decimals: Option<&'a str>,
    /// Where it ends.
    pub end: usize,
}

impl Figure<'_> {
    /// Whether it is exactly one, the only number that takes a singular.
    pub fn is_one(&self) -> bool {
        self.whole == "1" && self.decimals.is_none()
    }

    /// Whether it is plain digits.
    pub fn is_plain(&self) -> bool {
        !self.grouped && self.decimals.is_none()
    }

    /// Its value if it is plain and small.
    pub fn value(&self) -> Option<u32> {
        if self.is_plain() && self.whole.len() <= 9 { self.whole.parse().ok() } else { None }
    }
}

/// The figure that starts at `at`: a digit, or a point followed by one.
pub(super) fn at(text: &str, at: usize) -> Option<Figure<'_>> {
    let rest = &text[at..];
    let first = digits(rest);
    let mut length = first.len();
    let mut grouped = false;
    if (1..=3).contains(&first.len()) {
        while let Some(group) = rest[length..].strip_prefix(',')
            && digits(group).len() == 3
        {
            length += 4;
            grouped = true;
        }
    }
    let whole = &rest[..length];
    let mut decimals = None;
    if let Some(fraction) = rest[length..].strip_prefix('.') {
        let run = digits(fraction);
        if !run.is_empty() {
            decimals = Some(run);
            length += 1 + run.len();
        }
    }
    if length == 0 { None } else { Some(Figure { whole, grouped, decimals, end: at + length }) }
}
