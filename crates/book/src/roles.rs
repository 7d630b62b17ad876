//! Roles told by titles. Formats without roles of their own (text, Markdown, Word), and EPUBs that name none,
//! still say "Contents" or "Chapter XII" over a section; this is the one place that knows those words.

use crate::{Matter, SectionRole};

/// Titles that tell a role when they are the whole title, lower case.
const WHOLE: &[(&str, SectionRole)] = &[
    ("cover", SectionRole::Cover),
    ("title page", SectionRole::TitlePage),
    ("half title", SectionRole::TitlePage),
    ("copyright", SectionRole::Copyright),
    ("copyright page", SectionRole::Copyright),
    ("copyright notice", SectionRole::Copyright),
    ("imprint", SectionRole::Copyright),
    ("contents", SectionRole::Contents),
    ("table of contents", SectionRole::Contents),
    ("list of illustrations", SectionRole::Contents),
    ("list of figures", SectionRole::Contents),
    ("list of tables", SectionRole::Contents),
    ("illustrations", SectionRole::Contents),
    ("dedication", SectionRole::Dedication),
    ("epigraph", SectionRole::Epigraph),
    ("foreword", SectionRole::Foreword),
    ("introduction", SectionRole::Introduction),
    ("prologue", SectionRole::Prologue),
    ("epilogue", SectionRole::Epilogue),
    ("afterword", SectionRole::Afterword),
    ("acknowledgements", SectionRole::Acknowledgements),
    ("acknowledgments", SectionRole::Acknowledgements),
    ("notes", SectionRole::Endnotes),
    ("endnotes", SectionRole::Endnotes),
    ("footnotes", SectionRole::Endnotes),
    ("bibliography", SectionRole::Bibliography),
    ("select bibliography", SectionRole::Bibliography),
    ("references", SectionRole::Bibliography),
    ("works cited", SectionRole::Bibliography),
    ("glossary", SectionRole::Glossary),
    ("index", SectionRole::Index),
    ("general index", SectionRole::Index),
    ("colophon", SectionRole::Colophon),
    ("about the author", SectionRole::AboutTheAuthor),
    ("about the authors", SectionRole::AboutTheAuthor),
    ("advertisement", SectionRole::Advertisement),
    ("advertisements", SectionRole::Advertisement),
    ("by the same author", SectionRole::Advertisement),
];

/// Words that tell a role when a title begins with them ("Preface to the second edition").
const OPENING: &[(&str, SectionRole)] = &[
    ("preface", SectionRole::Preface),
    ("author's preface", SectionRole::Preface),
    ("foreword", SectionRole::Foreword),
    ("appendix", SectionRole::Appendix),
    ("also by ", SectionRole::Advertisement),
    ("other books by ", SectionRole::Advertisement),
    ("more books by ", SectionRole::Advertisement),
];

/// Words that tell a role when a number follows them ("Chapter XII", "Part the First").
const NUMBERED: &[(&str, SectionRole)] = &[
    ("chapter", SectionRole::Chapter),
    ("part", SectionRole::Part),
    ("book", SectionRole::Part),
    ("volume", SectionRole::Part),
];

/// The role that a section's title tells, if it tells one.
pub(crate) fn role_by_title(title: &str) -> Option<SectionRole> {
    let title =
        title.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().replace('\u{2019}', "'");
    let title = title.trim_matches(|c: char| !c.is_alphanumeric());
    let whole = WHOLE.iter().find(|(name, _)| *name == title);
    let opening = || {
        OPENING.iter().find(|(name, _)| {
            title.strip_prefix(name).is_some_and(|rest| {
                name.ends_with(' ') || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '\'')
            })
        })
    };
    whole.or_else(opening).map(|(_, role)| *role).or_else(|| numbered(title))
}

/// The place in the book of a section with this role.
pub(crate) fn matter_of(role: Option<SectionRole>) -> Matter {
    use SectionRole as R;
    match role {
        Some(
            R::Cover
            | R::TitlePage
            | R::Copyright
            | R::Contents
            | R::Dedication
            | R::Epigraph
            | R::Foreword
            | R::Preface
            | R::Introduction,
        ) => Matter::Front,
        None | Some(R::Prologue | R::Chapter | R::Part | R::Epilogue) => Matter::Body,
        Some(
            R::Afterword
            | R::Acknowledgements
            | R::Appendix
            | R::Endnotes
            | R::Bibliography
            | R::Glossary
            | R::Index
            | R::Colophon
            | R::AboutTheAuthor
            | R::Advertisement,
        ) => Matter::Back,
    }
}

/// The role of a lower-case title such as `chapter 12. the door` or `part the first`.
fn numbered(title: &str) -> Option<SectionRole> {
    let mut words = title.split(|c: char| c.is_whitespace() || matches!(c, '.' | ':' | ','));
    let first = words.next()?;
    let (_, role) = NUMBERED.iter().find(|(name, _)| *name == first)?;
    let number = words.find(|w| !w.is_empty() && *w != "the" && *w != "no")?;
    is_number(number).then_some(*role)
}

/// Whether a word is a number as chapter headings write them: digits, a Roman numeral, or a number word,
/// cardinal or ordinal, up to ninety-nine.
pub(crate) fn is_number(word: &str) -> bool {
    const SMALL: &[&str] = &[
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "last",
    ];
    const TENS: &[&str] = &[
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "twentieth",
        "thirtieth",
        "fortieth",
        "fiftieth",
        "sixtieth",
        "seventieth",
        "eightieth",
        "ninetieth",
        "hundred",
    ];
    let word = word.to_lowercase();
    let digits = word.trim_end_matches(|c: char| c.is_ascii_lowercase());
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return word.len() - digits.len() <= 2;
    }
    let (tens, small) = word.split_once('-').unwrap_or((&word, ""));
    let spelled = if small.is_empty() {
        SMALL.contains(&tens) || TENS.contains(&tens)
    } else {
        TENS.contains(&tens) && SMALL.contains(&small)
    };
    spelled || is_roman(&word)
}

/// Whether a word is a well-formed Roman numeral below 4000, in either case.
pub(crate) fn is_roman(word: &str) -> bool {
    let mut rest = word.to_ascii_lowercase();
    if rest.is_empty() || rest.len() > 15 {
        return false;
    }
    // The places from thousands to ones; longer forms first, since the shorter are their prefixes.
    const PLACES: [&[&str]; 4] = [
        &["mmm", "mm", "m"],
        &["cm", "dccc", "dcc", "dc", "d", "cd", "ccc", "cc", "c"],
        &["xc", "lxxx", "lxx", "lx", "l", "xl", "xxx", "xx", "x"],
        &["ix", "viii", "vii", "vi", "v", "iv", "iiii", "iii", "ii", "i"],
    ];
    for place in PLACES {
        if let Some(tail) = place.iter().find_map(|form| rest.strip_prefix(form).map(str::to_owned)) {
            rest = tail;
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_tell_their_roles() {
        let cases = [
            ("CONTENTS", Some(SectionRole::Contents)),
            ("Table  of\nContents.", Some(SectionRole::Contents)),
            ("Preface to the Second Edition", Some(SectionRole::Preface)),
            ("Chapter XII. The Door", Some(SectionRole::Chapter)),
            ("Chapter the First", Some(SectionRole::Chapter)),
            ("CHAPTER TWENTY-ONE", Some(SectionRole::Chapter)),
            ("Part 2", Some(SectionRole::Part)),
            ("Appendix B", Some(SectionRole::Appendix)),
            ("Also by Tamsin Orrery", Some(SectionRole::Advertisement)),
            ("Chapter and Verse", None),
            ("Part of the Furniture", None),
            ("The Index Finger", None),
            ("Appendixes and Other Organs", None),
            ("", None),
        ];
        for (title, role) in cases {
            assert_eq!(role_by_title(title), role, "{title}");
        }
    }

    #[test]
    fn roman_numerals_are_checked_place_by_place() {
        for good in ["i", "IV", "xlviii", "MCMXCIX", "cd", "xiiii"] {
            assert!(is_roman(good), "{good}");
        }
        for bad in ["", "civil", "iix", "vx", "livid", "dim", "mimic"] {
            assert!(!is_roman(bad), "{bad}");
        }
    }

    #[test]
    fn numbers_are_digits_words_and_numerals() {
        for good in ["7", "12th", "3b", "Twelve", "thirty-first", "XIX"] {
            assert!(is_number(good), "{good}");
        }
        for bad in ["door", "12thish", "one-two", "thirty-door"] {
            assert!(!is_number(bad), "{bad}");
        }
    }
}
