//! What the pronouncer is fed: text without the characters that it trips over or reads as instructions.

use unicode_normalization::UnicodeNormalization;

/// The longest run without a space that is passed on whole. Beyond it the tokenizer's patterns get slow, and no
/// word is so long.
const LONGEST_RUN: usize = 64;

/// Text as the pronouncer wants it: composed characters, single spaces, straight apostrophes, no markup, letters
/// of scripts other than those that `reads` knows written in Latin letters.
pub(super) fn clean(text: &str, reads: impl Fn(char) -> bool) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut run = 0;
    for character in text.nfc() {
        let mut push = |character: char| {
            if character.is_whitespace() {
                if !clean.is_empty() && !clean.ends_with(' ') {
                    clean.push(' ');
                }
                run = 0;
            } else if !character.is_control() {
                if run == LONGEST_RUN {
                    clean.push(' ');
                    run = 0;
                }
                clean.push(character);
                run += 1;
            }
        };
        match character {
            // The pronouncer reads [word](/fəˈnimz/) as an instruction.
            '[' | '{' | '⟨' | '⟦' => push('('),
            ']' | '}' | '⟩' | '⟧' => push(')'),
            '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{ff07}' => push('\''),
            '\u{ad}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' => {}
            // The mark for unknown words is not a word.
            '❓' => push('?'),
            _ if character.is_ascii() || reads(character) || !character.is_alphanumeric() => push(character),
            _ => any_ascii::any_ascii_char(character).chars().for_each(&mut push),
        }
    }
    clean.truncate(clean.trim_end().len());
    ascii_before_ing(&clean)
}

/// Text in which the character before each "ing" is an ASCII one: "Strassing" for "Straßing". The pronouncer takes
/// away four bytes of such a word to look for its stem, and panics where they are not four characters.
fn ascii_before_ing(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        let after = &text[at + character.len_utf8()..];
        let before_ing = after.get(..3).is_some_and(|next| next.eq_ignore_ascii_case("ing"));
        match before_ing && !character.is_ascii() {
            true if character.is_alphanumeric() => safe.push_str(any_ascii::any_ascii_char(character)),
            true => safe.extend([character, ' ']),
            false => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latin(character: char) -> bool {
        ('\u{c0}'..='\u{17f}').contains(&character)
    }

    #[test]
    fn markup_of_the_pronouncer_is_plain_text() {
        assert_eq!(clean("[five](+2) [x](/y/)", latin), "(five)(+2) (x)(/y/)");
    }

    #[test]
    fn invisible_characters_go_and_white_space_is_one_space() {
        assert_eq!(clean(" co\u{ad}op\u{200b}er\u{feff}ate \n\t now\u{0}\u{7} ", latin), "cooperate now");
    }

    #[test]
    fn letters_of_other_scripts_become_latin_ones() {
        assert_eq!(clean("Москва, cafe\u{301} and ﬁsh", latin), "Moskva, café and fish");
    }

    #[test]
    fn an_ing_stands_behind_a_character_of_one_byte() {
        assert_eq!(clean("Straßing, STRAẞING, doing, ing", |_| true), "Strassing, STRASsING, doing, ing");
        assert_eq!(clean("\u{11366}ing, café ings", |_| true), "\u{11366} ing, café ings");
    }

    #[test]
    fn endless_words_are_broken() {
        let clean = clean(&"a".repeat(1000), latin);
        assert!(clean.split(' ').all(|word| word.len() <= LONGEST_RUN));
        assert_eq!(clean.replace(' ', "").len(), 1000);
    }
}
