//! What a line of plain text must look like to be taken for a heading. A chapter that is missed costs a mark;
//! prose taken for a heading costs a wrong mark, so that every rule asks for two signs.

use crate::SectionRole;
use crate::roles::{is_number, is_roman, role_by_title};

use super::lines::lines;

/// Longest heading, in characters, and in lines.
const LONGEST: usize = 120;
const MOST_LINES: usize = 3;

/// What kind of heading a paragraph may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) enum Candidate {
    /// "CHAPTER I", "Part Two. The Sea": sure.
    Numbered {
        role: SectionRole,
        /// Whether words follow the number in its line.
        titled: bool,
    },
    /// "PROLOGUE", "Contents": sure.
    Named(SectionRole),
    /// "IV." or "12": a chapter where such numbers count up.
    Numeral(u32),
    /// "THE LIGHTHOUSE": a chapter where the file has no surer ones.
    Capitals,
}

/// What heading a paragraph may be.
pub(in crate::formats) fn candidate(paragraph: &str) -> Option<Candidate> {
    if paragraph.len() > LONGEST * 4 || paragraph.chars().count() > LONGEST {
        return None;
    }
    let mut each = lines(paragraph).map(str::trim);
    let first = each.next()?;
    if each.count() >= MOST_LINES {
        return None;
    }
    if let Some(candidate) = numbered(first) {
        return Some(candidate);
    }
    let whole = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(number) = numeral(&whole) {
        return Some(Candidate::Numeral(number));
    }
    let capitals = is_capitals(&whole);
    match role_by_title(&whole) {
        Some(SectionRole::Chapter | SectionRole::Part) => None,
        Some(role) if capitals || is_title(&whole) => Some(Candidate::Named(role)),
        _ => capitals.then_some(Candidate::Capitals),
    }
}

/// Whether a short paragraph may be the title under a chapter's number.
pub(super) fn is_subtitle(paragraph: &str) -> bool {
    if paragraph.len() > LONGEST * 4 {
        return false;
    }
    let whole = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    whole.chars().count() <= LONGEST && (is_capitals(&whole) || is_title(&whole)) && numeral(&whole).is_none()
}

/// "CHAPTER XII", "Chapter 12. The Door", "Part the First: Rain".
fn numbered(line: &str) -> Option<Candidate> {
    let role = match role_by_title(line)? {
        role @ (SectionRole::Chapter | SectionRole::Part) => role,
        _ => return None,
    };
    if !line.starts_with(|c: char| c.is_uppercase()) {
        return None;
    }
    let (_, mut rest) = line.split_once(char::is_whitespace)?;
    rest = rest.trim_start();
    let mut word = rest.split_whitespace().next()?;
    if word.eq_ignore_ascii_case("the") {
        rest = rest[word.len()..].trim_start();
        word = rest.split_whitespace().next()?;
    }
    let number = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let after = &rest[number.len()..];
    if !is_number(number) {
        return None;
    }
    let title = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    let parted = after.starts_with(['.', ':', '-', '\u{2013}', '\u{2014}', ')', ']'])
        || after.trim_start().starts_with(['-', '\u{2013}', '\u{2014}', ':'])
        || after.starts_with(',') && role == SectionRole::Chapter;
    // Without a mark between, the words must look like a title: "Part one of the plan failed." does not.
    (title.is_empty() || parted || is_capitals(title) || is_title(title))
        .then_some(Candidate::Numbered { role, titled: !title.is_empty() })
}

/// A bare number as a heading: `IV`, `IV.`, `12.`, `[3]` is none.
fn numeral(text: &str) -> Option<u32> {
    let bare = text.strip_suffix('.').unwrap_or(text);
    if bare.bytes().all(|b| b.is_ascii_digit()) {
        return bare.parse().ok().filter(|n| (1..1000).contains(n));
    }
    (bare.len() <= 8 && bare.bytes().all(|b| b.is_ascii_uppercase()) && is_roman(bare)).then(|| roman(bare))
}

fn roman(numeral: &str) -> u32 {
    let value = |c: u8| match c {
        b'I' => 1,
        b'V' => 5,
        b'X' => 10,
        b'L' => 50,
        b'C' => 100,
        b'D' => 500,
        _ => 1000,
    };
    let digits: Vec<u32> = numeral.bytes().map(value).collect();
    let next = digits.iter().skip(1).chain(&[0]);
    // A smaller digit before a larger one is taken off. Adding first keeps the sum above zero.
    let (plus, minus) =
        digits.iter().zip(next).fold((0, 0), |(plus, minus), (digit, next)| match digit < next {
            true => (plus, minus + digit),
            false => (plus + digit, minus),
        });
    plus - minus
}

/// All capitals, at least one word of three letters, and no sentence or list going on.
fn is_capitals(text: &str) -> bool {
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    !letters().any(char::is_lowercase)
        && letters().any(char::is_uppercase)
        && text.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() >= 3)
        && text.chars().count() <= 70
        && text.starts_with(|c: char| c.is_alphanumeric())
        && !text.ends_with([',', ';', '-', '\u{2014}'])
        && !matches!(text.trim_end_matches('.'), "THE END" | "FINIS" | "END")
}

/// A title in mixed case: capitals at the words that count, no sentence's end.
pub(super) fn is_title(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let counts = |word: &&&str| word.chars().filter(|c| c.is_alphabetic()).count() >= 4;
    let is_capitalised = |word: &&str| {
        word.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| c.is_uppercase() || c.is_numeric())
    };
    (1..=12).contains(&words.len())
        && words.first().is_some_and(is_capitalised)
        && words.iter().filter(counts).all(is_capitalised)
        && text.starts_with(|c: char| c.is_alphanumeric())
        && text.ends_with(|c: char| c.is_alphanumeric() || c == ')')
        && text.chars().count() <= 70
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapter_headings_are_told_from_prose() {
        use SectionRole::{Chapter, Part};
        let cases = [
            ("CHAPTER I", Some((Chapter, false))),
            ("Chapter 12. The Door", Some((Chapter, true))),
            ("Chapter Twenty-One", Some((Chapter, false))),
            ("CHAPTER THE FIRST.", Some((Chapter, false))),
            ("CHAPTER IV\nIn which it rains", Some((Chapter, false))),
            ("PART ONE", Some((Part, false))),
            ("Part Two: The Sea", Some((Part, true))),
            ("BOOK II \u{2014} Ashore", Some((Part, true))),
            ("Chapter 7 Loomings", Some((Chapter, true))),
            ("Part one of the plan was simple.", None),
            ("Book two tickets for Friday.", None),
            ("Chapter One was dull.", None),
            ("\u{201c}Chapter one,\u{201d} he read.", None),
            ("chapter 3", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(role, titled)| Candidate::Numbered { role, titled });
            assert_eq!(candidate(text), expected, "{text}");
        }
    }

    #[test]
    fn names_numerals_and_capitals_are_weaker_candidates() {
        assert_eq!(candidate("PROLOGUE"), Some(Candidate::Named(SectionRole::Prologue)));
        assert_eq!(candidate("Epilogue"), Some(Candidate::Named(SectionRole::Epilogue)));
        assert_eq!(candidate("XIV."), Some(Candidate::Numeral(14)));
        assert_eq!(candidate("  7"), Some(Candidate::Numeral(7)));
        assert_eq!(candidate("THE LIGHTHOUSE"), Some(Candidate::Capitals));
        for prose in [
            "Index fingers pointed.",
            "NO",
            "THE END",
            "He said no.",
            "\u{201c}STOP!\u{201d}",
            "A.B.C.",
            "1984",
        ] {
            assert_eq!(candidate(prose), None, "{prose}");
        }
    }

    #[test]
    fn roman_numerals_count() {
        for (numeral, number) in [("I", 1), ("IX", 9), ("XLIV", 44), ("MCMXC", 1990)] {
            assert_eq!(roman(numeral), number);
        }
    }
}
