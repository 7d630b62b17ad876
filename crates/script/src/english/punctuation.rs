//! Punctuation in the one form that the voice knows: curly double quotes for every kind of quotation, straight
//! apostrophes, an em dash for a dash, one character for an ellipsis, round brackets.

use super::place::{Place, digits, window};
use super::ranges;

/// What a mark becomes.
pub(super) struct Mark {
    /// Where it ends in the text.
    pub end: usize,
    /// What stands for it.
    pub written: Written,
}

/// What stands for a mark.
pub(super) enum Written {
    /// Copied without spaces of its own.
    Mark(&'static str),
    /// A quotation mark; two that open, or close, together are one.
    Quote(&'static str),
    /// The white space before it goes: a line of verse ends.
    Closing(&'static str),
    /// Said as a word.
    Word(String),
}

/// Words that begin with an apostrophe.
#[rustfmt::skip]
const ELIDED: &[&str] = &[
    "tis", "twas", "twere", "twill", "twould", "twixt", "tisn", "twasn", "twouldn", "tain", "em", "til", "till", "cause", "bout", "round", "neath",
    "gainst", "ere", "im", "er", "ave", "ad", "ow", "ouse", "ome", "ead", "alf", "n", "un", "uns", "nuff", "fraid", "pon", "ee", "ud", "ull", "ope",
    "eard", "eart", "undred", "s", "d", "ll", "ve", "re", "m", "t", "tween", "twon", "twon't", "cept", "scuse", "spose", "nother", "e", "is", "ardly",
    "midst", "mongst", "long", "way", "stead", "fore", "twad", "tother", "zactly",
];

/// Whether single quotes are open in the stretch, so that an apostrophe can be told from a closing quote.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    single_open: bool,
}

impl Quotes {
    /// A quotation mark or apostrophe.
    pub fn read(&mut self, place: &Place<'_>) -> Option<Mark> {
        let c = place.rest().chars().next()?;
        let end = place.at + c.len_utf8();
        let written = match c {
            '“' => "“",
            '”' => "”",
            '"' if opens(place, end) => "“",
            '"' => "”",
            '\'' if place.text[end..].starts_with('\'') => {
                return quote(end + 1, if opens(place, end + 1) { "“" } else { "”" });
            }
            _ => self.single(place, c, end),
        };
        quote(end, written)
    }

    fn single(&mut self, place: &Place<'_>, c: char, end: usize) -> &'static str {
        let rest = &place.text[end..];
        let before = place.previous_char();
        let joined = before.is_some_and(char::is_alphanumeric);
        let next = rest.chars().next();
        let next_word = next.is_some_and(char::is_alphanumeric);
        if joined && next_word {
            return "'";
        }
        if next_word {
            // A word begins: an elision or a quotation.
            let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let word = rest[..length].to_lowercase();
            let elided = !digits(rest).is_empty() || ELIDED.contains(&word.as_str());
            let quoted = c == '‘'
                && !matches!(
                    word.as_str(),
                    "t" | "tis"
                        | "twas"
                        | "em"
                        | "n"
                        | "til"
                        | "twere"
                        | "twould"
                        | "twill"
                        | "twixt"
                        | "tisn"
                        | "twasn"
                        | "twouldn"
                        | "twon"
                        | "tother"
                );
            if (elided && !quoted) || c == '’' {
                return "'";
            }
            self.single_open = true;
            return "“";
        }
        if c == '‘'
            || (before.is_none_or(|b| b.is_whitespace() || matches!(b, '(' | '['))
                && !next.is_none_or(char::is_whitespace))
        {
            self.single_open = true;
            return "“";
        }
        // A word ends: a plural possessive, a swallowed letter, or the end of a quotation.
        let swallowed = place.text[..place.at].ends_with(['n', 'N'])
            && place.text[..place.at - 1].ends_with(['\'', '’', '‘']);
        let closing_later = closes_later(window(rest));
        if joined && (swallowed || !self.single_open || (before == Some('s') && closing_later)) {
            return "'";
        }
        self.single_open = false;
        "”"
    }
}

/// Whether a later apostrophe of the stretch stands at the end of a word or after punctuation.
fn closes_later(rest: &str) -> bool {
    rest.char_indices().any(|(at, c)| {
        matches!(c, '\'' | '’')
            && at > 0
            && !rest[at + c.len_utf8()..].starts_with(|c: char| c.is_alphanumeric())
    })
}

/// Whether a straight double quote opens.
fn opens(place: &Place<'_>, end: usize) -> bool {
    let next = place.text[end..].chars().next();
    let free_before = place.previous_char().is_none_or(|c| {
        c.is_whitespace() || matches!(c, '(' | '[' | '{' | '—' | '–' | '-' | '“' | '‘' | '\'')
    });
    free_before
        && next.is_some_and(|c| !c.is_whitespace() && !matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | ')'))
}

fn mark(end: usize, written: &'static str) -> Option<Mark> {
    Some(Mark { end, written: Written::Mark(written) })
}

fn quote(end: usize, written: &'static str) -> Option<Mark> {
    Some(Mark { end, written: Written::Quote(written) })
}

/// Dashes, ellipses, brackets, repeated marks.
pub(super) fn read(place: &Place<'_>) -> Option<Mark> {
    let rest = place.rest();
    let c = rest.chars().next()?;
    let end = place.at + c.len_utf8();
    match c {
        '-' | '–' | '—' | '−' => dash(place, c),
        '.' | '…' => ellipsis(place, c),
        '[' | '{' => mark(end, "("),
        ']' | '}' => mark(end, ")"),
        '!' => mark(place.at + rest.len() - rest.trim_start_matches('!').len(), "!"),
        '?' => mark(place.at + rest.len() - rest.trim_start_matches('?').len(), "?"),
        '¿' | '¡' => mark(end, ""),
        '/' if spaced(place, end) => Some(Mark { end, written: Written::Closing(",") }),
        '/' => mark(end, " "),
        _ => None,
    }
}

fn spaced(place: &Place<'_>, end: usize) -> bool {
    let space = |c: Option<char>| c.is_none_or(char::is_whitespace);
    space(place.previous_char()) && space(place.text[end..].chars().next())
}

/// A run of hyphens and dashes.
fn dash(place: &Place<'_>, c: char) -> Option<Mark> {
    let rest = place.rest();
    let tail = rest.trim_start_matches(['-', '–', '—', '−']);
    let end = place.text.len() - tail.len();
    let single = rest.len() - tail.len() == c.len_utf8();
    if single && let Some(reading) = ranges::read_dash(place) {
        return Some(Mark { end: reading.end, written: Written::Word(reading.spoken) });
    }
    if !single || c == '—' {
        return mark(end, "—");
    }
    let before = place.previous_char();
    let free_before =
        before.is_none_or(|b| b.is_whitespace() || matches!(b, '(' | '[' | '“' | '"' | '=' | '‘'));
    let figure = tail.trim_start_matches(['$', '£', '€', '.']).starts_with(|c: char| c.is_ascii_digit());
    if matches!(c, '-' | '−' | '–') && free_before && figure {
        return Some(Mark { end, written: Written::Word("minus".into()) });
    }
    if spaced(place, end)
        || (c != '-' && (free_before || tail.is_empty() || tail.starts_with(char::is_whitespace)))
    {
        return mark(end, "—");
    }
    // An en dash inside a compound is a hyphen to the ear.
    mark(end, "-")
}

/// Three points, close or spaced, are one mark; two are a slip and read the same.
fn ellipsis(place: &Place<'_>, c: char) -> Option<Mark> {
    let rest = place.rest();
    let (mut points, mut length) = (usize::from(c == '.'), c.len_utf8());
    loop {
        let tail = &rest[length..];
        let spaced = tail.trim_start_matches(' ');
        let gap = tail.len() - spaced.len();
        if spaced.starts_with('.') && gap <= 1 && digits(&spaced[1..]).is_empty() {
            (points, length) = (points + 1, length + gap + 1);
        } else if spaced.starts_with('…') && gap == 0 {
            (points, length) = (points + 3, length + '…'.len_utf8());
        } else {
            break;
        }
    }
    if c == '…' || points > 1 { mark(place.at + length, "…") } else { mark(place.at + 1, ".") }
}
