//! Where sentences end. `sentencex` finds the stops; what it leaves together or parts wrongly for the ear is
//! corrected here: speech of several sentences inside quotes or brackets, dialogue tags, abbreviations before
//! numbers, numbered headings, and long stretches that a stray quote held together.

mod enclosed;
mod joins;
mod missed;

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
        let is_last = start + window.len() == text.len();
        if !is_last {
            // The last sentence of a window may go on after it.
            found.pop();
        }
        ends.extend(found.iter().map(|end| start + end));
        start += found.last().copied().unwrap_or(window.len());
    }
    joins::join(text, &ends, language)
}

/// Ends of sentences in a window, the last at its end.
fn stops(window: &str, language: &str) -> Vec<usize> {
    let language = primary(language);
    let mut ends = Vec::new();
    let mut start = 0;
    for sentence in sentencex::segment(language, window) {
        let inner = enclosed::stops(sentence, language);
        let mut from = 0;
        for stop in inner.into_iter().chain([sentence.len()]) {
            ends.extend(missed::stops(&sentence[from..stop]).map(|missed| start + from + missed));
            ends.push(start + stop);
            from = stop;
        }
        start += sentence.len();
    }
    ends
}

/// The end of a window: after a space, or where there is none after any character.
fn window_end(text: &str, start: usize) -> usize {
    if text.len() - start <= WINDOW {
        return text.len();
    }
    let limit = text.floor_char_boundary(start + WINDOW);
    text[start..limit].rfind(' ').map_or(limit, |space| start + space + 1)
}

/// The head of what follows a stop: as much as any rule looks at.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(64)]
}

#[cfg(test)]
mod tests;
