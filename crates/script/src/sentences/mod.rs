//! Where sentences end. `sentencex` finds the stops; what it leaves together or parts wrongly for the ear is
//! corrected here: speech of several sentences inside quotes or brackets, dialogue tags, abbreviations before
//! numbers, numbered headings.

mod enclosed;
mod joins;

use std::ops::Range;

use crate::language::primary;

/// Bytes handed to the segmenter at once, so that a book without paragraphs costs no more than one with them.
const WINDOW: usize = 16 * 1024;

/// The sentences of a line: contiguous byte ranges that cover it, white space with the sentence before it.
pub(crate) fn sentences(text: &str, language: &str) -> Vec<Range<usize>> {
    let mut ends: Vec<usize> = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let window = &text[start..window_end(text, start)];
        let mut found = stops(window, language);
        // The last sentence of a window may go on after it.
        if start + window.len() < text.len() && found.len() > 1 {
            found.pop();
        }
        let end = found.last().copied().unwrap_or(window.len());
        ends.extend(found.iter().map(|end| start + end));
        start += end;
    }
    joins::join(text, &ends, language)
}

/// Ends of sentences in a window, the last at its end.
fn stops(window: &str, language: &str) -> Vec<usize> {
    let language = primary(language);
    let mut ends = Vec::new();
    let mut start = 0;
    for sentence in sentencex::segment(language, window) {
        ends.extend(enclosed::stops(sentence, language).into_iter().map(|stop| start + stop));
        start += sentence.len();
        ends.push(start);
    }
    ends
}

/// The end of a window: at a space, or else at a character.
fn window_end(text: &str, start: usize) -> usize {
    if text.len() - start <= WINDOW {
        return text.len();
    }
    let limit = text.floor_char_boundary(start + WINDOW);
    text[start..limit].rfind(' ').map_or_else(|| next_space(text, limit), |space| start + space + 1)
}

fn next_space(text: &str, from: usize) -> usize {
    text[from..].find(' ').map_or(text.len(), |space| from + space + 1)
}

#[cfg(test)]
mod tests;
