//! Names of letters and digits: the last resort for what can be read in no other way.

use super::Accent;

/// Letters a to z in American English.
const LETTERS: [&str; 26] = [
    "ˈA",
    "bˈi",
    "sˈi",
    "dˈi",
    "ˈi",
    "ˈɛf",
    "ʤˈi",
    "ˈAʧ",
    "ˈI",
    "ʤˈA",
    "kˈA",
    "ˈɛl",
    "ˈɛm",
    "ˈɛn",
    "ˈO",
    "pˈi",
    "kjˈu",
    "ˈɑɹ",
    "ˈɛs",
    "tˈi",
    "jˈu",
    "vˈi",
    "dˈʌbᵊlju",
    "ˈɛks",
    "wˈI",
    "zˈi",
];

/// Digits 0 to 9 in American English.
const DIGITS: [&str; 10] = ["zˈɪɹO", "wˈʌn", "tˈu", "θɹˈi", "fˈɔɹ", "fˈIv", "sˈɪks", "sˈɛvən", "ˈAt", "nˈIn"];

/// What British English says differently.
const BRITISH: [(char, &str); 11] = [
    ('b', "bˈiː"),
    ('c', "sˈiː"),
    ('d', "dˈiː"),
    ('e', "ˈiː"),
    ('o', "ˈQ"),
    ('r', "ˈɑː"),
    ('t', "tˈiː"),
    ('u', "jˈuː"),
    ('z', "zˈɛd"),
    ('0', "zˈɪəɹQ"),
    ('4', "fˈɔː"),
];

/// The name of a letter or digit. Accents are left out: é is E.
pub(super) fn name(character: char, accent: Accent) -> Option<&'static str> {
    let plain = any_ascii::any_ascii_char(character).chars().next()?.to_ascii_lowercase();
    if accent == Accent::British
        && let Some((_, name)) = BRITISH.iter().find(|(known, _)| *known == plain)
    {
        return Some(name);
    }
    match plain {
        'a'..='z' => LETTERS.get(usize::from(plain as u8 - b'a')).copied(),
        '0'..='9' => DIGITS.get(usize::from(plain as u8 - b'0')).copied(),
        _ => None,
    }
}

/// A word letter by letter. Empty if it has neither letters nor digits that have a name.
pub(super) fn spell(word: &str, accent: Accent) -> String {
    let names: Vec<&str> = word
        .chars()
        .filter(|c| c.is_alphanumeric())
        .filter_map(|character| name(character, accent))
        .collect();
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_and_digit_has_a_name() {
        for character in ('a'..='z').chain('A'..='Z').chain('0'..='9') {
            assert!(
                name(character, Accent::American).is_some() && name(character, Accent::British).is_some()
            );
        }
        assert_eq!(spell("Zé4", Accent::American), "zˈi ˈi fˈɔɹ");
        assert_eq!(spell("Zé4", Accent::British), "zˈɛd ˈiː fˈɔː");
        assert_eq!(spell("…*", Accent::American), "");
    }
}
