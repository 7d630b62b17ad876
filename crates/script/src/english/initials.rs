//! Initials and dotted initialisms: `J. K. Rowling`, `U.S.A.`, `Ph.D.`, `A. Smith`.

use super::place::{Place, Reading, goes_on, is_capitalised};

/// Degrees with groups of letters between the full stops.
const DEGREES: [(&str, &str); 12] = [
    ("Ph.D", "P.H.D"),
    ("Ph. D", "P.H.D"),
    ("M.Sc", "M.S.C"),
    ("B.Sc", "B.S.C"),
    ("Ed.D", "E.D.D"),
    ("D.Phil", "D Phil"),
    ("M.Phil", "M Phil"),
    ("Litt.D", "Litt D"),
    ("LL.D", "L.L.D"),
    ("LL.B", "L.L.B"),
    ("B.Ed", "B Ed"),
    ("D.Sc", "D.S.C"),
];

/// The rule, at a capital.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    if let Some((written, spoken)) = DEGREES.iter().find(|(w, _)| rest.starts_with(w)) {
        let end = place.at + written.len();
        if !goes_on(&place.text[end..]) {
            return Reading::new(with_stop(place, end), *spoken);
        }
    }
    let bytes = rest.as_bytes();
    if bytes.get(1) != Some(&b'.') {
        return None;
    }
    let mut letters = Vec::new();
    let (mut at, mut end) = (0, 0);
    while bytes.get(at).is_some_and(u8::is_ascii_uppercase) && bytes.get(at + 1) == Some(&b'.') {
        letters.push(char::from(bytes[at]));
        end = at + 1;
        at += 2;
        if bytes.get(at) == Some(&b' ') && bytes.get(at + 2) == Some(&b'.') {
            at += 1;
        }
    }
    // The last letter needs no stop: `U.S`, `F.B.I`.
    let bare =
        bytes.get(at).is_some_and(u8::is_ascii_uppercase) && at == end + 1 && !goes_on(&rest[at + 1..]);
    if bare {
        letters.push(char::from(bytes[at]));
        return Reading::new(place.at + at + 1, joined(&letters));
    }
    if letters.len() > 1 {
        return Reading::new(with_stop(place, place.at + end), joined(&letters));
    }
    single(place, letters.first().copied()?)
}

fn joined(letters: &[char]) -> String {
    letters.iter().map(char::to_string).collect::<Vec<_>>().join(".")
}

/// Takes the last full stop along, unless it also ends the sentence.
fn with_stop(place: &Place<'_>, end: usize) -> usize {
    if place.text[end..].starts_with('.') && !place.ends_sentence(end + 1) { end + 1 } else { end }
}

/// One initial before a name.
fn single(place: &Place<'_>, letter: char) -> Option<Reading> {
    let end = place.at + 2;
    let name = is_capitalised(place.next_word(end));
    // "So do I. He went": the pronoun ends sentences, the initial stands beside other names.
    let pronoun =
        letter == 'I' && !is_capitalised(place.previous_word()) && !place.previous_token().is_empty();
    if name && !pronoun && !place.ends_sentence(end) { Reading::new(end, letter.to_string()) } else { None }
}
