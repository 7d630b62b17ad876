//! What is shown when. A chunk that fits into two lines of 42 characters is a cue; a longer one is cut, at the end of
//! a sentence or a clause if there is one near, and its time is shared out by characters.

use unicode_segmentation::UnicodeSegmentation;

use super::super::edition::{SoundFile, SpokenLine, units};

/// Characters on a line, as captions for adults are set (Netflix and BBC guides say 42 and 37).
const LINE: usize = 42;

/// Lines of a cue.
const LINES: usize = 2;

/// How far from an even cut a better place may lie, in characters.
const CLAUSE: usize = 12;
const WORD: usize = LINE;

/// A caption on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cue {
    /// Milliseconds.
    pub(super) start: u64,
    /// Milliseconds; never after the start of the next.
    pub(super) end: u64,
    /// One or two.
    pub(super) lines: Vec<String>,
}

/// The cues of a sound file, in order and without overlap.
pub(super) fn cues(file: &SoundFile) -> Vec<Cue> {
    let mut cues: Vec<Cue> = Vec::new();
    for (chapter_start, chapter) in file.timed() {
        for line in &chapter.lines {
            cues.extend(cues_of(line, chapter_start, file));
        }
    }
    for at in 1..cues.len() {
        let next = cues[at].start;
        cues[at - 1].end = cues[at - 1].end.min(next);
    }
    cues
}

fn cues_of(line: &SpokenLine, chapter_start: u64, file: &SoundFile) -> Vec<Cue> {
    let pieces = pieces(&line.text);
    let total: u64 = pieces.iter().map(|piece| weight(piece)).sum();
    let moment = |before: u64| {
        let share = u128::from(line.length) * u128::from(before) / u128::from(total.max(1));
        units(chapter_start + line.start + share as u64, file.rate, 1000)
    };
    let mut before = 0;
    let cue = |piece: &String| {
        let start = moment(before);
        before += weight(piece);
        Cue { start, end: moment(before).max(start + 1), lines: wrapped(piece) }
    };
    pieces.iter().map(cue).collect()
}

/// What a piece counts for when the time of a chunk is shared out: what is spoken of it.
fn weight(piece: &str) -> u64 {
    piece.chars().filter(|character| character.is_alphanumeric()).count().max(1) as u64
}

/// A text as pieces that each fit into a cue.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while !fits(rest) {
        let at = cut(rest);
        pieces.push(rest[..at].trim_end().to_owned());
        rest = rest[at..].trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest.to_owned());
    }
    pieces
}

/// Where to cut a text that does not fit: as even as the places for it allow.
fn cut(text: &str) -> usize {
    let length = text.graphemes(true).count();
    let even = length.div_ceil(length.div_ceil(LINE * LINES).max(2));
    let graphemes = text.grapheme_indices(true).take(LINE * LINES + 1).enumerate().skip(1);
    let mut best = None;
    for (count, (at, grapheme)) in graphemes {
        let before = text[..at].trim_end();
        if before.is_empty() || !fits(before) {
            continue;
        }
        let last = before.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']).chars().next_back();
        let after_space = text[..at].ends_with(char::is_whitespace);
        let penalty = match last {
            Some('。' | '！' | '？') => 0,
            Some('、' | '，' | '；' | '：') => CLAUSE,
            Some('.' | '!' | '?' | '…' | '؟' | '۔') if after_space => 0,
            Some(',' | ';' | ':' | '،' | '؛' | '–') if after_space => CLAUSE,
            _ if text[..at].ends_with('—') => CLAUSE,
            _ if after_space => WORD,
            // Where no word ends, between any two characters: scripts without spaces, and endless words.
            _ if grapheme.trim().is_empty() => continue,
            _ => 10 * LINE,
        };
        let cost = count.abs_diff(even) + penalty;
        if best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, at));
        }
    }
    let first = text.graphemes(true).next().map_or(text.len(), str::len);
    best.map_or(first, |(_, at)| at)
}

fn fits(text: &str) -> bool {
    greedy(text, LINE).len() <= LINES
}

/// A text on one line, or on two that are about as long as each other.
fn wrapped(text: &str) -> Vec<String> {
    let one = greedy(text, LINE);
    if one.len() <= 1 {
        return one;
    }
    let half = text.graphemes(true).count().div_ceil(2);
    (half..=LINE).map(|width| greedy(text, width)).find(|lines| lines.len() <= LINES).unwrap_or(one)
}

/// A text on lines of at most so many characters, each filled as far as words allow.
fn greedy(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split_whitespace() {
        let mut rest: Vec<&str> = word.graphemes(true).collect();
        if rest.len() < room {
            let line = lines.last_mut().expect("there is room on a line, so there is a line");
            line.push(' ');
            line.push_str(word);
            room -= rest.len() + 1;
            continue;
        }
        loop {
            let here: Vec<&str> = rest.drain(..rest.len().min(width)).collect();
            room = width - here.len();
            lines.push(here.concat());
            if rest.is_empty() {
                break;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rhapsode_audio::SampleRate;

    use super::*;
    use crate::documents::SoundChapter;

    fn file(texts: &[(&str, u64, u64)]) -> SoundFile {
        let line =
            |&(text, start, length): &(&str, u64, u64)| SpokenLine { text: text.to_owned(), start, length };
        SoundFile {
            path: "a.m4a".into(),
            media_type: "audio/mp4".into(),
            bytes: 0,
            rate: SampleRate(24_000),
            chapters: vec![SoundChapter {
                title: "One".into(),
                samples: 100_000_000,
                lines: texts.iter().map(line).collect(),
            }],
        }
    }

    #[test]
    fn a_chunk_that_fits_is_one_cue_with_its_own_times() {
        let cues = cues(&file(&[("Call me Ishmael.", 18_000, 24_000)]));
        assert_eq!(cues, [Cue { start: 750, end: 1750, lines: vec!["Call me Ishmael.".to_owned()] }]);
    }

    #[test]
    fn a_long_chunk_is_cut_at_a_clause_and_its_time_is_shared_by_characters() {
        let text = "Some years ago, never mind how long precisely, having little or no money in my purse, \
                    and nothing particular to interest me on shore, I thought I would sail about a little.";
        let cues = cues(&file(&[(text, 0, 240_000)]));
        let shown: Vec<String> = cues.iter().map(|cue| cue.lines.join(" ")).collect();
        assert_eq!(shown.join(" "), text);
        let (last, others) = shown.split_last().unwrap();
        assert!(others.len() == 3 && others.iter().all(|piece| piece.ends_with(',')), "{shown:#?}");
        assert!(last.ends_with("a little."), "{shown:#?}");
        assert_eq!((cues[0].start, cues[3].end), (0, 10_000));
        assert!(cues.windows(2).all(|pair| pair[0].end == pair[1].start));
    }

    #[test]
    fn two_lines_are_about_as_long_as_each_other() {
        let lines = wrapped("The tide came in over the flats at a quarter past six");
        assert_eq!(lines, ["The tide came in over the", "flats at a quarter past six"]);
    }

    #[test]
    fn scripts_without_spaces_are_cut_between_characters_and_after_their_own_marks() {
        let text = "吾輩は猫である。名前はまだ無い。".repeat(8);
        let cues = cues(&file(&[(&text, 0, 240_000)]));
        assert_eq!(cues.iter().flat_map(|cue| cue.lines.clone()).collect::<String>(), text);
        assert!(cues.iter().all(|cue| cue.lines.concat().ends_with('。')), "{cues:#?}");
    }

    proptest! {
        #[test]
        fn no_word_is_lost_no_line_is_long_and_no_cue_overlaps(
            texts in prop::collection::vec("[ a-zA-Zäß🙂א,.;—-]{1,400}", 1..5)
        ) {
            let mut at = 0;
            let lines: Vec<(&str, u64, u64)> = texts.iter().map(|text| {
                at += 50_000;
                (text.as_str(), at - 50_000, 40_000)
            }).collect();
            let file = file(&lines);
            let cues = cues(&file);
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let shown: String = cues.iter().flat_map(|cue| cue.lines.iter()).map(|line| squeezed(line)).collect();
            prop_assert_eq!(shown, squeezed(&texts.concat()));
            for cue in &cues {
                prop_assert!(cue.lines.len() <= LINES && !cue.lines.is_empty());
                prop_assert!(cue.lines.iter().all(|line| line.graphemes(true).count() <= LINE && !line.is_empty()));
                prop_assert!(cue.start < cue.end);
            }
            prop_assert!(cues.windows(2).all(|pair| pair[0].end <= pair[1].start));
        }
    }
}
