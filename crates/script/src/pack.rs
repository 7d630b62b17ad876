//! Whole sentences into chunks. For each paragraph the fewest chunks that fit, as even as they can be, so that no
//! tiny tail is left at the end.

use std::ops::Range;

use crate::{Packing, Profile};

/// What packing needs to know of a sentence, or of a part of one that was too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    /// Characters of spoken text.
    pub length: usize,
    /// Whether the next one may stand in the same chunk.
    pub end: End,
}

/// What stands after an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The same voice goes on after a pause that it makes by itself.
    Open,
    /// A pause, a change of language, or the end.
    Closed,
}

/// Groups neighbouring items into chunks: contiguous ranges that cover them.
pub(crate) fn pack(items: &[Item], profile: &Profile) -> Vec<Range<usize>> {
    if profile.packing == Packing::Sentence {
        return (0..items.len()).map(|i| i..i + 1).collect();
    }
    let mut chunks = Vec::new();
    let mut start = 0;
    for (i, item) in items.iter().enumerate() {
        if item.end == End::Closed || i + 1 == items.len() {
            fill(&items[start..=i], profile)
                .into_iter()
                .for_each(|r| chunks.push(start + r.start..start + r.end));
            start = i + 1;
        }
    }
    chunks
}

/// What a way of packing costs; less is better, the first field counts most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    chunks: usize,
    below_minimum: usize,
    /// Sum of the squared lengths: least where they are even.
    unevenness: u128,
}

/// The cheapest packing of a run of items, by dynamic programming over its last chunk.
fn fill(items: &[Item], profile: &Profile) -> Vec<Range<usize>> {
    let mut best: Vec<(Cost, usize)> = vec![(Cost { chunks: 0, below_minimum: 0, unevenness: 0 }, 0)];
    for end in 1..=items.len() {
        let mut length = 0;
        let mut cheapest: Option<(Cost, usize)> = None;
        for start in (0..end).rev() {
            length += items[start].length + usize::from(start + 1 < end);
            if length > profile.max_chars && start + 1 < end {
                break;
            }
            let (before, _) = best[start];
            let cost = Cost {
                chunks: before.chunks + 1,
                below_minimum: before.below_minimum + usize::from(length < profile.min_chars),
                unevenness: before.unevenness + (length as u128).pow(2),
            };
            if cheapest.is_none_or(|(least, _)| cost < least) {
                cheapest = Some((cost, start));
            }
        }
        best.push(cheapest.expect("the item alone is always a chunk"));
    }
    let mut chunks = Vec::new();
    let mut end = items.len();
    while end > 0 {
        let start = best[end].1;
        chunks.push(start..end);
        end = start;
    }
    chunks.reverse();
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILL: Profile = Profile { min_chars: 40, max_chars: 100, packing: Packing::Fill };

    fn items(lengths: &[usize]) -> Vec<Item> {
        lengths.iter().map(|length| Item { length: *length, end: End::Open }).collect()
    }

    #[test]
    fn one_sentence_is_one_chunk_where_the_voice_wants_it() {
        let profile = Profile { packing: Packing::Sentence, ..FILL };
        assert_eq!(pack(&items(&[3, 50, 4]), &profile), [0..1, 1..2, 2..3]);
    }

    #[test]
    fn sentences_fill_chunks_up_to_the_maximum_with_the_space_between_them() {
        assert_eq!(pack(&items(&[49, 50]), &FILL), vec![0..2]);
        assert_eq!(pack(&items(&[50, 50]), &FILL), [0..1, 1..2]);
    }

    #[test]
    fn no_tiny_tail_is_left() {
        // Greedily this would be 99 and 20.
        assert_eq!(pack(&items(&[33, 32, 32, 20]), &FILL), [0..2, 2..4]);
    }

    #[test]
    fn a_chunk_ends_where_a_pause_or_another_voice_begins() {
        let mut items = items(&[20, 20, 20]);
        items[0].end = End::Closed;
        assert_eq!(pack(&items, &FILL), [0..1, 1..3]);
    }

    #[test]
    fn a_sentence_that_is_too_long_stands_alone() {
        assert_eq!(pack(&items(&[10, 200, 10]), &FILL), [0..1, 1..2, 2..3]);
    }

    #[test]
    fn the_minimum_is_kept_where_as_many_chunks_allow_it() {
        // [60] + [60, 30] is as good as [60] [60] [30] is not: two chunks are fewest, and none is short.
        assert_eq!(pack(&items(&[60, 60, 30]), &FILL), [0..1, 1..3]);
    }
}
