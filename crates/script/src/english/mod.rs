//! English as it is written made English as it is spoken: figures, abbreviations, symbols and capitals become
//! words, punctuation takes one form, and what has no sound is dropped with its reason.
//!
//! [`normalise`] walks over the text token by token. The first character of a token chooses a table of rules; the
//! first rule that has a reading wins. A rule is a function from a `Place` to a reading and
//! knows no other rule's state, so that each class of tokens is one file and the order is all in this one.
//! Ordinary words cost one look at the character after them.

mod abbreviations;
mod acronyms;
mod alphanumerics;
mod amount;
mod capitals;
mod clean;
mod context;
mod dates;
mod figure;
mod fractions;
mod initials;
mod money;
mod numbers;
mod ordinals;
mod phone;
mod place;
mod punctuation;
mod ranges;
mod roman;
mod spoken;
mod symbols;
mod times;
mod units;
mod web;
mod years;

use std::ops::Range;

use rhapsode_book::SkipReason;

pub use context::{BlockKind, Context, Dialect};

use place::{Place, Reading, Rule};
use punctuation::{Quotes, Written};
use spoken::Spoken;

/// A stretch of text as it is spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    /// The words, with the punctuation that a voice uses.
    pub text: String,
    /// What has no spoken form: byte ranges of the input on character boundaries, ordered and disjoint.
    pub dropped: Vec<(Range<usize>, SkipReason)>,
}

/// At a figure. Marks that only one class has come first, bare figures last.
const FIGURE_RULES: &[Rule] = &[
    web::read,
    phone::read,
    dates::read_figures,
    times::read,
    times::read_ratio,
    money::read_shillings,
    years::read_decade,
    dates::read_ordinal,
    dates::read,
    ordinals::read,
    money::read_trailing,
    units::read,
    fractions::read,
    ranges::read,
    alphanumerics::read_name,
    alphanumerics::read,
    years::read,
    numbers::read,
];

/// At a decimal point with a digit after it.
const POINT_RULES: &[Rule] = &[money::read_trailing, units::read, numbers::read];

/// At a word that starts with a capital and is more than a word.
const CAPITAL_RULES: &[Rule] = &[
    web::read,
    money::read,
    money::read_old_pounds,
    roman::read,
    abbreviations::read,
    initials::read,
    alphanumerics::read_hyphenated,
    alphanumerics::read,
    acronyms::read_single,
    acronyms::read,
];

/// At a word in small letters that is more than a word.
const SMALL_RULES: &[Rule] =
    &[web::read, symbols::read_with, abbreviations::read, roman::read, alphanumerics::read, acronyms::read];

/// Makes one sentence, or a stretch of one, speakable.
///
/// Prose of plain words comes back as it is, and so does text in other scripts. White space is collapsed, but
/// kept at both ends, so that stretches join again.
#[must_use]
pub fn normalise(text: &str, context: &Context<'_>) -> Normalised {
    let cleaned = clean::clean(text);
    let text: &str = &cleaned.text;
    let case = capitals::case_of(text);
    let mut spoken = Spoken::with_capacity(text.len() + text.len() / 8);
    let mut quotes = Quotes::default();
    let mut place = Place { text, at: 0, context, case };
    while place.at < text.len() {
        place.at = step(&place, &mut quotes, &mut spoken);
    }
    Normalised { text: spoken.into_text(), dropped: cleaned.dropped }
}

/// Speaks the token at a place and returns where the next one starts.
fn step(place: &Place<'_>, quotes: &mut Quotes, spoken: &mut Spoken) -> usize {
    let rest = place.rest();
    let first = rest.as_bytes()[0];
    match first {
        b' ' => {
            spoken.space();
            return place.at + rest.len() - rest.trim_start_matches(' ').len();
        }
        b',' | b';' | b':' | b'(' | b')'
            if !(first == b'(' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit)) =>
        {
            spoken.copy(&rest[..1]);
            return place.at + 1;
        }
        b'(' => {
            if let Some(reading) = phone::read_marked(place) {
                return say(reading, spoken);
            }
            spoken.copy("(");
            return place.at + 1;
        }
        b'a'..=b'z' | b'A'..=b'Z' => return word(place, spoken),
        b'0'..=b'9' => {
            if let Some(reading) = first_reading(FIGURE_RULES, place) {
                return say(reading, spoken);
            }
        }
        b'.' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
            && !place.previous_char().is_some_and(|c| c.is_alphanumeric() || c == '.') =>
        {
            if let Some(reading) = first_reading(POINT_RULES, place) {
                return say(reading, spoken);
            }
        }
        _ => {}
    }
    mark(place, quotes, spoken)
}

/// Speaks what is neither ASCII word nor figure.
fn mark(place: &Place<'_>, quotes: &mut Quotes, spoken: &mut Spoken) -> usize {
    let rest = place.rest();
    let Some(c) = rest.chars().next() else { return place.text.len() };
    let free = !place.previous_char().is_some_and(char::is_alphanumeric);
    let reading = match c {
        _ if c.is_alphabetic() => return foreign_word(place, spoken),
        '\'' | '’' | '‘' if free => years::read_decade(place).or_else(|| years::read_elided(place)),
        '½' | '⅓'..='⅞' | '¼' | '¾' | '⅐' | '⅑' | '⅒' | '↉' => fractions::read_vulgar(place),
        _ => None,
    };
    if let Some(reading) = reading {
        return say(reading, spoken);
    }
    let mark = match c {
        '\'' | '"' | '‘' | '’' | '“' | '”' => quotes.read(place),
        _ => match symbols::read(place) {
            Some(reading) => return say(reading, spoken),
            None => punctuation::read(place),
        },
    };
    match mark {
        Some(mark) => {
            match mark.written {
                Written::Mark(written) => spoken.copy(written),
                Written::Quote(written) => spoken.quote(written),
                Written::Closing(written) => spoken.close(written),
                Written::Word(word) => spoken.say(&word),
            }
            mark.end
        }
        None => {
            let end = place.at + c.len_utf8();
            spoken.copy(&place.text[place.at..end]);
            end
        }
    }
}

fn say(reading: Reading, spoken: &mut Spoken) -> usize {
    spoken.say(&reading.spoken);
    reading.end
}

fn first_reading(rules: &[Rule], place: &Place<'_>) -> Option<Reading> {
    rules.iter().find_map(|rule| rule(place))
}

/// Speaks a word that starts with an ASCII letter. Plain ones are copied after a look at what follows.
fn word(place: &Place<'_>, spoken: &mut Spoken) -> usize {
    let rest = place.rest();
    let bytes = rest.as_bytes();
    let length = bytes.iter().position(|b| !b.is_ascii_alphabetic()).unwrap_or(bytes.len());
    let word = &rest[..length];
    let next = bytes.get(length).copied().unwrap_or(b' ');
    let inside = place.previous_char().is_some_and(char::is_alphanumeric);
    let capital = bytes[0].is_ascii_uppercase();
    let special = match next {
        b'.' | b'@' | b'/' | b':' | b'_' | b'0'..=b'9' | b'&' | b'\\' | b'$' | b'-' => true,
        _ if capital => {
            length == 1 || bytes[..length].iter().skip(1).any(u8::is_ascii_uppercase) || is_stopless(word)
        }
        _ => (length <= 8 && roman::looks_roman(word)) || matches!(word, "vs" | "et"),
    };
    if special && !inside {
        let rules = if capital { CAPITAL_RULES } else { SMALL_RULES };
        if let Some(reading) = first_reading(rules, place) {
            return say(reading, spoken);
        }
    }
    // The word goes on with letters that are not ASCII.
    let length = if next < 0x80 { length } else { place::letters(rest).len() };
    spoken.copy(&rest[..length]);
    place.at + length
}

/// Titles that are abbreviated without a full stop.
fn is_stopless(word: &str) -> bool {
    matches!(word, "Mr" | "Mrs" | "Ms" | "Dr" | "St" | "Mme" | "Mlle" | "Messrs")
}

/// Copies a word that starts with a letter outside ASCII.
fn foreign_word(place: &Place<'_>, spoken: &mut Spoken) -> usize {
    let rest = place.rest();
    if let Some(reading) = symbols::read(place) {
        return say(reading, spoken);
    }
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    spoken.copy(&rest[..end]);
    place.at + end
}
