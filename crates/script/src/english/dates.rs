//! Dates: a day beside the name of its month, and dates in figures, which the dialect decides.

use super::context::Dialect;
use super::numbers::small;
use super::ordinals::{self, small_ordinal};
use super::place::{Place, Reading, digits, goes_on, letters};
use super::years::year;

const MONTHS: [(&str, &[&str]); 12] = [
    ("January", &["Jan"]),
    ("February", &["Feb", "Febr"]),
    ("March", &["Mar"]),
    ("April", &["Apr"]),
    ("May", &[]),
    ("June", &["Jun"]),
    ("July", &["Jul"]),
    ("August", &["Aug"]),
    ("September", &["Sep", "Sept"]),
    ("October", &["Oct"]),
    ("November", &["Nov"]),
    ("December", &["Dec"]),
];

/// The full name of a month that is written in full or abbreviated, without full stop.
pub(super) fn month(word: &str) -> Option<&'static str> {
    if !word.starts_with(|c: char| c.is_ascii_uppercase()) {
        return None;
    }
    MONTHS
        .iter()
        .find(|(name, short)| {
            name.eq_ignore_ascii_case(word) || short.iter().any(|s| s.eq_ignore_ascii_case(word))
        })
        .map(|(name, _)| *name)
}

fn month_number(number: u32) -> Option<&'static str> {
    MONTHS.get((number as usize).checked_sub(1)?).map(|(name, _)| *name)
}

/// The month named at `at`, with the end of its name and full stop.
fn month_at(text: &str, at: usize) -> Option<(&'static str, usize)> {
    let word = letters(&text[at..]);
    let name = month(word)?;
    let end = at + word.len();
    let dotted = text[end..].starts_with('.') && word.len() < name.len();
    Some((name, end + usize::from(dotted)))
}

/// A day of the month at `at`.
fn day(text: &str, at: usize) -> Option<(u32, usize)> {
    let run = digits(&text[at..]);
    let number = run.parse().ok().filter(|d| (1..=31).contains(d) && run.len() <= 2)?;
    Some((number, at + run.len()))
}

/// A day beside its month: `March 3`, `March 15–20`, `3 March 1999`.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let (text, dialect) = (place.text, place.dialect());
    let (number, mut end) = day(text, place.at)?;
    let mut spoken = small_ordinal(number, dialect);
    // A full stop after the whole name ends a sentence: "It was March. 3 men came."
    let before = place.previous_token();
    let after_month = month(place.previous_word())
        .is_some_and(|name| !before.trim_end_matches('.').ends_with(name) || !before.ends_with('.'));
    let mut last = None;
    if let Some((start, _)) = super::amount::range_mark(text, end)
        && let Some((second, stop)) = day(text, start)
        && second > number
    {
        last = Some((format!("{spoken} to {}", small_ordinal(second, dialect)), stop));
    }
    if let Some((words, stop)) = last {
        (spoken, end) = (words, stop);
    }
    let tail = &text[end..];
    if after_month {
        let rest = tail.strip_prefix('.').unwrap_or(tail);
        let whole = !goes_on(tail) && !tail.starts_with([':', '/', '%', '°', '-', '\'']) && !goes_on(rest);
        let grouped = tail.starts_with(',') && digits(&tail[1..]).len() == 3;
        let article = if dialect == Dialect::British { "the " } else { "" };
        return if whole && !grouped { Reading::new(end, format!("{article}{spoken}")) } else { None };
    }
    let gap = tail.starts_with(' ').then_some(1)?;
    let (name, stop) = month_at(text, end + gap)?;
    // "May" and "March" need a capital and company: "3 May" but never "the 3 May go".
    let article = if place.previous_word().eq_ignore_ascii_case("the") { "" } else { "the " };
    Reading::new(stop, format!("{article}{spoken} of {name}"))
}

/// `3rd March`, after which "of" is said; `3rd of March` is words already.
pub(super) fn read_ordinal(place: &Place<'_>) -> Option<Reading> {
    let (whole, end) = ordinals::at(place.text, place.at)?;
    let number: u32 = whole.parse().ok().filter(|d| (1..=31).contains(d))?;
    let gap = place.text[end..].starts_with(' ').then_some(1)?;
    let (name, stop) = month_at(place.text, end + gap)?;
    let article = if place.previous_word().eq_ignore_ascii_case("the") { "" } else { "the " };
    Reading::new(stop, format!("{article}{} of {name}", small_ordinal(number, place.dialect())))
}

/// Dates in figures: `1999-03-04`, `3/4/1999`, `3.4.1999`, `3/4/99`.
pub(super) fn read_figures(place: &Place<'_>) -> Option<Reading> {
    let text = place.text;
    let first = digits(place.rest());
    let mark = place.rest()[first.len()..].chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
    let second_at = place.at + first.len() + 1;
    let second = digits(&text[second_at..]);
    let third_at = second_at + second.len() + 1;
    let third = digits(text[second_at + second.len()..].strip_prefix(mark)?);
    let end = third_at + third.len();
    let lengths = (first.len(), second.len(), third.len());
    if goes_on(&text[end..]) || text[end..].starts_with(mark) && goes_on(&text[end + 1..]) {
        return None;
    }
    let number = |d: &str| d.parse::<u32>().ok();
    let (a, b, c) = (number(first)?, number(second)?, number(third)?);
    let (y, m, d) = match lengths {
        (4, 2, 2) if mark != '.' => (a, b, c),
        (1..=2, 1..=2, 4) | (1..=2, 1..=2, 2) => {
            if lengths.2 == 2 && mark != '/' {
                return None;
            }
            // A number over twelve is the day, whoever writes it.
            let month_first = (place.dialect() == Dialect::American && a <= 12) || b > 12;
            if month_first { (c, a, b) } else { (c, b, a) }
        }
        _ => return None,
    };
    let name = month_number(m)?;
    if !(1..=31).contains(&d) {
        return None;
    }
    let dialect = place.dialect();
    let year = match lengths.2 == 2 && lengths.0 != 4 {
        true if y < 10 => format!("oh {}", small(y, dialect)),
        true => small(y, dialect),
        false => year(y, dialect),
    };
    let day = small_ordinal(d, dialect);
    Reading::new(
        end,
        match dialect {
            Dialect::American => format!("{name} {day}, {year}"),
            Dialect::British => format!("the {day} of {name} {year}"),
        },
    )
}
