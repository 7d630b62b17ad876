//! Text as the words that are compared: without case, marks and the ways of writing a number.

use super::sound;

/// A word of a text or of a transcript.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Its letters, in lower case.
    pub(super) letters: String,
    /// Its consonants as they sound, see [`sound::of`].
    pub(super) sound: String,
    /// What kind of word it is.
    pub(super) kind: Kind,
}

/// Kinds of words. A recogniser spells names as it likes and numbers in digits, so both prove little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An ordinary word.
    Plain,
    /// A word with a capital inside a sentence.
    Name,
    /// A whole number, of however many words or digits.
    Number,
}

/// Words that a number is made of, beside digits.
const NUMBERS: &str = "\
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred \
    thousand million billion trillion dozen first second third fourth fifth sixth seventh eighth ninth \
    tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth \
    twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth hundredth thousandth \
    millionth hundreds thousands millions ones twos twenties thirties forties fifties sixties seventies \
    eighties nineties half quarter thirds quarters";

/// Words that belong to a number when they stand after one: recognisers write them as signs, or not at all.
const UNITS: &str = "dollar dollars cent cents pound pounds euro euros percent oclock degrees";

/// Words that belong to a number when they stand between two.
const JOINTS: &str = "and point a minus to oh";

/// Abbreviations that recognisers prefer to the words.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("mr", "mister"),
    ("mrs", "missus"),
    ("ms", "miss"),
    ("dr", "doctor"),
    ("st", "saint"),
    ("vs", "versus"),
    ("ok", "okay"),
];

/// Letters that must stand in a row to be a word spelt out.
const SPELT: usize = 3;

/// The words of a text, or of what was heard.
pub(super) fn words(text: &str) -> Vec<Word> {
    let tokens = tokens(text);
    // A heading, a verse or shouting: capitals everywhere tell nothing.
    let capitals = tokens.iter().filter(|token| token.capital).count();
    let names = capitals * 2 <= tokens.len();
    let mut words = Vec::with_capacity(tokens.len());
    let mut rest = tokens.as_slice();
    while let Some(token) = rest.first() {
        let number = number_length(rest);
        let (kind, length) = match number {
            0 if names && token.capital && !token.opens_sentence && token.letters != "i" => (Kind::Name, 1),
            0 => (Kind::Plain, 1),
            length => (Kind::Number, length),
        };
        let letters: String = rest[..length].iter().map(|token| token.letters.as_str()).collect();
        words.push(Word { sound: sound::of(&letters), letters, kind });
        rest = &rest[length..];
    }
    words
}

/// Tokens at the beginning that are one number.
fn number_length(tokens: &[Token]) -> usize {
    let is = |list: &str, n: usize| {
        tokens.get(n).is_some_and(|token| list.split(' ').any(|word| word == token.letters))
    };
    let number = |n: usize| is(NUMBERS, n) || tokens.get(n).is_some_and(Token::is_figure);
    let mut length = 0;
    while number(length) || (length > 0 && is(JOINTS, length) && number(length + 1)) {
        length += 1;
    }
    if length > 0 && is(UNITS, length) { length + 1 } else { length }
}

/// Letters and digits that stand together.
#[derive(Debug, Clone)]
struct Token {
    letters: String,
    capital: bool,
    opens_sentence: bool,
    roman: bool,
}

impl Token {
    /// Whether it is written in digits, or in Roman ones.
    fn is_figure(&self) -> bool {
        self.roman || self.letters.starts_with(|c: char| c.is_ascii_digit())
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut written = String::new();
    let mut opens_sentence = true;
    let mut characters = text.chars().filter(|c| !is_silent(*c)).peekable();
    while let Some(character) = characters.next() {
        let inside = characters.peek().copied();
        if character.is_alphanumeric() {
            written.push(character);
            // A point or a comma between digits is part of the number.
            if character.is_ascii_digit() && matches!(inside, Some(',' | '.' | ':')) {
                let mut ahead = characters.clone();
                ahead.next();
                if ahead.next().is_some_and(|c| c.is_ascii_digit()) {
                    characters.next();
                }
            }
            continue;
        }
        push(&mut tokens, &mut written, &mut opens_sentence);
        match character {
            '&' => push(&mut tokens, &mut "and".to_owned(), &mut opens_sentence),
            '.' | '!' | '?' | ':' | ';' | '"' | '“' | '”' | '—' | '–' | '\n' => opens_sentence = true,
            _ => {}
        }
    }
    push(&mut tokens, &mut written, &mut opens_sentence);
    join_spelt(tokens)
}

/// Letters in a row are a word that was spelt out.
fn join_spelt(tokens: Vec<Token>) -> Vec<Token> {
    let single = |token: &Token| token.letters.chars().count() == 1 && !token.is_figure();
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for run in tokens.chunk_by(|one, other| single(one) && single(other)) {
        let parts = if run.len() < SPELT { run.len() } else { 1 };
        for part in run.chunks(run.len() / parts) {
            joined.push(Token {
                letters: part.iter().map(|t| t.letters.as_str()).collect(),
                ..part[0].clone()
            });
        }
    }
    joined
}

/// Marks that do not part a word: apostrophes, which stand in `don't` and `o'er`, and combining accents.
fn is_silent(character: char) -> bool {
    matches!(character, '\'' | '’' | '‘' | 'ʼ' | '\u{300}'..='\u{36f}' | '\u{ad}')
}

fn push(tokens: &mut Vec<Token>, written: &mut String, opens_sentence: &mut bool) {
    if written.is_empty() {
        return;
    }
    let lower = written.to_lowercase();
    let letters =
        ABBREVIATIONS.iter().find(|(short, _)| *short == lower).map_or(lower, |(_, long)| (*long).to_owned());
    tokens.push(Token {
        letters,
        // All capitals are emphasis or an initial, and only the latter may be a name.
        capital: written.starts_with(char::is_uppercase)
            && (written.chars().count() == 1 || written.chars().any(char::is_lowercase)),
        opens_sentence: *opens_sentence,
        roman: written.len() > 1 && written.chars().all(|c| "IVXLC".contains(c)),
    });
    written.clear();
    *opens_sentence = false;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.letters).collect()
    }

    fn kinds(text: &str) -> Vec<Kind> {
        words(text).into_iter().map(|word| word.kind).collect()
    }

    #[test]
    fn case_marks_and_apostrophes_do_not_matter() {
        assert_eq!(written("“Don’t,” she said—twice: a to-day."), written("dont she said twice a to day"));
    }

    #[test]
    fn an_accent_does_not_part_a_word() {
        assert_eq!(written("cafe\u{301} noir"), ["cafe", "noir"]);
    }

    #[test]
    fn a_number_is_one_word_however_it_is_written() {
        use Kind::{Number, Plain};
        for number in [
            "1,851",
            "eighteen hundred and fifty-one",
            "XIV",
            "3.5",
            "three point five",
            "twenty dollars",
            "21st",
            "12:30",
        ] {
            assert_eq!(kinds(&format!("about {number} of them")), [Plain, Number, Plain, Plain], "{number}");
        }
    }

    #[test]
    fn what_stands_between_numbers_alone_belongs_to_them() {
        use Kind::{Number, Plain};
        assert_eq!(kinds("one and all"), [Number, Plain, Plain]);
        assert_eq!(kinds("a pound of salt"), [Plain; 4]);
    }

    #[test]
    fn a_capital_inside_a_sentence_makes_a_name() {
        use Kind::{Name, Plain};
        assert_eq!(
            kinds("They saw Ahab. He stood; and I ran."),
            [Plain, Plain, Name, Plain, Plain, Plain, Plain, Plain]
        );
    }

    #[test]
    fn a_word_that_is_spelt_out_is_one_word() {
        assert_eq!(written("O-B-E-D Macy, or I"), ["obed", "macy", "or", "i"]);
    }

    #[test]
    fn words_in_capitals_are_no_names() {
        assert!(kinds("stick TO THE BOAT is the motto").iter().all(|kind| *kind == Kind::Plain));
    }

    #[test]
    fn capitals_everywhere_make_no_names() {
        assert!(kinds("The Whiteness of The Great Whale").iter().all(|kind| *kind == Kind::Plain));
    }

    #[test]
    fn an_abbreviation_is_the_word_it_stands_for() {
        assert_eq!(written("Mr. Starbuck & Mrs. Hussey"), ["mister", "starbuck", "and", "missus", "hussey"]);
    }
}
