//! Letters and digits in one token: `B2B`, `MP3`, `R2-D2`, `4x4`, `1080p`, and aeroplanes by number alone.

use super::acronyms::dotted;
use super::numbers::{after_pair, cardinal, name_of_three, one_by_one, plural, small};
use super::place::{Place, Reading, digits, goes_on, letters};

/// Three digits that are a name: aeroplanes.
const NAMES: [&str; 8] = ["707", "717", "727", "737", "747", "757", "767", "787"];

/// Words before three digits that are a name.
const NAMED: &[&str] = &[
    "Boeing",
    "Airbus",
    "Flight",
    "flight",
    "Route",
    "route",
    "Highway",
    "Interstate",
    "Room",
    "room",
    "Porsche",
];

/// Digits inside a code.
fn code_digits(run: &str) -> String {
    let number: u32 = run.parse().unwrap_or(u32::MAX);
    let american = super::context::Dialect::American;
    match run.len() {
        _ if run.starts_with('0') => one_by_one(run, "oh"),
        1 | 2 => small(number, american),
        3 => name_of_three(number),
        4 if run.ends_with("000") => cardinal(run, american),
        4 => format!("{} {}", small(number / 100, american), after_pair(number % 100, "hundred")),
        _ => one_by_one(run, "oh"),
    }
}

/// Letters inside a code: capitals one by one, other words as they are.
fn code_letters(run: &str) -> String {
    if run.chars().all(char::is_uppercase) { dotted(run) } else { run.to_owned() }
}

/// A token of letters and digits, with hyphens between such tokens.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    if let Some(reading) = dimensions(place) {
        return Some(reading);
    }
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let token = &rest[..end];
    let mixed = token.bytes().any(|b| b.is_ascii_digit()) && token.bytes().any(|b| b.is_ascii_alphabetic());
    // A grouped figure: `L100,000` is a sum of pounds in old type.
    let grouped = rest[end..].strip_prefix(',').is_some_and(|rest| digits(rest).len() == 3);
    if !mixed || goes_on(&rest[end..]) || (grouped && token.ends_with(|c: char| c.is_ascii_digit())) {
        return None;
    }
    let mut words: Vec<String> = Vec::new();
    let mut left = token;
    while !left.is_empty() {
        let run = digits(left);
        if run.is_empty() {
            let run = letters(left);
            words.push(code_letters(run));
            left = &left[run.len()..];
        } else {
            let digits = code_digits(run);
            left = &left[run.len()..];
            // `B-52s`: several of them.
            if left == "s" {
                words.push(plural(&digits));
                left = "";
            } else {
                words.push(digits);
            }
        }
    }
    let mut end = place.at + end;
    // `R2-D2`: the hyphen joins two codes.
    if let Some(rest) = place.text[end..].strip_prefix('-')
        && rest.bytes().take_while(u8::is_ascii_alphanumeric).any(|b| b.is_ascii_digit())
        && let Some(second) = read(&place.moved(end + 1))
    {
        words.push(second.spoken);
        end = second.end;
    }
    Reading::new(end, words.join(" "))
}

/// `4x4`, `5 x 7`, `1920×1080`.
fn dimensions(place: &Place<'_>) -> Option<Reading> {
    let first = super::figure::at(place.text, place.at)?;
    let rest = place.text[first.end..].trim_start_matches(' ');
    let after = rest.strip_prefix(['x', 'X', '×'])?;
    let start = place.text.len() - after.trim_start_matches(' ').len();
    let second = super::figure::at(place.text, start)?;
    let sum = place.text[second.end..].trim_start_matches(' ').starts_with('=');
    if sum || (goes_on(&place.text[second.end..]) && !place.text[second.end..].starts_with(['x', 'X', '×']))
    {
        return None;
    }
    Reading::new(
        second.end,
        format!("{} by {}", first.spoken(place.dialect()), second.spoken(place.dialect())),
    )
}

/// Capitals and figures with a hyphen: `F-16`, `COVID-19`, `C-3PO`.
pub(super) fn read_hyphenated(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    let head = letters(rest);
    if head.is_empty() || head.len() > 2 || !head.bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    let tail = rest[head.len()..].strip_prefix('-')?;
    let run = digits(tail);
    let start = place.at + head.len() + 1;
    if run.is_empty() {
        return None;
    }
    if goes_on(&tail[run.len()..]) {
        let code = read(&place.moved(start))?;
        return Reading::new(code.end, format!("{} {}", dotted(head), code.spoken));
    }
    Reading::new(start + run.len(), format!("{} {}", dotted(head), code_digits(run)))
}

/// Three digits that are a name: `747`, `Flight 370`, "call 911".
pub(super) fn read_name(place: &Place<'_>) -> Option<Reading> {
    let run = digits(place.rest());
    let end = place.at + run.len();
    let next = &place.text[end..];
    let bounded =
        !goes_on(next) && !next.starts_with(['.', ',', ':', '/', '%', '°', '-', '–']) || ends_here(next);
    if run.len() != 3 || run.starts_with('0') || !bounded {
        return None;
    }
    let before = place.previous_word();
    if run == "911"
        && ["call", "called", "calls", "dial", "dialed", "dialled", "dials", "calling"].contains(&before)
    {
        return Reading::new(end, "nine one one");
    }
    let counted = place.next_word(end).ends_with('s') && !NAMED.contains(&before);
    if (NAMES.contains(&run) && !counted) || NAMED.contains(&before) {
        return Reading::new(end, name_of_three(run.parse().ok()?));
    }
    None
}

/// Whether only a mark and then no letter or digit follows: the end of a clause.
fn ends_here(next: &str) -> bool {
    next.strip_prefix(['.', ',', ':']).is_some_and(|rest| !goes_on(rest))
}
