//! Cuts a sentence that is too long for one chunk, at the best clause boundary near the even division.

use std::ops::Range;

use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use crate::speak::{Line, Spoken};

/// Cost of a cut by what it stands at; a cut as far from the even division as the whole text is long costs
/// [`DISTANCE`]. Found by ear on Victorian prose: a semicolon is worth a third of the text, a bare space nothing.
const DISTANCE: f64 = 1.0;
const STOP: f64 = 0.0;
const SEMICOLON: f64 = 0.02;
const COLON: f64 = 0.04;
const DASH: f64 = 0.06;
const COMMA_CONJUNCTION: f64 = 0.10;
const COMMA: f64 = 0.16;
const CONJUNCTION: f64 = 0.30;
const SPACE: f64 = 0.60;
/// Between figure and unit, title and name: only where nothing else is left.
const CLOSE_SPACE: f64 = 0.90;
/// A cut that makes one part more than needed.
const EXTRA_PART: f64 = 0.35;

/// Words that begin a clause or a phrase.
const CONJUNCTIONS: [&str; 32] = [
    "and", "but", "or", "nor", "for", "so", "yet", "because", "although", "though", "while", "whilst",
    "when", "where", "which", "who", "whom", "whose", "that", "if", "unless", "until", "till", "since", "as",
    "than", "whether", "lest", "after", "before", "with", "without",
];

/// Words that hold on to the word after them.
const HOLDING: [&str; 16] =
    ["mr", "mrs", "ms", "dr", "st", "no", "vol", "p", "pp", "fig", "capt", "prof", "the", "a", "an", "of"];

/// A place where a sentence may be cut.
#[derive(Debug, Clone, Copy)]
struct Cut {
    at: usize,
    cost: f64,
}

/// A part is certainly too long, and need not be spoken to know it, with this many times the bytes it may have
/// characters.
const CERTAINLY: usize = 16;

/// Parts of a sentence, each spoken in at most `max` characters unless it is a single word.
pub(crate) fn split(line: &Line<'_>, sentence: Range<usize>, max: usize) -> Vec<(Range<usize>, Spoken)> {
    let mut parts = Vec::new();
    let mut known: Option<Vec<Cut>> = None;
    // Depth first, left to right, without recursion: a sentence may be as long as a book.
    let mut waiting = vec![sentence.clone()];
    while let Some(part) = waiting.pop() {
        let mut spoken = None;
        let mut length = part.len();
        if part.len() <= max.saturating_mul(CERTAINLY) {
            length = spoken.insert(line.speak(part.clone())).length;
        }
        let cut = if length <= max {
            None
        } else {
            let cuts = known.get_or_insert_with(|| cuts(line, sentence.clone()));
            best(cuts, part.clone(), length, max)
        };
        match cut {
            None => {
                let spoken = spoken.unwrap_or_else(|| line.speak(part.clone()));
                parts.push((part, spoken));
            }
            Some(at) => waiting.extend([at..part.end, part.start..at]),
        }
    }
    parts
}

/// The cheapest cut inside a part of `length` spoken characters.
fn best(cuts: &[Cut], part: Range<usize>, length: usize, max: usize) -> Option<usize> {
    let from = cuts.partition_point(|cut| cut.at <= part.start);
    let to = cuts.partition_point(|cut| cut.at < part.end);
    let count = length.div_ceil(max.max(1));
    let left_count = (count / 2) as f64;
    let right_count = count as f64 - left_count;
    let target = left_count / count as f64;
    let cost = |cut: &Cut| {
        let share = (cut.at - part.start) as f64 / part.len() as f64;
        let spoken = share * length as f64;
        let over = |spoken: f64, count: f64| if spoken > count * max as f64 { EXTRA_PART } else { 0.0 };
        let extra = over(spoken, left_count) + over(length as f64 - spoken, right_count);
        cut.cost + DISTANCE * (share - target).abs() + extra
    };
    // A very long part is halved near its middle: a cut far away would not pay, and looking there would cost.
    let middle = part.start + (part.len() as f64 * target) as usize;
    let near = cuts[from..to].partition_point(|cut| cut.at < middle) + from;
    let reach = 4096;
    let window = near.saturating_sub(reach).max(from)..(near + reach).min(to);
    let best = cuts[window].iter().min_by(|a, b| cost(a).total_cmp(&cost(b)))?;
    Some(best.at)
}

/// Every place where a sentence may be cut, in order: never inside a word or a pronounced phrase, and never so
/// that a part has nothing to say.
fn cuts(line: &Line<'_>, sentence: Range<usize>) -> Vec<Cut> {
    let text = &line.text[sentence.clone()];
    let Some(first) = text.find(char::is_alphanumeric) else { return Vec::new() };
    let Some(last) = text.rfind(char::is_alphanumeric) else { return Vec::new() };
    let mut cuts: Vec<Cut> = spaces(text).chain(marks(text)).chain(words(text)).collect();
    cuts.sort_by(|a, b| a.at.cmp(&b.at).then(a.cost.total_cmp(&b.cost)));
    cuts.dedup_by_key(|cut| cut.at);
    cuts.retain(|cut| first < cut.at && cut.at <= last);
    for cut in &mut cuts {
        cut.at += sentence.start;
    }
    let held = line.pronounced(sentence);
    if !held.is_empty() {
        cuts.retain(|cut| {
            let before = held.partition_point(|found| found.range.start < cut.at);
            before == 0 || held[before - 1].range.end <= cut.at
        });
    }
    cuts
}

/// Cuts after spaces, worth what stands before and after them.
fn spaces(text: &str) -> impl Iterator<Item = Cut> {
    text.match_indices(' ').map(|(space, _)| {
        let at = space + 1;
        let before = text[..space].trim_end_matches(['"', '\'', '”', '’', ')', ']', '»', '」']);
        let after = &text[at..];
        let word = after.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let conjunction = CONJUNCTIONS.iter().any(|c| c.eq_ignore_ascii_case(word));
        let cost = match before.chars().next_back() {
            Some('.') if is_abbreviated(before, after) => CLOSE_SPACE,
            Some('.' | '!' | '?' | '…' | '。' | '！' | '？') => STOP,
            Some(';' | '؛' | '；') => SEMICOLON,
            Some(':' | '：') => COLON,
            Some('—' | '–') => DASH,
            Some('-') if before.ends_with("--") || before.ends_with(" -") => DASH,
            Some(',' | '،' | '、' | '，') if conjunction => COMMA_CONJUNCTION,
            Some(',' | '،' | '、' | '，') => COMMA,
            _ if after.starts_with(['—', '–', '(']) || after.starts_with("- ") || after.starts_with("--") => {
                if after.starts_with('(') {
                    COMMA
                } else {
                    CLOSE_SPACE
                }
            }
            _ if conjunction => CONJUNCTION,
            _ if is_close(before, after) => CLOSE_SPACE,
            _ => SPACE,
        };
        Cut { at, cost }
    })
}

/// Cuts at marks that no space follows: dashes between words, and the punctuation of Chinese and Japanese.
fn marks(text: &str) -> impl Iterator<Item = Cut> {
    text.char_indices().filter_map(|(start, c)| {
        let at = start + c.len_utf8();
        let cost = match c {
            '—' => DASH,
            '-' if text[..start].ends_with('-') => DASH,
            '。' | '！' | '？' => STOP,
            '；' => SEMICOLON,
            '：' => COLON,
            '，' | '、' => COMMA,
            _ => return None,
        };
        let mut after = text[at..].chars();
        let next = after.next()?;
        let opens = match next {
            '"' | '\'' => after.next().is_some_and(char::is_alphanumeric),
            _ => !next.is_whitespace() && !"”’»)]」』.,;:!?…—–-。，、；：！？".contains(next),
        };
        opens.then_some(Cut { at, cost })
    })
}

/// Cuts between words of scripts that are written without spaces.
fn words(text: &str) -> Box<dyn Iterator<Item = Cut> + '_> {
    let spaceless = |c: char| matches!(c.script(), Script::Han | Script::Hiragana | Script::Katakana);
    if text.is_ascii() || !text.contains(spaceless) {
        return Box::new(std::iter::empty());
    }
    Box::new(text.split_word_bound_indices().filter_map(move |(at, word)| {
        let before = text[..at].chars().next_back()?;
        (spaceless(before) && word.starts_with(spaceless)).then_some(Cut { at, cost: SPACE })
    }))
}

/// `Mr. Darcy`, `p. 5`, `e.g. this`: a full stop that ends no sentence.
fn is_abbreviated(before: &str, after: &str) -> bool {
    let word = before.trim_end_matches('.').rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let next = after.chars().find(|c| c.is_alphanumeric());
    word.chars().count() == 1
        || HOLDING.iter().any(|h| h.eq_ignore_ascii_case(word))
        || next.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit())
}

/// A figure and its unit, an article and its noun.
fn is_close(before: &str, after: &str) -> bool {
    let word = before.rsplit(' ').next().unwrap_or_default();
    word.ends_with(|c: char| c.is_ascii_digit())
        || after.starts_with(|c: char| c.is_ascii_digit())
        || HOLDING.iter().any(|h| h.eq_ignore_ascii_case(word))
}
