//! Cardinals: whole numbers, decimals and digit strings in words. Every other class of numbers is built on
//! these, so they take digits as text and have no upper bound.

use super::context::Dialect;
use super::figure::{self, Figure};
use super::place::{Place, Reading, goes_on};

const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Names of the powers of a thousand, short scale.
const SCALES: [&str; 22] = [
    "",
    "thousand",
    "million",
    "billion",
    "trillion",
    "quadrillion",
    "quintillion",
    "sextillion",
    "septillion",
    "octillion",
    "nonillion",
    "decillion",
    "undecillion",
    "duodecillion",
    "tredecillion",
    "quattuordecillion",
    "quindecillion",
    "sexdecillion",
    "septendecillion",
    "octodecillion",
    "novemdecillion",
    "vigintillion",
];

/// From this many ungrouped digits on, a number is a code and is read digit by digit unless it is round.
const CODE_DIGITS: usize = 13;

/// A whole number in words: `digits` may hold grouping commas. Numbers that have no name are read by digits.
pub(super) fn cardinal(digits: &str, dialect: Dialect) -> String {
    let plain: String = digits.chars().filter(char::is_ascii_digit).collect();
    let plain = plain.trim_start_matches('0');
    if plain.is_empty() {
        return ONES[0].into();
    }
    if plain.len() > 3 * SCALES.len() {
        return one_by_one(plain, ONES[0]);
    }
    let mut words = String::new();
    let groups = plain.len().div_ceil(3);
    for index in (0..groups).rev() {
        let end = plain.len() - 3 * index;
        let group = plain[end.saturating_sub(3)..end].bytes().fold(0, |n, b| n * 10 + usize::from(b - b'0'));
        if group == 0 {
            continue;
        }
        if !words.is_empty() {
            words.push(' ');
            if index == 0 && group < 100 && dialect == Dialect::British {
                words.push_str("and ");
            }
        }
        below_thousand(group, dialect, &mut words);
        if index > 0 {
            words.push(' ');
            words.push_str(SCALES[index]);
        }
    }
    words
}

/// A small number in words.
pub(super) fn small(number: u32, dialect: Dialect) -> String {
    cardinal(&number.to_string(), dialect)
}

fn below_thousand(number: usize, dialect: Dialect, words: &mut String) {
    let (hundreds, rest) = (number / 100, number % 100);
    if hundreds > 0 {
        words.push_str(ONES[hundreds]);
        words.push_str(" hundred");
        if rest > 0 {
            words.push_str(if dialect == Dialect::British { " and " } else { " " });
        }
    }
    if rest > 0 {
        below_hundred(rest, words);
    }
}

fn below_hundred(number: usize, words: &mut String) {
    if number < 20 {
        words.push_str(ONES[number]);
        return;
    }
    words.push_str(TENS[number / 10]);
    if !number.is_multiple_of(10) {
        words.push('-');
        words.push_str(ONES[number % 10]);
    }
}

/// The plural of a number in words: "twenties", "sixes", "hundreds".
pub(super) fn plural(words: &str) -> String {
    match words.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if words.ends_with("six") => format!("{words}es"),
        None => format!("{words}s"),
    }
}

/// Digit by digit; `zero` is the name of 0 ("oh" in telephone numbers). Other characters are passed over.
pub(super) fn one_by_one(digits: &str, zero: &str) -> String {
    let mut words = String::new();
    for digit in digits.bytes().filter(u8::is_ascii_digit) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(if digit == b'0' { zero } else { ONES[usize::from(digit - b'0')] });
    }
    words
}

/// A two-digit part of a year, a time or a room number, after a first part: "oh five", "twelve", `zero` for 00.
pub(super) fn after_pair(pair: u32, zero: &str) -> String {
    match pair {
        0 => zero.into(),
        1..10 => format!("oh {}", ONES[pair as usize]),
        _ => small(pair, Dialect::American),
    }
}

/// A three-digit name such as 747 or 380: "seven forty-seven", "seven oh one", "seven hundred".
pub(super) fn name_of_three(number: u32) -> String {
    format!("{} {}", small(number / 100, Dialect::American), after_pair(number % 100, "hundred"))
}

impl Figure<'_> {
    /// The figure as a cardinal, with its decimals.
    pub fn spoken(&self, dialect: Dialect) -> String {
        let mut words = match self.whole {
            "" => String::new(),
            code if self.is_code() => one_by_one(code, ONES[0]),
            whole => cardinal(whole, dialect),
        };
        if let Some(decimals) = self.decimals {
            words.push_str(if words.is_empty() { "point " } else { " point " });
            words.push_str(&one_by_one(decimals, ONES[0]));
        }
        words
    }

    /// Whether the figure is no quantity: it has leading zeros or is long, ungrouped and not round.
    fn is_code(&self) -> bool {
        let zeros = self.whole.len() > 1 && self.whole.starts_with('0');
        zeros || (!self.grouped && self.whole.len() >= CODE_DIGITS && !self.whole.ends_with("000"))
    }
}

/// Any figure that no other class has claimed.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let figure = figure::at(place.text, place.at)?;
    // Section and version numbers: 3.1.4.
    let rest = place.rest();
    let dotted = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
    let version = rest[..dotted].trim_end_matches('.');
    if version.split('.').count() > 2 && !version.contains("..") && !goes_on(&rest[version.len()..]) {
        let parts: Vec<String> =
            version.split('.').filter(|p| !p.is_empty()).map(|p| cardinal(p, place.dialect())).collect();
        return Reading::new(place.at + version.len(), parts.join(" point "));
    }
    Reading::new(figure.end, figure.spoken(place.dialect()))
}
