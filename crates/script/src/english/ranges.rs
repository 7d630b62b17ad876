//! Ranges and scores: figures, years, letters, days and months with a dash between them.

use super::amount::{self, range_mark};
use super::figure;
use super::numbers::{after_pair, cardinal};
use super::place::{Place, Reading, digits, goes_on, letters};
use super::years;

/// Days, whose names stand in ranges as months do.
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Figures: `1914-18`, `1914–1918`, `12-15`, `5–6`, and strings such as `3-4-5`.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let (text, dialect) = (place.text, place.dialect());
    let first = figure::at(text, place.at)?;
    let (start, mark) = range_mark(text, first.end)?;
    let second = figure::at(text, start)?;
    if goes_on(&text[second.end..]) {
        return None;
    }
    if let Some((_, '-')) = range_mark(text, second.end) {
        return sequence(place);
    }
    if let Some(words) = year_range(place, &first, &second) {
        return Reading::new(second.end, words);
    }
    let first_words = first.spoken(dialect);
    if mark == '—' {
        return None;
    }
    let second = amount::one(text, start, dialect)?;
    Reading::new(second.end, format!("{first_words} to {}", second.spoken))
}

/// Two years, the second perhaps in two digits.
fn year_range(place: &Place<'_>, first: &figure::Figure<'_>, second: &figure::Figure<'_>) -> Option<String> {
    let dialect = place.dialect();
    let (a, b) = (first.value()?, second.value()?);
    if first.whole.len() != 4 || !years::by_default(a, place, second.end) {
        return None;
    }
    let last = match second.whole.len() {
        4 => years::year(b, dialect),
        2 if b > a % 100 => after_pair(b, "hundred"),
        1 if b > a % 10 => cardinal(second.whole, dialect),
        _ => return None,
    };
    Some(format!("{} to {last}", years::year(a, dialect)))
}

/// Three and more figures with hyphens are said one after the other.
fn sequence(place: &Place<'_>) -> Option<Reading> {
    let mut end = place.at;
    let mut words = Vec::new();
    loop {
        let run = digits(&place.text[end..]);
        words.push(cardinal(run, place.dialect()));
        end += run.len();
        match place.text[end..].strip_prefix('-') {
            Some(rest) if !digits(rest).is_empty() => end += 1,
            _ => break,
        }
    }
    if words.len() < 3 || goes_on(&place.text[end..]) { None } else { Reading::new(end, words.join(" ")) }
}

/// `A–Z`, `Monday–Friday`, `March–May`: the dash between two names of one kind.
pub(super) fn read_dash(place: &Place<'_>) -> Option<Reading> {
    let mark = place.rest().chars().next()?;
    let end = place.at + mark.len_utf8();
    let before = place.text[..place.at].rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let after = letters(&place.text[end..]);
    let day = |word: &str| DAYS.contains(&word);
    let month = |word: &str| super::dates::month(word).is_some();
    let letter = |word: &str| word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase());
    let pair = |kind: &dyn Fn(&str) -> bool| kind(before) && kind(after);
    let alphabet = pair(&letter) && (mark == '–' || (before, after) == ("A", "Z"));
    // An en dash between figures whose ends were read apart: `1920s–1930s`, `5th–6th`.
    let figures = mark == '–'
        && before.starts_with(|c: char| c.is_ascii_digit())
        && !digits(&place.text[end..]).is_empty();
    if pair(&day) || pair(&month) || alphabet || figures { Reading::new(end, "to") } else { None }
}
