//! A table of contents typed out at the start of a text. It is a list of headings that all come again; where
//! the first of them comes again, the book begins.

use std::collections::HashSet;

use super::headings::{Candidate, candidate};
use super::lines::{Layout, Piece, Pieces, lines};

/// Lines that a table of contents may have; a search that finds no repetition in them gives up.
const MOST_LINES: usize = 2000;

/// The length in bytes of the table of contents that `text` begins with (behind its own heading, if it has
/// one), or `None` if it does not end by a repetition or by prose.
pub(super) fn length(text: &str) -> Option<usize> {
    let mut entries: HashSet<String> = HashSet::new();
    let (mut at, mut seen) = (0, 0);
    let mut numbered_entries = false;
    // Where the paragraph before starts, if it may be the heading of what follows.
    let mut heading = None;
    for piece in Pieces::new(text, Layout::Blank) {
        let paragraph = match piece {
            Piece::Paragraph(paragraph) => paragraph,
            Piece::Gap(gap) => {
                at += gap.len();
                continue;
            }
        };
        // A preface that the list leaves out must not be taken for a part of it.
        if is_prose(paragraph) {
            return (entries.len() >= 3).then(|| heading.unwrap_or(at));
        }
        heading = candidate(paragraph).is_some().then_some(at);
        for line in lines(paragraph) {
            let entry = key(line);
            let numbered = matches!(candidate(line.trim()), Some(Candidate::Numbered { .. }));
            let repeats = entries.contains(&entry) || begins_an_entry(&entries, &entry, numbered);
            // A list of bare titles ends where the first numbered heading stands.
            let first_numbered = numbered && !numbered_entries && entries.len() >= 3;
            if repeats || first_numbered {
                return Some(at);
            }
            numbered_entries |= numbered;
            if !entry.is_empty() {
                entries.insert(entry);
            }
            at += line.len();
            seen += 1;
        }
        if seen > MOST_LINES {
            break;
        }
    }
    None
}

/// Whether a paragraph is sentences in wrapped lines, as no list of titles is.
fn is_prose(paragraph: &str) -> bool {
    let first = lines(paragraph).next().unwrap_or_default().trim();
    let count = lines(paragraph).count();
    count >= 2
        && paragraph.len() >= count * 45
        && paragraph.trim_end().ends_with(['.', '!', '?', '"', '\u{201d}'])
        && !matches!(candidate(first), Some(Candidate::Numbered { .. }))
        && lines(paragraph).all(|line| !line.trim_end().ends_with(|c: char| c.is_ascii_digit()))
}

/// Whether `text` begins with three numbered headings and nothing between: a contents list without a title.
pub(super) fn begins_with_list(text: &str) -> bool {
    let mut filled = lines(text).map(str::trim).filter(|l| !l.is_empty()).take(3);
    let numbered = |line: &str| matches!(candidate(line), Some(Candidate::Numbered { .. }));
    (0..3).all(|_| filled.next().is_some_and(numbered))
}

/// "CHAPTER I" over a line of its own for the title, where the list says "Chapter I. Loomings".
fn begins_an_entry(entries: &HashSet<String>, entry: &str, numbered: bool) -> bool {
    numbered && entries.iter().any(|e| e.strip_prefix(entry).is_some_and(|rest| rest.starts_with(' ')))
}

/// A line's words, without case, punctuation, dot leaders and page number.
fn key(line: &str) -> String {
    let words = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
    };
    let line = line.trim();
    let unnumbered = line.trim_end_matches(|c: char| c.is_ascii_digit());
    let gap = &unnumbered[unnumbered.trim_end().len()..];
    // "Chapter 12" keeps its number; "Loomings .... 12" and "Loomings   12" lose it.
    let is_page = unnumbered.len() < line.len()
        && (gap.chars().count() >= 2
            || gap == "\t"
            || [". .", ".."].iter().any(|dots| unnumbered.trim_end().ends_with(dots)));
    if is_page { words(unnumbered) } else { words(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contents_end_where_an_entry_comes_again() {
        let list = "\nETYMOLOGY.\n\nCHAPTER 1. Loomings.\n\nCHAPTER 2. The Bag.\n\n\n";
        let text = format!("{list}ETYMOLOGY.\n\nThe pale usher.\n\nCHAPTER 1. Loomings.\n");
        assert_eq!(length(&text), Some(list.len()));
        assert_eq!(length(list), None);
    }

    #[test]
    fn page_numbers_and_split_headings_do_not_hide_the_repetition() {
        let list = "I. Rain ........ 3\nChapter II. Snow   17\n\n";
        assert_eq!(length(&format!("{list}CHAPTER II\n\nSnow\n")), Some(list.len()));
        assert_eq!(length(&format!("{list}I. RAIN\n\nText.\n")), Some(list.len()));
    }

    #[test]
    fn a_preface_behind_the_list_is_not_taken_for_a_part_of_it() {
        let list = "Chapter 1. Rain\nChapter 2. Snow\nChapter 3. Ice\n\n";
        let prose =
            "It rained for the whole of that long and empty summer,\nand nobody in the town was glad of it.";
        assert_eq!(length(&format!("{list}PREFACE\n\n{prose}\n\nChapter 1. Rain\n")), Some(list.len()));
    }

    #[test]
    fn a_list_of_bare_titles_ends_at_the_first_numbered_heading() {
        let list = "Rain\nSnow\nIce\n\n";
        assert_eq!(length(&format!("{list}Chapter 1\n\nRain fell.\n")), Some(list.len()));
    }
}
