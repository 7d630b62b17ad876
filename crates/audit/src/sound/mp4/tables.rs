//! Where the samples of a track lie (ISO/IEC 14496-12 section 8.7): sizes, chunks and offsets, walked without a list of
//! the places.

use mp4_atom::{Co64, Stco, Stsc, StscEntry, Stsz, StszSamples, Stts};

use super::boxes::Tree;
use crate::sound::Unreadable;

/// Where a sample lies in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) size: u32,
}

/// The tables of a track.
pub(super) struct Tables {
    times: Stts,
    sizes: StszSamples,
    runs: Vec<StscEntry>,
    offsets: Vec<u64>,
}

impl Tables {
    pub(super) fn read(table: &Tree<'_>) -> Result<Self, Unreadable> {
        let missing = |name: &str| Unreadable::Broken(format!("its track has no whole table {name:?}"));
        let narrow = || table.leaf::<Stco>(b"stco").map(|t| t.entries.into_iter().map(u64::from).collect());
        let offsets = table.leaf::<Co64>(b"co64").map(|t| t.entries).or_else(narrow);
        Ok(Self {
            times: table.leaf(b"stts").ok_or_else(|| missing("stts"))?,
            sizes: table.leaf::<Stsz>(b"stsz").ok_or_else(|| missing("stsz"))?.samples,
            runs: table.leaf::<Stsc>(b"stsc").ok_or_else(|| missing("stsc"))?.entries,
            offsets: offsets.ok_or_else(|| missing("stco"))?,
        })
    }

    /// The length of all samples, in the units of the track.
    pub(super) fn duration(&self) -> u64 {
        let entries = self.times.entries.iter();
        let lengths = entries.map(|entry| u64::from(entry.sample_count) * u64::from(entry.sample_delta));
        lengths.fold(0, u64::saturating_add)
    }

    /// The length of each sample, in the units of the track.
    pub(super) fn lengths(&self) -> impl Iterator<Item = u32> {
        let entries = self.times.entries.iter();
        entries.flat_map(|entry| std::iter::repeat_n(entry.sample_delta, entry.sample_count as usize))
    }

    fn count(&self) -> usize {
        match &self.sizes {
            StszSamples::Identical { count, .. } => *count as usize,
            StszSamples::Different { sizes } => sizes.len(),
        }
    }

    fn size(&self, sample: usize) -> u32 {
        match &self.sizes {
            StszSamples::Identical { size, .. } => *size,
            StszSamples::Different { sizes } => sizes[sample],
        }
    }

    /// The place of each sample, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        let mut runs = self.runs.iter().peekable();
        let mut in_chunk = 0;
        let counts = (1_u32..).zip(&self.offsets).map(move |(number, &offset)| {
            while let Some(run) = runs.next_if(|run| run.first_chunk <= number) {
                in_chunk = run.samples_per_chunk;
            }
            (offset, in_chunk)
        });
        let (mut counts, mut left, mut at) = (counts, 0, 0);
        (0..self.count()).map_while(move |sample| {
            while left == 0 {
                (at, left) = counts.next()?;
            }
            let place = Place { offset: at, size: self.size(sample) };
            left -= 1;
            at = at.saturating_add(u64::from(place.size));
            Some(place)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(first_chunk: u32, samples_per_chunk: u32) -> StscEntry {
        StscEntry { first_chunk, samples_per_chunk, sample_description_index: 1 }
    }

    #[test]
    fn samples_lie_one_behind_the_other_in_their_chunks() {
        let tables = Tables {
            times: Stts::default(),
            sizes: StszSamples::Different { sizes: vec![1, 2, 3, 4, 5] },
            runs: vec![run(1, 2), run(2, 1)],
            offsets: vec![100, 200, 300, 400],
        };
        let places: Vec<(u64, u32)> = tables.places().map(|place| (place.offset, place.size)).collect();
        assert_eq!(places, [(100, 1), (101, 2), (200, 3), (300, 4), (400, 5)]);
    }

    #[test]
    fn samples_without_a_chunk_are_not_there() {
        let tables = Tables {
            times: Stts::default(),
            sizes: StszSamples::Identical { count: u32::MAX, size: 7 },
            runs: vec![run(1, 0), run(3, 1)],
            offsets: vec![0, 0, 50],
        };
        assert_eq!(tables.places().count(), 1);
    }
}
