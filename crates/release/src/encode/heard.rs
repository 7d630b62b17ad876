//! What a listener hears of what a decoder gives: without the priming, and no more than went in.

use std::path::PathBuf;

use super::EncodedTrack;
use crate::ReleaseError;

/// A track while it is decoded.
pub(super) struct Heard {
    path: PathBuf,
    samples: u64,
    to_drop: usize,
    left: u64,
}

impl Heard {
    pub(super) fn of(track: &EncodedTrack) -> Self {
        Self {
            path: track.path.clone(),
            samples: track.samples,
            to_drop: track.priming as usize,
            left: track.samples,
        }
    }

    /// What is heard of the next block.
    pub(super) fn of_block<'a>(&mut self, block: &'a [f32]) -> &'a [f32] {
        let dropped = self.to_drop.min(block.len());
        self.to_drop -= dropped;
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(block.len() - dropped);
        self.left -= wanted as u64;
        &block[dropped..dropped + wanted]
    }

    /// Everything must have come.
    pub(super) fn end(self) -> Result<(), ReleaseError> {
        match self.left {
            0 => Ok(()),
            left => Err(ReleaseError::Broken {
                path: self.path,
                reason: format!("{left} of {} samples are missing", self.samples),
            }),
        }
    }
}
