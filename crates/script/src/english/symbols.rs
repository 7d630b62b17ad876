//! Symbols that are said as words, by what stands beside them. What no rule says is dropped in the first pass.

use super::place::{Place, Reading, digits, goes_on, letters, window};
use super::{money, numbers, phone, web};

/// Symbols with one reading.
const PLAIN: [(char, &str); 22] = [
    ('%', "percent"),
    ('‰', "per mille"),
    ('°', "degrees"),
    ('©', "copyright"),
    ('÷', "divided by"),
    ('±', "plus or minus"),
    ('≤', "is at most"),
    ('≥', "is at least"),
    ('≠', "is not equal to"),
    ('≈', "approximately"),
    ('~', "approximately"),
    ('→', "to"),
    ('√', "the square root of"),
    ('∞', "infinity"),
    ('№', "number"),
    ('℅', "care of"),
    ('=', "equals"),
    ('<', "is less than"),
    ('>', "is greater than"),
    ('*', "times"),
    ('¶', "paragraph"),
    ('\\', "backslash"),
];

/// Words beside a slash that stand for "or".
const OR: [&str; 8] =
    ["he/she", "she/he", "his/her", "her/his", "him/her", "her/him", "himself/herself", "yes/no"];

/// The rule, at anything that is neither letter, digit nor punctuation.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    let c = rest.chars().next()?;
    let end = place.at + c.len_utf8();
    match c {
        '$' | '£' | '€' | '¥' | '₹' | '₽' | '₩' | '₪' | '¢' => {
            money::read(place).or_else(|| currency(c, end))
        }
        '&' if rest.starts_with("&c") && !goes_on(&rest[2..]) => {
            Reading::new(end + 1 + usize::from(rest[2..].starts_with('.')), "etc.")
        }
        '&' => Reading::new(end, "and"),
        '@' => web::read_tag(place).or_else(|| Reading::new(end, "at")),
        '#' => hash(place, end),
        '+' => phone::read_marked(place).or_else(|| Reading::new(end, "plus")),
        '§' if rest.starts_with("§§") => Reading::new(end + c.len_utf8(), "sections"),
        '§' => Reading::new(end, "section"),
        '×' if window(&place.text[end..]).contains('=') || !beside_figures(place, end) => {
            Reading::new(end, "times")
        }
        '×' => Reading::new(end, "by"),
        '^' => power_mark(place, end),
        '_' => Reading::new(end, " "),
        '/' => slash(place, end),
        '−' if !digits(&place.text[end..]).is_empty() => Reading::new(end, "minus"),
        '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '⁻' => superscript(place),
        _ => PLAIN.iter().find(|(symbol, _)| *symbol == c).and_then(|(_, words)| Reading::new(end, *words)),
    }
}

/// A currency sign without an amount.
fn currency(c: char, end: usize) -> Option<Reading> {
    let name = match c {
        '$' => "dollar",
        '£' => "pound",
        '€' => "euro",
        '¥' => "yen",
        '₹' => "rupee",
        '₽' => "rouble",
        '₩' => "won",
        '₪' => "shekel",
        _ => "cent",
    };
    Reading::new(end, name)
}

fn beside_figures(place: &Place<'_>, end: usize) -> bool {
    let before = place.text[..place.at].trim_end().ends_with(|c: char| c.is_ascii_digit());
    before && !digits(place.text[end..].trim_start()).is_empty()
}

/// `#5`, `#word`, `C#`.
fn hash(place: &Place<'_>, end: usize) -> Option<Reading> {
    if let Some(tag) = web::read_tag(place) {
        return Some(tag);
    }
    if !digits(&place.text[end..]).is_empty() {
        return Reading::new(end, "number");
    }
    let note = letters_before(place).len() == 1;
    Reading::new(end, if note { "sharp" } else { "hash" })
}

fn letters_before<'a>(place: &Place<'a>) -> &'a str {
    place.text[..place.at].rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or("")
}

/// `x^2`.
fn power_mark(place: &Place<'_>, end: usize) -> Option<Reading> {
    let run = digits(&place.text[end..]);
    match run {
        "2" => Reading::new(end + 1, "squared"),
        "3" => Reading::new(end + 1, "cubed"),
        _ => Reading::new(end, "to the power of"),
    }
}

/// `x²`, `10⁶`, `10⁻³`.
fn superscript(place: &Place<'_>) -> Option<Reading> {
    let mut end = place.at;
    let mut power = String::new();
    let mut negative = false;
    for c in place.rest().chars() {
        match c {
            '⁻' if power.is_empty() => negative = true,
            '¹' => power.push('1'),
            '²' => power.push('2'),
            '³' => power.push('3'),
            '⁰' => power.push('0'),
            '⁴'..='⁹' => power.extend(char::from_digit(u32::from(c) - 0x2070, 10)),
            _ => break,
        }
        end += c.len_utf8();
    }
    let spoken = match (negative, power.as_str()) {
        (_, "") => "minus".into(),
        (false, "2") => "squared".into(),
        (false, "3") => "cubed".into(),
        (_, digits) => {
            let sign = if negative { "minus " } else { "" };
            format!("to the power of {sign}{}", numbers::cardinal(digits, place.dialect()))
        }
    };
    Reading::new(end, spoken)
}

/// `and/or`, `he/she`, `w/o`; other slashes between words are said, spaced ones end a line of verse.
fn slash(place: &Place<'_>, end: usize) -> Option<Reading> {
    let before = letters_before(place);
    let after = letters(&place.text[end..]);
    if before.is_empty() && after.is_empty() && !beside_figures(place, end) {
        return None;
    }
    if before == "and" && after == "or" {
        return Reading::new(end, " ");
    }
    let pair = format!("{}/{}", before.to_lowercase(), after.to_lowercase());
    Reading::new(end, if OR.contains(&pair.as_str()) { "or" } else { "slash" })
}

/// `w/o` and `w/`.
pub(super) fn read_with(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    if rest.starts_with("w/o") && !goes_on(&rest[3..]) {
        return Reading::new(place.at + 3, "without");
    }
    if rest.starts_with("s/he") && !goes_on(&rest[4..]) {
        return Reading::new(place.at + 4, "she or he");
    }
    let with = rest.starts_with("w/") && rest[2..].starts_with(' ');
    if with { Reading::new(place.at + 2, "with") } else { None }
}
