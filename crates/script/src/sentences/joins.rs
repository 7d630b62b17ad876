//! Stops that end no sentence: each rule looks at what stands before a stop and after it.

use std::ops::Range;

use super::head;
use crate::language::primary;

/// Abbreviations that a number follows: `vol. 2`, `pp. xii`.
const BEFORE_NUMBERS: [&str; 28] = [
    "vol", "vols", "ch", "chap", "no", "nos", "nr", "p", "pp", "pt", "pts", "fig", "figs", "sec", "sect",
    "art", "bk", "cap", "op", "opp", "par", "ex", "eq", "lect", "ser", "ver", "vs", "ca",
];

/// Abbreviations that a name follows.
const BEFORE_NAMES: [&str; 30] = [
    "mr", "mrs", "ms", "messrs", "mme", "mlle", "dr", "prof", "rev", "fr", "hon", "st", "capt", "col", "gen",
    "lt", "maj", "sgt", "cmdr", "adm", "gov", "sen", "rep", "pres", "supt", "insp", "sr", "cf", "viz", "esp",
];

/// Makes sentences of the stops, leaving out those that end none.
pub(super) fn join(text: &str, ends: &[usize], language: &str) -> Vec<Range<usize>> {
    let english = primary(language).eq_ignore_ascii_case("en");
    let mut sentences: Vec<Range<usize>> = Vec::with_capacity(ends.len());
    let mut start = 0;
    for end in ends.iter().copied() {
        if end <= start {
            continue;
        }
        let next = head(&text[end..]);
        let sentence = &text[start..end];
        if end == text.len() || ends_a_sentence(text, end, sentence, next, english) {
            sentences.push(start..end);
            start = end;
        }
    }
    // What has no letter or digit at the end belongs to the sentence before it.
    while sentences.len() > 1 && sentences.last().is_some_and(|last| !has_word(&text[last.clone()])) {
        let last = sentences.pop().map_or(text.len(), |last| last.end);
        if let Some(before) = sentences.last_mut() {
            before.end = last;
        }
    }
    sentences
}

fn ends_a_sentence(text: &str, end: usize, sentence: &str, next: &str, english: bool) -> bool {
    let goes_on = cuts_a_word(text, end)
        || begins_with_marks(sentence, next)
        || begins_small(sentence, next)
        || english && ends_with_abbreviation(sentence, next)
        || is_number_of_heading(text, sentence);
    has_word(sentence) && !goes_on
}

fn has_word(text: &str) -> bool {
    text.contains(char::is_alphanumeric)
}

/// A stop between letters without a space: `Node.Js`, `U.S.A`.
fn cuts_a_word(text: &str, end: usize) -> bool {
    let before = text[..end].chars().next_back();
    let after = text[end..].chars().next();
    let latin = |c: char| c.is_alphanumeric() && c < '\u{2e80}';
    let inner = matches!(before, Some('.' | '\'' | '’' | ':' | '_' | '-'))
        || before.is_some_and(char::is_alphanumeric);
    inner && after.is_some_and(latin)
}

/// A closing quote, dots, or a dash without a space before it, that the segmenter put at the head of the next
/// sentence.
fn begins_with_marks(sentence: &str, next: &str) -> bool {
    let first = next.split_whitespace().next().unwrap_or_default();
    if first.starts_with(['—', '–']) || first.starts_with("--") {
        return !sentence.ends_with(char::is_whitespace);
    }
    let opens = first.starts_with(['“', '‘', '«', '„', '(', '[', '¿', '¡', '「', '"', '\'']);
    !first.is_empty() && !opens && !has_word(first)
}

/// `'Stop!' he said.`: a sentence does not begin in lower case.
fn begins_small(sentence: &str, next: &str) -> bool {
    let mut letters = next.trim_start_matches(|c: char| !c.is_alphanumeric()).chars();
    let lower = letters.next().is_some_and(char::is_lowercase);
    let name = letters.next().is_some_and(char::is_uppercase);
    // A quotation that opens in lower case after a full stop is the author's wish.
    let opens = next.starts_with(['“', '‘', '"', '«', '(']) && sentence.trim_end().ends_with(['.', '!', '?']);
    lower && !name && !opens
}

fn ends_with_abbreviation(sentence: &str, next: &str) -> bool {
    let Some(head) = sentence.trim_end().strip_suffix('.') else { return false };
    let word_at = head
        .rfind(|c: char| !c.is_alphabetic())
        .map_or(0, |at| at + head[at..].chars().next().map_or(1, char::len_utf8));
    let word = head[word_at..].to_lowercase();
    let first = next.split_whitespace().next().unwrap_or_default();
    if BEFORE_NAMES.contains(&word.as_str()) {
        // `St.` may also end an address, which the segmenter judges better.
        return word != "st" && first.starts_with(char::is_alphabetic);
    }
    BEFORE_NUMBERS.contains(&word.as_str())
        && (first.starts_with(|c: char| c.is_ascii_digit()) || is_roman(first))
}

fn is_roman(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| !c.is_alphabetic());
    !word.is_empty() && word != "I" && word.bytes().all(|b| b"IVXLCDMivxlcdm".contains(&b))
}

/// `1. The Beginning`, `IV. A Storm`: the number at the head of a line belongs to what follows.
fn is_number_of_heading(text: &str, sentence: &str) -> bool {
    let at_head = sentence.as_ptr() == text.as_ptr();
    let number = sentence.trim().trim_end_matches(['.', ')']).trim_start_matches('(');
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    at_head
        && (digits && number.len() <= 8 || is_roman(number) && number.bytes().all(|b| b.is_ascii_uppercase()))
        || digits && number.len() <= 3 && sentence.trim_end().ends_with(['.', ')'])
}
