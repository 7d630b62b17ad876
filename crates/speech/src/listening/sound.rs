//! How words sound, as far as spelling tells: enough to know a homophone, another spelling, or an old name that a
//! recogniser has never seen.

/// The consonants of a word, voiced and voiceless ones alike, so that what a recogniser takes for another is equal.
/// Vowels are left out; one at the beginning is `A`.
pub(super) fn of(letters: &str) -> String {
    let letters: Vec<char> = letters.chars().collect();
    let mut sound = String::new();
    let mut at = 0;
    while at < letters.len() {
        let (class, length) = consonant(&letters, at);
        // A doubled letter sounds once, but not two that a vowel parts.
        if let Some(class) = class.or((at == 0).then_some('A'))
            && !(length == 1 && at > 0 && letters[at - 1] == letters[at])
        {
            sound.push(class);
        }
        at += length;
    }
    sound
}

/// The class of the consonant that begins at a place, if one sounds there, and how many letters it has.
fn consonant(letters: &[char], at: usize) -> (Option<char>, usize) {
    let next = letters.get(at + 1).copied().unwrap_or(' ');
    let after = letters.get(at + 2).copied().unwrap_or(' ');
    let soft = matches!(next, 'e' | 'i' | 'y');
    match (letters[at], next) {
        ('p', 'h') => (Some('F'), 2),
        ('g', 'h') if at == 0 => (Some('K'), 2),
        ('g', 'h') => (None, 2),
        ('k' | 'g', 'n') if at == 0 => (Some('N'), 2),
        ('p', 's') if at == 0 => (Some('S'), 2),
        ('w', 'r') if at == 0 => (Some('R'), 2),
        ('w', 'h') => (Some('W'), 2),
        ('c', 'k') => (Some('K'), 2),
        ('t', 'c') if after == 'h' => (Some('X'), 3),
        ('c' | 's', 'h') => (Some('X'), 2),
        ('t', 'h') => (Some('T'), 2),
        ('t', 'i') if after == 'o' => (Some('X'), 1),
        ('m', 'b') if letters.len() == at + 2 => (Some('M'), 2),
        ('s', 'c') if matches!(after, 'e' | 'i' | 'y') => (Some('S'), 2),
        ('d', 'g') => (Some('X'), 2),
        ('b' | 'p', _) => (Some('P'), 1),
        ('f' | 'v', _) => (Some('F'), 1),
        ('d' | 't', _) => (Some('T'), 1),
        ('c', _) if soft => (Some('S'), 1),
        ('g', _) if soft => (Some('X'), 1),
        ('c' | 'g' | 'k' | 'q', _) => (Some('K'), 1),
        ('j', _) => (Some('X'), 1),
        ('s' | 'x' | 'z', _) => (Some('S'), 1),
        ('l', _) => (Some('L'), 1),
        ('m', _) => (Some('M'), 1),
        ('n', _) => (Some('N'), 1),
        ('r', _) => (Some('R'), 1),
        ('w', _) if at == 0 => (Some('W'), 1),
        ('y', _) if at == 0 => (Some('Y'), 1),
        (digit, _) if digit.is_ascii_digit() => (Some(digit), 1),
        _ => (None, 1),
    }
}

/// Changes of one letter that make one of two strings into the other.
pub(super) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

/// How much of the longer of two sounds is in the other in the same order, from 0 to 1. Two silences are alike.
pub(super) fn likeness(one: &str, other: &str) -> f64 {
    let longest = one.chars().count().max(other.chars().count());
    if longest == 0 {
        return 1.0;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row = vec![0_usize; other.len() + 1];
    for a in one.chars() {
        let mut diagonal = 0;
        for (j, b) in other.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if a == *b { diagonal + 1 } else { above.max(row[j]) };
            diagonal = above;
        }
    }
    row[other.len()] as f64 / longest as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn homophones_and_other_spellings_sound_alike() {
        for (one, other) in [
            ("their", "there"),
            ("night", "knight"),
            ("colour", "color"),
            ("realise", "realize"),
            ("centre", "center"),
            ("grey", "gray"),
            ("write", "right"),
            ("phantom", "fantom"),
            ("judgement", "judgment"),
            ("sceptre", "septer"),
            ("traveller", "traveler"),
        ] {
            assert_eq!(of(one), of(other), "{one} and {other}");
        }
    }

    #[test]
    fn other_words_sound_otherwise() {
        for (one, other) in [("whale", "ship"), ("harpoon", "captain"), ("sea", "land"), ("night", "morning")]
        {
            assert_ne!(of(one), of(other), "{one} and {other}");
        }
    }

    proptest! {
        #[test]
        fn a_distance_is_one_and_agrees_with_likeness_at_its_ends(one in "[a-d]{0,9}", other in "[a-d]{0,9}") {
            prop_assert_eq!(distance(&one, &other), distance(&other, &one));
            prop_assert_eq!(distance(&one, &other) == 0, one == other);
            prop_assert!(distance(&one, &other) <= one.len().max(other.len()));
            prop_assert_eq!(likeness(&one, &other), likeness(&other, &one));
            prop_assert_eq!(likeness(&one, &other) == 1.0, one == other);
        }

        #[test]
        fn every_word_of_any_script_has_a_sound_or_none(word in "\\PC{0,20}") {
            prop_assert!(of(&word).len() <= word.chars().count() * 4);
        }
    }
}
