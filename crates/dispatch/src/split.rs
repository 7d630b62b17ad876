//! Cuts a text that is too long for a backend, where a reader would take breath: after a sentence, else after a
//! clause, else between words. A word is never cut, and what cannot be cut stays too long.

use rhapsode_speech::Part;

/// How good a place is for a cut, the best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Boundary {
    Word,
    Clause,
    Sentence,
}

/// Part of a text on both sides that a cut of a better kind may not leave shorter: a cut after the first "No." helps
/// little.
const LEAST_SIDE: f64 = 0.2;

/// A character of the text, and whether a cut may touch it.
#[derive(Debug, Clone, Copy)]
struct Letter {
    character: char,
    /// The part that it belongs to, and where in that part it begins, in bytes.
    part: usize,
    byte: usize,
    cuttable: bool,
}

/// The text in pieces of at most `max_chars` characters, as far as it can be cut. Joined they are the text, but for
/// white space at the cuts. Words with phonemes stay whole.
pub(crate) fn split(parts: &[Part], max_chars: usize) -> Vec<Vec<Part>> {
    let letters = letters(parts);
    let mut ranges = Vec::new();
    cut(&letters, 0, letters.len(), max_chars.max(1), &mut ranges);
    match ranges.len() {
        0 | 1 => vec![parts.to_vec()],
        _ => ranges.into_iter().map(|(start, end)| extract(parts, &letters, start, end)).collect(),
    }
}

/// Characters of a text.
pub(crate) fn characters(parts: &[Part]) -> usize {
    parts.iter().map(|part| spelling(part).chars().count()).sum()
}

fn spelling(part: &Part) -> &str {
    match part {
        Part::Text(text) => text,
        Part::Phonemes { word, .. } => word,
    }
}

fn letters(parts: &[Part]) -> Vec<Letter> {
    let of_part = |(index, part): (usize, &Part)| {
        let cuttable = matches!(part, Part::Text(_));
        let letter = move |(byte, character)| Letter { character, part: index, byte, cuttable };
        spelling(part).char_indices().map(letter).collect::<Vec<_>>()
    };
    parts.iter().enumerate().flat_map(of_part).collect()
}

/// Cuts `start..end` in two and each half again until all are short enough.
fn cut(letters: &[Letter], start: usize, end: usize, most: usize, ranges: &mut Vec<(usize, usize)>) {
    let (start, end) = trimmed(letters, start, end);
    let length = end - start;
    if length == 0 {
        return;
    }
    match (length > most).then(|| best_cut(letters, start, end, most)).flatten() {
        Some(at) => {
            cut(letters, start, at, most, ranges);
            cut(letters, at, end, most, ranges);
        }
        None => ranges.push((start, end)),
    }
}

/// The range without white space at its ends.
fn trimmed(letters: &[Letter], mut start: usize, mut end: usize) -> (usize, usize) {
    let blank = |at: usize| letters[at].cuttable && letters[at].character.is_whitespace();
    while start < end && blank(start) {
        start += 1;
    }
    while start < end && blank(end - 1) {
        end -= 1;
    }
    (start, end)
}

/// The best place for a cut: the best kind first, and then the one that makes the fewest pieces of equal length.
fn best_cut(letters: &[Letter], start: usize, end: usize, most: usize) -> Option<usize> {
    let length = (end - start) as f64;
    let pieces = (end - start).div_ceil(most);
    let target = start as f64 + length * (pieces.div_ceil(2) as f64 / pieces as f64);
    let side = length * LEAST_SIDE;
    let balanced = |at: usize| (at - start) as f64 >= side && (end - at) as f64 >= side;
    let first_word = (start..end).find(|&at| letters[at].character.is_alphanumeric())?;
    let last_word = (start..end).rfind(|&at| letters[at].character.is_alphanumeric())?;
    // Both pieces must have something to say.
    (first_word + 1..=last_word)
        .filter_map(|at| Some((at, boundary(letters, start, at)?)))
        .map(|(at, kind)| (if balanced(at) { kind } else { Boundary::Word }, balanced(at), at))
        .min_by(|a, b| {
            let distance = |at: usize| (at as f64 - target).abs();
            (b.0, b.1).cmp(&(a.0, a.1)).then(distance(a.2).total_cmp(&distance(b.2)))
        })
        .map(|(_, _, at)| at)
}

/// What kind of boundary lies before the character at `at`, if a cut may be there.
fn boundary(letters: &[Letter], start: usize, at: usize) -> Option<Boundary> {
    let (before, here) = (letters[at - 1], letters[at]);
    let inside_pronounced = before.part == here.part && !here.cuttable;
    // Before the last blank of several is as good as after it; one place is enough.
    let at_blank = before.cuttable && before.character.is_whitespace() && !here.character.is_whitespace();
    if inside_pronounced || !(at_blank || ends_without_blank(before)) {
        return None;
    }
    let closing = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']');
    let mark = letters[start..at].iter().rev().find(|letter| !closing(letter.character))?.character;
    Some(match mark {
        '.' | '!' | '?' | '…' | '。' | '！' | '？' => Boundary::Sentence,
        ',' | ';' | ':' | '—' | '–' | '、' | '，' | '；' | '：' => Boundary::Clause,
        _ => Boundary::Word,
    })
}

/// Scripts without blanks have marks of their own, and a cut is good right after them.
fn ends_without_blank(letter: Letter) -> bool {
    letter.cuttable && matches!(letter.character, '。' | '！' | '？' | '、' | '，' | '；' | '：')
}

/// The parts of a range.
fn extract(parts: &[Part], letters: &[Letter], start: usize, end: usize) -> Vec<Part> {
    let (first, last) = (letters[start], letters[end - 1]);
    let piece = |index: usize| match &parts[index] {
        Part::Text(text) => {
            let from = if index == first.part { first.byte } else { 0 };
            let to = if index == last.part { last.byte + last.character.len_utf8() } else { text.len() };
            Part::Text(text[from..to].to_owned())
        }
        whole @ Part::Phonemes { .. } => whole.clone(),
    };
    (first.part..=last.part).map(piece).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(parts: &[Part]) -> String {
        parts.iter().map(spelling).collect()
    }

    fn pieces(text: &str, max_chars: usize) -> Vec<String> {
        split(&[Part::Text(text.to_owned())], max_chars).iter().map(|piece| plain(piece)).collect()
    }

    #[test]
    fn a_text_that_fits_stays_whole() {
        assert_eq!(pieces("  One sentence. Another. ", 80), ["  One sentence. Another. "]);
        assert_eq!(pieces("", 10), [""]);
    }

    #[test]
    fn sentences_are_cut_apart_before_clauses_and_clauses_before_words() {
        assert_eq!(
            pieces("He came late, as ever. She had gone.", 30),
            ["He came late, as ever.", "She had gone."]
        );
        assert_eq!(
            pieces("when he came home late, she had already gone", 30),
            ["when he came home late,", "she had already gone"]
        );
        assert_eq!(pieces("one two three four", 10), ["one two", "three four"]);
        assert_eq!(
            pieces("“Never!” he said to the captain.", 20),
            ["“Never!”", "he said to", "the captain."]
        );
    }

    #[test]
    fn scripts_without_blanks_are_cut_after_their_marks() {
        assert_eq!(pieces("今日は晴れです。明日は雨です。", 10), ["今日は晴れです。", "明日は雨です。"]);
    }

    #[test]
    fn a_word_is_never_cut_even_if_it_is_too_long() {
        assert_eq!(pieces("Donaudampfschifffahrtsgesellschaft", 10), ["Donaudampfschifffahrtsgesellschaft"]);
        assert_eq!(pieces("a Donaudampfschifffahrt b", 5), ["a", "Donaudampfschifffahrt", "b"]);
    }

    #[test]
    fn a_pronounced_word_stays_whole_with_its_phonemes() {
        let word = Part::Phonemes { word: "New York City".to_owned(), phonemes: "x".to_owned() };
        let parts = [Part::Text("She left ".to_owned()), word.clone(), Part::Text(" in May.".to_owned())];
        let pieces = split(&parts, 8);
        assert_eq!(pieces.iter().filter(|piece| piece.contains(&word)).count(), 1);
        assert_eq!(
            pieces.iter().map(|piece| plain(piece)).collect::<Vec<_>>(),
            ["She left", "New York City", "in May."]
        );
    }

    fn parts() -> impl Strategy<Value = Vec<Part>> {
        let text = "[a-c é。—“”,.!? \n]{0,40}".prop_map(Part::Text);
        let word = "[a-z]{1,9}( [a-z]{1,5})?"
            .prop_map(|word| Part::Phonemes { phonemes: word.to_uppercase(), word });
        prop::collection::vec(prop_oneof![3 => text, 1 => word], 0..6)
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text_but_for_white_space(parts in parts(), max_chars in 0..60_usize) {
            let pieces = split(&parts, max_chars);
            let squeeze = |text: String| text.split_whitespace().collect::<String>();
            prop_assert_eq!(squeeze(pieces.concat().iter().map(spelling).collect()), squeeze(plain(&parts)));
            if pieces.len() > 1 {
                prop_assert!(pieces.iter().all(|piece| plain(piece).chars().any(char::is_alphanumeric)));
            }
            let pronounced = |parts: &[Part]| {
                parts.iter().filter(|part| matches!(part, Part::Phonemes { .. })).cloned().collect::<Vec<_>>()
            };
            prop_assert_eq!(pronounced(&pieces.concat()), pronounced(&parts));
        }

        #[test]
        fn words_that_fit_make_pieces_that_fit(words in prop::collection::vec("[a-z]{1,8}[.,]?", 1..60)) {
            let text = words.join(" ");
            for piece in pieces(&text, 12) {
                prop_assert!(piece.chars().count() <= 12, "{piece:?}");
            }
            let joined = pieces(&text, 12).join(" ");
            prop_assert_eq!(joined, text, "no word is cut");
        }
    }
}
