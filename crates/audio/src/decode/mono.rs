//! Collects decoded samples: mixes the channels into one and stops at the longest length that is taken.

use super::{Expected, Undecodable};
use crate::{Pcm, SampleRate};

/// Sound being collected.
pub(super) struct Mono {
    pcm: Pcm,
    channels: usize,
    max_samples: usize,
    max_seconds: u32,
}

impl Mono {
    /// # Errors
    /// [`Undecodable::Unsupported`] for a rate that no speech has or for no channels.
    pub(super) fn new(rate: SampleRate, channels: usize, expected: Expected) -> Result<Self, Undecodable> {
        if !(4_000..=384_000).contains(&rate.0) {
            return Err(Undecodable::Unsupported(format!("sound with {} samples a second", rate.0)));
        }
        if channels == 0 {
            return Err(Undecodable::Unsupported("sound without channels".to_owned()));
        }
        Ok(Self {
            pcm: Pcm { rate, samples: Vec::new() },
            channels,
            max_samples: rate.samples(f64::from(expected.max_seconds)),
            max_seconds: expected.max_seconds,
        })
    }

    /// Takes whole frames of interleaved samples.
    pub(super) fn push(&mut self, interleaved: &[f32]) -> Result<(), Undecodable> {
        if self.pcm.samples.len() + interleaved.len() / self.channels > self.max_samples {
            return Err(Undecodable::TooLong { max_seconds: self.max_seconds });
        }
        if self.channels == 1 {
            self.pcm.samples.extend_from_slice(interleaved);
        } else {
            let scale = 1.0 / self.channels as f32;
            let frames = interleaved.chunks_exact(self.channels);
            self.pcm.samples.extend(frames.map(|frame| frame.iter().sum::<f32>() * scale));
        }
        Ok(())
    }

    /// Samples so far.
    pub(super) fn len(&self) -> usize {
        self.pcm.samples.len()
    }

    /// Leaves out samples in the middle of what is there: priming, which encoders put before the sound.
    pub(super) fn drop_from(&mut self, at: usize, samples: usize) {
        let end = (at + samples).min(self.len());
        self.pcm.samples.drain(at.min(end)..end);
    }

    /// Leaves out everything after so many samples.
    pub(super) fn truncate(&mut self, samples: usize) {
        self.pcm.samples.truncate(samples);
    }

    pub(super) fn finish(self) -> Pcm {
        self.pcm
    }
}
