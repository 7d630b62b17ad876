//! What the muxer must know of the tracks before the first byte: sizes of the access units and places of the
//! chapters. A size takes two bytes, so that the longest book stays small in memory.

use crate::encode::{AccessUnitReader, Codec, FRAME, Stream};
use crate::{ReleaseError, Track};

/// The sound of the whole book, and its chapters.
pub(crate) struct Movie {
    /// What all tracks share.
    pub stream: Stream,
    /// Bytes of each access unit that goes into the file.
    pub sizes: Vec<u16>,
    /// The chapters, in order, without gaps.
    pub chapters: Vec<Chapter>,
}

/// A chapter on the time line that a listener sees, on which the first audible sample is 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chapter {
    pub title: String,
    /// First sample.
    pub start: u64,
    /// Samples.
    pub length: u64,
}

impl Movie {
    /// An empty movie for tracks that are encoded like this one.
    pub(crate) fn like(track: &Track) -> Result<Self, ReleaseError> {
        let stream = AccessUnitReader::open(&track.encoded.path)?.stream().clone();
        Ok(Self { stream, sizes: Vec::new(), chapters: Vec::new() })
    }

    /// Adds a track whose file is read once. Checks that it fits to those before and that nothing is missing.
    pub(crate) fn append(&mut self, track: &Track, units: &mut AccessUnitReader) -> Result<(), ReleaseError> {
        let refused =
            |reason: String| ReleaseError::Tracks { reason: format!("{:?}: {reason}", track.title) };
        let Codec::Aac { .. } = track.encoded.codec else {
            return Err(refused("it is not AAC".to_owned()));
        };
        if units.stream() != &self.stream {
            return Err(refused(format!("it is {:?}, the first is {:?}", units.stream(), self.stream)));
        }
        if track.samples == 0 || !track.samples.is_multiple_of(u64::from(FRAME)) {
            return Err(refused(format!("{} samples are not whole frames", track.samples)));
        }
        for _ in 0..self.units_dropped(self.chapters.len()) {
            units.skip()?;
        }
        let before = self.sizes.len() as u64;
        while let Some(size) = units.skip()? {
            self.sizes.push(size);
        }
        // The first track also brings the units that hold the priming.
        let kept = if self.chapters.is_empty() { u64::from(self.stream.priming) } else { 0 };
        let expected = track.samples + kept;
        let found = (self.sizes.len() as u64 - before) * u64::from(FRAME);
        if found != expected {
            return Err(ReleaseError::Length { chapter: track.title.clone(), expected, found });
        }
        let start = self.samples();
        self.chapters.push(Chapter { title: track.title.clone(), start, length: track.samples });
        Ok(())
    }

    /// Access units that are left out at the start of a track: all tracks but the first follow sound that has
    /// primed the decoder already.
    pub(crate) fn units_dropped(&self, track: usize) -> u32 {
        if track == 0 { 0 } else { self.stream.priming / FRAME }
    }

    /// Samples that a listener hears.
    pub(crate) fn samples(&self) -> u64 {
        self.chapters.last().map_or(0, |last| last.start + last.length)
    }

    /// Samples that a decoder gives.
    pub(crate) fn decoded_samples(&self) -> u64 {
        self.sizes.len() as u64 * u64::from(FRAME)
    }

    /// Bytes of all access units.
    pub(crate) fn sound_bytes(&self) -> u64 {
        self.sizes.iter().map(|&size| u64::from(size)).sum()
    }
}
