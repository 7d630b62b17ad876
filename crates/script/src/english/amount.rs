//! An amount: a figure with its fraction, its second end if it is a range, and its "million". Money and units
//! put their name after one, so it is read in one place.

use super::context::Dialect;
use super::figure;
use super::fractions;
use super::place::{digits, goes_on, letters};

/// An amount in words.
#[derive(Debug, Clone)]
pub(super) struct Amount {
    /// What is said.
    pub spoken: String,
    /// Whether the name after it is in the singular.
    pub singular: bool,
    /// Whether "million" or the like belongs to it.
    pub scaled: bool,
    /// Where it ends.
    pub end: usize,
}

/// Words that multiply.
const SCALES: [&str; 6] = ["hundred", "thousand", "million", "billion", "trillion", "dozen"];

/// Letters that multiply after money: `$5m`, `£3bn`, `$20k`.
const SHORT_SCALES: [(&str, &str); 10] = [
    ("bn", "billion"),
    ("Bn", "billion"),
    ("tn", "trillion"),
    ("mn", "million"),
    ("k", "thousand"),
    ("K", "thousand"),
    ("m", "million"),
    ("M", "million"),
    ("B", "billion"),
    ("b", "billion"),
];

/// The amount at `at`.
pub(super) fn at(text: &str, at: usize, dialect: Dialect) -> Option<Amount> {
    let first = one(text, at, dialect)?;
    let Some((second_at, _)) = range_mark(text, first.end) else { return Some(first) };
    match one(text, second_at, dialect) {
        Some(second) if !text[second.end..].starts_with(['-', '/']) || !goes_on(&text[second.end + 1..]) => {
            Some(Amount {
                spoken: format!("{} to {}", first.spoken, second.spoken),
                singular: false,
                scaled: second.scaled,
                end: second.end,
            })
        }
        _ => Some(first),
    }
}

/// The amount at `at` without a second end.
pub(super) fn one(text: &str, at: usize, dialect: Dialect) -> Option<Amount> {
    let figure = figure::at(text, at)?;
    let mut amount =
        Amount { spoken: figure.spoken(dialect), singular: figure.is_one(), scaled: false, end: figure.end };
    if figure.decimals.is_none()
        && let Some((fraction, end)) = fractions::after_figure(text, figure.end, dialect)
    {
        amount.spoken.push_str(&fraction);
        (amount.singular, amount.end) = (false, end);
    }
    let gap = usize::from(text[amount.end..].starts_with([' ', '-']));
    let word = letters(&text[amount.end + gap..]);
    if gap > 0 && SCALES.contains(&word) {
        amount.spoken.push(' ');
        amount.spoken.push_str(word);
        (amount.singular, amount.scaled, amount.end) = (false, true, amount.end + gap + word.len());
    }
    Some(amount)
}

/// Adds the letter that multiplies an amount of money, if one follows.
pub(super) fn with_short_scale(text: &str, mut amount: Amount) -> Amount {
    let letters = letters(&text[amount.end..]);
    if !amount.scaled
        && let Some((_, scale)) = SHORT_SCALES.iter().find(|(short, _)| *short == letters)
        && !digits(&text[amount.end + letters.len()..]).starts_with(|_| true)
    {
        amount.spoken.push(' ');
        amount.spoken.push_str(scale);
        (amount.singular, amount.scaled, amount.end) = (false, true, amount.end + letters.len());
    }
    amount
}

/// Where the second end of a range starts, and the dash: `5-10`, `5–10`, `5 – 10`.
pub(super) fn range_mark(text: &str, end: usize) -> Option<(usize, char)> {
    let rest = &text[end..];
    let trimmed = rest.trim_start_matches(' ');
    let mark = trimmed.chars().next().filter(|c| matches!(c, '-' | '–' | '—'))?;
    let after = &trimmed[mark.len_utf8()..];
    let gap = trimmed.len() < rest.len();
    let next = after.trim_start_matches(' ');
    // Spaces on one side only are no range, and an em dash is one only without spaces.
    if gap != (next.len() < after.len()) || (gap && mark != '–') || digits(next).is_empty() {
        return None;
    }
    Some((text.len() - next.len(), mark))
}
