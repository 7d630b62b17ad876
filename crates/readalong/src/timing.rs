//! Which mark is heard when. Clips touch: what is between two phrases, and what is spoken without standing in the text,
//! belongs to the clip before or, at the start of a chapter, to the first.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use crate::{NarratedChapter, marks::Mark, material::TextDocument, overlay::shares};

/// Skipped characters that a mark may hold: a note's number, a page's.
const SMALL_GAP: u64 = 24;

/// The phrases of a document, by the numbers of all phrases, with their characters in it: in order, disjoint.
pub(crate) fn phrases_in(
    document: &TextDocument,
    chapters: &[NarratedChapter<'_>],
) -> Vec<(usize, Range<u64>)> {
    let phrases = chapters.iter().flat_map(|chapter| &chapter.phrases).enumerate();
    let mut places: Vec<(usize, Range<u64>)> = phrases
        .flat_map(|(number, phrase)| {
            phrase.spans.iter().flat_map(|span| document.places(*span)).map(move |place| (number, place))
        })
        .collect();
    places.sort_by_key(|(_, place)| place.start);
    let mut joined: Vec<(usize, Range<u64>)> = Vec::with_capacity(places.len());
    for (number, place) in places {
        match joined.last_mut() {
            Some((last, range)) if *last == number && place.start <= range.end + SMALL_GAP => {
                range.end = place.end.max(range.end);
            }
            _ => joined.push((number, place)),
        }
    }
    joined
}

/// A stretch of a sound, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) chapter: usize,
    pub(crate) begin: u64,
    pub(crate) end: u64,
}

/// The chapters of which some phrase has a mark, in order.
pub(crate) fn heard(chapters: &[NarratedChapter<'_>], marks: &[Mark]) -> Vec<usize> {
    let marked: HashSet<usize> = marks.iter().map(|mark| mark.phrase).collect();
    let mut end = 0;
    let is_heard = |chapter: &NarratedChapter<'_>| {
        let phrases = end..end + chapter.phrases.len();
        end = phrases.end;
        phrases.into_iter().any(|phrase| marked.contains(&phrase))
    };
    let heard: Vec<bool> = chapters.iter().map(is_heard).collect();
    (0..chapters.len()).filter(|&number| heard[number]).collect()
}

/// The stretch of each mark, in the order of the marks. `marks` are those of all documents in reading order.
pub(crate) fn stretches(chapters: &[NarratedChapter<'_>], marks: &[Mark]) -> Vec<Stretch> {
    let mut of_phrase: HashMap<usize, Vec<usize>> = HashMap::new();
    for (number, mark) in marks.iter().enumerate() {
        of_phrase.entry(mark.phrase).or_default().push(number);
    }
    let mut stretches = vec![Stretch { chapter: 0, begin: 0, end: 0 }; marks.len()];
    let mut first = 0;
    for (number, chapter) in chapters.iter().enumerate() {
        let rate = u64::from(chapter.track.encoded.rate.0);
        let milliseconds = |samples: u64| (samples * 1000 + rate / 2) / rate;
        let mut begins: Vec<(usize, u64)> = Vec::new();
        let mut unmarked = None;
        for (at, phrase) in chapter.phrases.iter().enumerate() {
            let begin = milliseconds(phrase.start);
            match of_phrase.contains_key(&(first + at)) {
                // What is said before the first words that stand in the text is heard with them.
                true if begins.is_empty() => begins.push((first + at, unmarked.unwrap_or(begin))),
                true => begins.push((first + at, begin)),
                false => unmarked = unmarked.or(Some(begin)),
            }
        }
        // Whole milliseconds of sound, never one that has begun.
        let end = chapter.track.samples * 1000 / rate;
        for (at, &(phrase, begin)) in begins.iter().enumerate() {
            let end = begins.get(at + 1).map_or(end, |(_, next)| *next).max(begin);
            let numbers = &of_phrase[&phrase];
            let weights: Vec<u64> = numbers.iter().map(|&mark| marks[mark].weight).collect();
            for (&mark, (begin, end)) in numbers.iter().zip(shares(begin, end, &weights)) {
                stretches[mark] = Stretch { chapter: number, begin, end };
            }
        }
        first += chapter.phrases.len();
    }
    stretches
}
