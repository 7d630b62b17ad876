//! The tables that tell a player where a sample lies and when it sounds. Pure functions of the samples' sizes
//! and lengths, so that they can be tested without a file.

use mp4_atom::{BufMut, Co64, Encode, Stco, Stsc, StscEntry, Stsz, StszSamples, Stts, SttsEntry};

/// Width of the offsets in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    Bits32,
    Bits64,
}

/// Samples in chunks of `chunk` samples, the first of which lies at `at`.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Bytes of each sample.
    pub sizes: Vec<u32>,
    /// Samples in a chunk.
    pub chunk: u32,
    /// Offset of the first sample in the file.
    pub at: u64,
    /// Width of the offsets.
    pub width: Width,
}

impl Layout {
    /// Writes `stsc`, `stsz` and `stco` or `co64`. The sizes of a long book are many megabytes: they are not copied.
    pub(crate) fn encode<B: BufMut>(self, buffer: &mut B) -> mp4_atom::Result<()> {
        self.stsc().encode(buffer)?;
        let offsets: Vec<u64> = self.offsets().collect();
        Stsz { samples: StszSamples::Different { sizes: self.sizes } }.encode(buffer)?;
        match self.width {
            Width::Bits32 => {
                let entries = offsets.into_iter().map(u32::try_from).collect::<Result<_, _>>();
                Stco { entries: entries.map_err(|_| mp4_atom::Error::TooLarge(b"stco".into()))? }
                    .encode(buffer)
            }
            Width::Bits64 => Co64 { entries: offsets }.encode(buffer),
        }
    }

    fn stsc(&self) -> Stsc {
        let entry = |first_chunk, samples_per_chunk| StscEntry {
            first_chunk,
            samples_per_chunk,
            sample_description_index: 1,
        };
        let count = self.sizes.len() as u32;
        let (whole, rest) = (count / self.chunk, count % self.chunk);
        let mut entries = Vec::with_capacity(2);
        if whole > 0 {
            entries.push(entry(1, self.chunk));
        }
        if rest > 0 {
            entries.push(entry(whole + 1, rest));
        }
        Stsc { entries }
    }

    fn offsets(&self) -> impl Iterator<Item = u64> {
        let mut at = self.at;
        self.sizes.chunks(self.chunk as usize).map(move |chunk| {
            let here = at;
            at += chunk.iter().map(|&size| u64::from(size)).sum::<u64>();
            here
        })
    }
}

/// Lengths of samples in time, equal neighbours counted together. A sample that is too long for the table, more
/// than 24 hours at 48 kHz, is an error.
pub(crate) fn stts(lengths: impl Iterator<Item = u64>) -> mp4_atom::Result<Stts> {
    let mut entries: Vec<SttsEntry> = Vec::new();
    for length in lengths {
        let delta = u32::try_from(length).map_err(|_| mp4_atom::Error::TooLarge(b"stts".into()))?;
        match entries.last_mut() {
            Some(last) if last.sample_delta == delta => last.sample_count += 1,
            _ => entries.push(SttsEntry { sample_count: 1, sample_delta: delta }),
        }
    }
    Ok(Stts { entries })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Offset and size of each sample, as a player finds them.
    fn walk(stsc: &Stsc, sizes: &[u32], offsets: &[u64]) -> Vec<(u64, u32)> {
        let mut found = Vec::new();
        let mut sizes = sizes.iter();
        for (number, &offset) in (1u32..).zip(offsets) {
            let in_chunk = stsc.entries.iter().rev().find(|entry| entry.first_chunk <= number).unwrap();
            let mut at = offset;
            for &size in sizes.by_ref().take(in_chunk.samples_per_chunk as usize) {
                found.push((at, size));
                at += u64::from(size);
            }
        }
        found
    }

    proptest! {
        #[test]
        fn a_player_finds_every_sample_where_it_was_written(
            sizes in prop::collection::vec(0u32..2000, 1..500),
            chunk in 1u32..100,
            at in 0u64..1 << 40,
        ) {
            let layout = Layout { sizes: sizes.clone(), chunk, at, width: Width::Bits64 };
            let offsets: Vec<u64> = layout.offsets().collect();
            let found = walk(&layout.stsc(), &sizes, &offsets);
            prop_assert_eq!(found.len(), sizes.len());
            let mut expected = at;
            for ((offset, size), wanted) in found.into_iter().zip(&sizes) {
                prop_assert_eq!(offset, expected);
                prop_assert_eq!(size, *wanted);
                expected += u64::from(size);
            }
        }

        #[test]
        fn the_time_table_gives_back_every_length(lengths in prop::collection::vec(1u64..4, 0..300)) {
            let table = stts(lengths.iter().copied()).unwrap();
            let back: Vec<u64> = table
                .entries
                .iter()
                .flat_map(|entry| vec![u64::from(entry.sample_delta); entry.sample_count as usize])
                .collect();
            prop_assert_eq!(back, lengths);
            prop_assert!(table.entries.windows(2).all(|pair| pair[0].sample_delta != pair[1].sample_delta));
        }
    }

    #[test]
    fn an_offset_over_32_bits_is_never_cut_silently() {
        let layout = Layout { sizes: vec![1], chunk: 1, at: 1 << 32, width: Width::Bits32 };
        assert!(layout.encode(&mut Vec::new()).is_err());
    }
}
