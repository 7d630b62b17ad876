//! Years and decades. A bare number of four digits is a year unless its neighbours count something with it;
//! wrong guesses cost little, because "fifteen hundred men" is English as well.

use super::context::Dialect;
use super::figure;
use super::numbers::{after_pair, plural, small};
use super::place::{Place, Reading, digits, goes_on};

/// Words before a number that make it a date even outside the years that are read so by default.
const YEAR_BEFORE: &[&str] = &[
    "in",
    "since",
    "by",
    "until",
    "till",
    "before",
    "after",
    "circa",
    "ca",
    "c",
    "year",
    "anno",
    "ad",
    "spring",
    "summer",
    "autumn",
    "fall",
    "winter",
    "christmas",
    "easter",
    "early",
    "late",
    "mid",
    "b",
    "d",
    "born",
    "died",
];

/// Words that make it a year whatever follows.
const SURE_YEAR_BEFORE: [&str; 5] = ["in", "since", "year", "until", "circa"];

/// Plural nouns without `s`, and words that are counted though they do not look like plurals.
const COUNTED: &[&str] = &[
    "people",
    "men",
    "women",
    "children",
    "feet",
    "oxen",
    "sheep",
    "fish",
    "deer",
    "cattle",
    "horse",
    "foot",
    "souls",
    "teeth",
    "geese",
    "mice",
    "dozen",
    "acre",
    "mile",
    "hundred",
    "thousand",
    "million",
    "billion",
    "percent",
    "police",
    "troops",
    "infantry",
    "cavalry",
    "aircraft",
    "spacecraft",
    "different",
    "separate",
    "individual",
    "more",
    "additional",
];

/// Words that end in `s` and are no plural nouns.
const NO_PLURALS: &[&str] = &[
    "is",
    "was",
    "has",
    "as",
    "his",
    "this",
    "its",
    "us",
    "does",
    "goes",
    "says",
    "yes",
    "thus",
    "perhaps",
    "always",
    "saw",
    "across",
    "towards",
    "afterwards",
    "besides",
    "sometimes",
    "unless",
    "hers",
    "ours",
    "theirs",
    "census",
    "crisis",
    "congress",
    "class",
    "series",
    "less",
    "versus",
    "brings",
    "marks",
    "sees",
    "finds",
    "begins",
    "became",
    "witnesses",
    "comes",
    "remains",
    "seems",
    "stands",
];

/// A year in words: 1984, 1905, 1800, 2007, 2024. Years of one to three digits as historians say them.
pub(super) fn year(number: u32, dialect: Dialect) -> String {
    let (century, rest) = (number / 100, number % 100);
    match number {
        0..100 | 10_000.. => small(number, dialect),
        _ if number.is_multiple_of(1000) || (century % 10 == 0 && rest < 10) => small(number, dialect),
        _ => format!("{} {}", small(century, dialect), after_pair(rest, "hundred")),
    }
}

/// A decade in words: "nineteen twenties", "eighteen hundreds", "sixties".
fn decade(number: u32, dialect: Dialect) -> String {
    plural(&year(number, dialect))
}

/// The plain figure of up to four digits at `at`, with its end.
fn plain(place: &Place<'_>) -> Option<(u32, usize, usize)> {
    let figure = figure::at(place.text, place.at)?;
    let number = figure.value().filter(|_| figure.whole.len() <= 4)?;
    Some((number, figure.whole.len(), figure.end))
}

/// `1920s`, `1800's`, `60s`, `'60s`.
pub(super) fn read_decade(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    let tail = rest.strip_prefix(['\'', '’', '‘']).unwrap_or(rest);
    let (elided, rest) = (rest.len() - tail.len(), tail);
    let run = digits(rest);
    let tail = &rest[run.len()..];
    let suffix = if tail.starts_with("'s") {
        2
    } else if tail.starts_with("’s") {
        '’'.len_utf8() + 1
    } else {
        usize::from(tail.starts_with('s'))
    };
    if suffix == 0 || goes_on(&tail[suffix..]) || run.is_empty() || run.len() > 4 {
        return None;
    }
    let number: u32 = run.parse().ok()?;
    let spoken = match run.len() {
        // `5's` is a possessive or a plural of the digit; both sound the same.
        2 if elided > 0 && number == 0 => "two thousands".into(),
        4 if (1000..3000).contains(&number) => decade(number, place.dialect()),
        3 if !number.is_multiple_of(100) => decade(number, place.dialect()),
        _ => plural(&small(number, place.dialect())),
    };
    Reading::new(place.at + elided + run.len() + suffix, spoken)
}

/// `'99` as a year: "ninety-nine", "oh five".
pub(super) fn read_elided(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    let run = digits(rest.strip_prefix(['\'', '’', '‘'])?);
    let end = place.at + rest.chars().next().map_or(0, char::len_utf8) + run.len();
    if run.len() != 2 || goes_on(&place.text[end..]) {
        return None;
    }
    Reading::new(end, after_pair(run.parse().ok()?, "oh oh"))
}

/// A bare year.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let (number, length, end) = plain(place)?;
    if goes_on(&place.text[end..]) || place.rest().starts_with('0') {
        return None;
    }
    let yes = is_era(place.next_word(end), &place.text[end..])
        || (length == 4 && by_default(number, place, end))
        || follows_ad(place);
    if yes { Reading::new(end, year(number, place.dialect())) } else { None }
}

/// Whether a number of four digits is a year here.
pub(super) fn by_default(number: u32, place: &Place<'_>, end: usize) -> bool {
    let certain = SURE_YEAR_BEFORE.iter().any(|w| w.eq_ignore_ascii_case(place.previous_word()));
    if !certain && counts_something(place, end) {
        return false;
    }
    (1100..2100).contains(&number) || ((1000..3000).contains(&number) && is_year_word(place.previous_word()))
}

fn is_year_word(word: &str) -> bool {
    super::dates::month(word).is_some() || YEAR_BEFORE.iter().any(|w| w.eq_ignore_ascii_case(word))
}

/// Whether the word after the number is something that the number counts.
fn counts_something(place: &Place<'_>, end: usize) -> bool {
    let rest = &place.text[end..];
    if !(rest.starts_with(' ') || rest.is_empty()) {
        return false;
    }
    let next = place.next_word(end);
    if COUNTED.contains(&next) {
        return true;
    }
    next.len() > 2
        && next.ends_with('s')
        && !next.contains('\'')
        && next.starts_with(|c: char| c.is_ascii_lowercase())
        && !NO_PLURALS.contains(&next)
}

fn is_era(word: &str, rest: &str) -> bool {
    matches!(word, "BC" | "BCE" | "AD" | "CE" | "bc" | "bce")
        || ["B.C", "A.D", "C.E", "B. C", "A. D"].iter().any(|era| rest.trim_start().starts_with(era))
}

fn follows_ad(place: &Place<'_>) -> bool {
    let token = place.previous_token().trim_start_matches(|c: char| !c.is_alphanumeric());
    matches!(token, "AD" | "A.D." | "A.D" | "CE")
}
