//! Capitals: initialisms that are said letter by letter, acronyms that are words, and words that are shouted.
//!
//! Letters are written with full stops between them and none after them (`F.B.I`): the grapheme-to-phoneme step
//! reads that form as letters whatever its part of speech and whichever of the letters make a word, which
//! neither `FBI` nor `F B I` guarantees (`US` is "us", `A M` is "a m").

use super::capitals::{self, Sound};
use super::place::{Case, Place, Reading, goes_on};

/// Degrees and the like that mix cases.
const MIXED: [(&str, &str); 12] = [
    ("PhD", "P.H.D"),
    ("PhDs", "P.H.D's"),
    ("BSc", "B.S.C"),
    ("MSc", "M.S.C"),
    ("BEd", "B.Ed"),
    ("MPhil", "M Phil"),
    ("DPhil", "D Phil"),
    ("LLb", "L.L.B"),
    ("kHz", "kilohertz"),
    ("MHz", "megahertz"),
    ("GHz", "gigahertz"),
    ("TVs", "T.V's"),
];

/// Letters with full stops between them.
pub(super) fn dotted(letters: &str) -> String {
    let mut spoken = String::with_capacity(letters.len() * 2);
    for c in letters.chars() {
        if !spoken.is_empty() {
            spoken.push('.');
        }
        spoken.extend(c.to_uppercase());
    }
    spoken
}

/// `NASA` as the name `Nasa`.
fn title(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_string() + &chars.as_str().to_lowercase())
}

/// A token of two or more capitals, with its plural or possessive `s`.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let token = &rest[..length];
    if let Some((_, spoken)) = MIXED.iter().find(|(written, _)| *written == token) {
        return Reading::new(place.at + length, *spoken);
    }
    if let Some(reading) = joined_by_ampersand(place, token) {
        return Some(reading);
    }
    let stem = token.strip_suffix('s').unwrap_or(token);
    if stem.len() < 2 || !stem.chars().all(char::is_uppercase) || goes_on(&rest[length..]) {
        return None;
    }
    let (plural, mut end) = match (token.len() > stem.len(), &rest[length..]) {
        (true, _) => (true, length),
        (false, tail) if tail.starts_with("'s") && !goes_on(&tail[2..]) => (true, length + 2),
        (false, _) => (false, length),
    };
    // Words with an apostrophe are whole words: DON'T, I'LL.
    if !plural && capitals::contraction(&rest[length..]).is_some() {
        return shouted_contraction(place, stem);
    }
    let possessive = end > length;
    let sound = match place.case {
        Case::Shouted => capitals::sound_in_shouting(stem),
        Case::Mixed => capitals::sound(place, stem),
    };
    let suffix = match (plural, sound) {
        (false, _) => "",
        (true, Sound::Letters) => "'s",
        (true, _) if possessive => "'s",
        (true, _) => "s",
    };
    let spoken = match sound {
        Sound::Letters => dotted(stem) + suffix,
        Sound::Name => title(stem) + suffix,
        Sound::Word => cased(place, stem) + suffix,
        Sound::Said(words) => words.to_owned() + suffix,
    };
    // `MR.` and `DR.`: the full stop belongs to the abbreviation.
    let abbreviated = matches!(sound, Sound::Said(_)) && stem != "OK" && rest[end..].starts_with('.');
    if abbreviated && !place.ends_sentence(place.at + end + 1) {
        end += 1;
    }
    Reading::new(place.at + end, spoken)
}

/// A shouted word in small letters, with a capital where a sentence starts.
fn cased(place: &Place<'_>, word: &str) -> String {
    if place.starts_sentence() { title(word) } else { word.to_lowercase() }
}

/// `DON'T`, `I'M`, `O'CLOCK` in capitals.
fn shouted_contraction(place: &Place<'_>, stem: &str) -> Option<Reading> {
    let tail = capitals::contraction(&place.rest()[stem.len()..])?;
    let word = if stem == "I" { stem.to_owned() } else { cased(place, stem) };
    Reading::new(place.at + stem.len() + tail.len(), word + &tail.to_lowercase())
}

/// `I'M` and `I'LL`, whose first part is a single capital.
pub(super) fn read_single(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    let stem = &rest[..1];
    let tail = capitals::contraction(&rest[1..])?;
    if tail.len() < 2 || !tail[1..].bytes().all(|b| b.is_ascii_uppercase()) {
        return None;
    }
    if stem == "I" || stem == "O" {
        return Reading::new(
            place.at + 1 + tail.len(),
            if stem == "I" { stem.to_owned() } else { cased(place, stem) } + &tail.to_lowercase(),
        );
    }
    None
}

/// `AT&T`, `R&B`, `Q&A`.
fn joined_by_ampersand(place: &Place<'_>, token: &str) -> Option<Reading> {
    let rest = place.rest();
    let second = super::place::letters(rest[token.len()..].strip_prefix('&')?);
    let capitals = |word: &str| !word.is_empty() && word.len() <= 3 && word.chars().all(char::is_uppercase);
    if !capitals(token) || !capitals(second) {
        return None;
    }
    Reading::new(
        place.at + token.len() + 1 + second.len(),
        format!("{} and {}", dotted(token), dotted(second)),
    )
}
