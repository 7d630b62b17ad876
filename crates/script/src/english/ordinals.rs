//! Ordinals: `1st`, `22nd`, `3d`, and the ordinal form of any number in words, which dates, fractions and the
//! names of kings share.

use super::context::Dialect;
use super::figure;
use super::numbers::{cardinal, small};
use super::place::{Case, Place, Reading, goes_on, is_capitalised};

/// Ordinals that are not the cardinal with "th".
const IRREGULAR: [(&str, &str); 7] = [
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("five", "fifth"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("twelve", "twelfth"),
];

/// The ordinal of a cardinal in words: "twenty-one" to "twenty-first".
pub(super) fn from_words(cardinal: &str) -> String {
    let cut = cardinal.rfind([' ', '-']).map_or(0, |at| at + 1);
    let (head, last) = cardinal.split_at(cut);
    if let Some((_, ordinal)) = IRREGULAR.iter().find(|(word, _)| *word == last) {
        return format!("{head}{ordinal}");
    }
    match last.strip_suffix('y') {
        Some(stem) => format!("{head}{stem}ieth"),
        None => format!("{head}{last}th"),
    }
}

/// The ordinal of a small number.
pub(super) fn small_ordinal(number: u32, dialect: Dialect) -> String {
    from_words(&small(number, dialect))
}

/// The end of the ordinal that starts at `at`, and its digits.
pub(super) fn at(text: &str, at: usize) -> Option<(&str, usize)> {
    let figure = figure::at(text, at).filter(|f| f.decimals.is_none() && !f.whole.is_empty())?;
    let suffix = text.get(figure.end..figure.end + 2)?;
    let known = ["st", "nd", "rd", "th"].iter().any(|s| suffix.eq_ignore_ascii_case(s));
    let end = figure.end + 2;
    (known && !goes_on(&text[end..])).then_some((figure.whole, end))
}

/// `1st`, `22nd`, `1,000th`; `2d` and `3d` before a capitalised word, as regiments were written.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    if let Some((whole, end)) = at(place.text, place.at) {
        return Reading::new(end, from_words(&cardinal(whole, place.dialect())));
    }
    let figure = figure::at(place.text, place.at)?;
    let number = figure.value()?;
    let end = figure.end + 1;
    let mark = if place.case == Case::Shouted { 'D' } else { 'd' };
    let month = super::dates::month(place.previous_word()).is_some();
    let old_style = place.text[figure.end..].starts_with(['d', mark])
        && !goes_on(&place.text[end..])
        && matches!(number % 10, 2 | 3)
        && (month
            || is_capitalised(place.next_word(end))
            || matches!(place.next_word(end), "of" | "inst" | "ult"));
    if old_style { Reading::new(end, small_ordinal(number, place.dialect())) } else { None }
}
