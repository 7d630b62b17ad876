//! Fractions: `1/2`, `2 3/4`, `½`, `2½`, and figures over figures that are no fractions, such as `9/11`.

use super::context::Dialect;
use super::figure;
use super::numbers::{after_pair, small};
use super::ordinals::small_ordinal;
use super::place::{Place, Reading, digits, goes_on};

const VULGAR: [(char, u32, u32); 19] = [
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅕', 1, 5),
    ('⅖', 2, 5),
    ('⅗', 3, 5),
    ('⅘', 4, 5),
    ('⅙', 1, 6),
    ('⅚', 5, 6),
    ('⅐', 1, 7),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
    ('⅝', 5, 8),
    ('⅞', 7, 8),
    ('⅑', 1, 9),
    ('⅒', 1, 10),
    ('↉', 0, 3),
];

/// Pairs with a name of their own.
const NAMED: [(&str, &str); 4] = [
    ("24/7", "twenty-four seven"),
    ("9/11", "nine eleven"),
    ("50/50", "fifty-fifty"),
    ("20/20", "twenty-twenty"),
];

/// A proper fraction in words.
fn words(numerator: u32, denominator: u32, dialect: Dialect) -> String {
    let name = match denominator {
        2 => if numerator == 1 { "half" } else { "halves" }.into(),
        4 => "quarter".to_owned(),
        100 | 1000 => format!("{}th", small(denominator, dialect).replace(' ', "-")),
        _ => small_ordinal(denominator, dialect),
    };
    let plural = if numerator == 1 || denominator == 2 { "" } else { "s" };
    format!("{} {name}{plural}", small(numerator, dialect))
}

/// The fraction after a whole number: "and a half", "and three quarters".
fn after_whole(numerator: u32, denominator: u32, dialect: Dialect) -> String {
    let words = words(numerator, denominator, dialect);
    match words.strip_prefix("one ") {
        Some(name) => format!(" and {} {name}", if name.starts_with("eigh") { "an" } else { "a" }),
        None => format!(" and {words}"),
    }
}

/// A vulgar fraction character at `at`.
fn vulgar(text: &str, at: usize) -> Option<(u32, u32, usize)> {
    let c = text[at..].chars().next()?;
    VULGAR.iter().find(|(v, ..)| *v == c).map(|&(_, n, d)| (n, d, at + c.len_utf8()))
}

/// `n/d` at `at`, with a proper and speakable denominator.
fn slashed(text: &str, at: usize) -> Option<(u32, u32, usize)> {
    let top = digits(&text[at..]);
    let bottom = digits(text[at + top.len()..].strip_prefix('/')?);
    let end = at + top.len() + 1 + bottom.len();
    if top.is_empty() || bottom.is_empty() || goes_on(&text[end..]) || text[end..].starts_with('/') {
        return None;
    }
    let (n, d): (u32, u32) = (top.parse().ok()?, bottom.parse().ok()?);
    (0 < n && n < d && d <= 1000 && !bottom.starts_with('0')).then_some((n, d, end))
}

/// The fraction that follows a whole number ending at `end`: `2½`, `2 ½`, `2 1/2`, `2-1/2`.
pub(super) fn after_figure(text: &str, end: usize, dialect: Dialect) -> Option<(String, usize)> {
    let gap = text[end..].chars().next().filter(|c| matches!(c, ' ' | '-')).map_or(0, char::len_utf8);
    let (n, d, stop) = match vulgar(text, end + gap) {
        Some(found) => found,
        None if gap > 0 => slashed(text, end + gap)?,
        None => return None,
    };
    Some((after_whole(n, d, dialect), stop))
}

/// A vulgar fraction that stands alone.
pub(super) fn read_vulgar(place: &Place<'_>) -> Option<Reading> {
    let (n, d, end) = vulgar(place.text, place.at)?;
    Reading::new(end, words(n, d, place.dialect()))
}

/// Figures with a slash, or a whole number with a fraction.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let (text, dialect) = (place.text, place.dialect());
    let figure = figure::at(text, place.at).filter(|f| f.decimals.is_none())?;
    if let Some((fraction, end)) = after_figure(text, figure.end, dialect) {
        return Reading::new(end, figure.spoken(dialect) + &fraction);
    }
    let rest = place.rest();
    if let Some((written, spoken)) =
        NAMED.iter().find(|(w, _)| rest.starts_with(w) && !goes_on(&rest[w.len()..]))
    {
        return Reading::new(place.at + written.len(), *spoken);
    }
    if let Some((n, d, end)) = slashed(text, place.at) {
        return Reading::new(end, words(n, d, dialect));
    }
    // Seasons and financial years: 1984/85.
    let second = digits(text[figure.end..].strip_prefix('/')?);
    let end = figure.end + 1 + second.len();
    if second.is_empty() || goes_on(&text[end..]) || text[end..].starts_with('/') {
        return None;
    }
    let first = figure.value()?;
    if figure.whole.len() == 4 && second.len() == 2 && (1100..2100).contains(&first) {
        let short = after_pair(second.parse().ok()?, "hundred");
        return Reading::new(end, format!("{} {short}", super::years::year(first, dialect)));
    }
    let second = figure::at(text, figure.end + 1)?;
    Reading::new(second.end, format!("{} over {}", figure.spoken(dialect), second.spoken(dialect)))
}
