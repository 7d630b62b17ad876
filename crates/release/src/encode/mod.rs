//! The encoders, behind one interface, so that mastering never knows which codec it feeds.

use std::path::PathBuf;

use rhapsode_audio::SampleRate;
use serde::{Deserialize, Serialize};

use crate::ReleaseError;

/// How a track is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Codec {
    /// AAC-LC mono at this many bits a second.
    Aac {
        /// Bits a second.
        bitrate: u32,
    },
    /// FLAC, 16 bit mono.
    Flac,
    /// WAV, 16 bit mono; RF64 above 4 GiB.
    Wav,
}

/// Takes a track's samples as they are mastered and writes them, encoded, to a file.
pub trait TrackEncoder {
    /// Hands over mono samples, full scale ±1.0, in blocks of any size.
    ///
    /// # Errors
    /// If the encoder or the file fails.
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError>;

    /// Ends the track.
    ///
    /// # Errors
    /// If the encoder or the file fails, or if the count of encoded samples is wrong.
    fn finish(self: Box<Self>) -> Result<EncodedTrack, ReleaseError>;
}

/// An encoded track on disk. AAC lies as access units in a file of our own; FLAC and WAV are finished files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodedTrack {
    /// The file.
    pub path: PathBuf,
    /// How it is encoded.
    pub codec: Codec,
    /// Samples a second.
    pub rate: SampleRate,
    /// Samples that went in.
    pub samples: u64,
    /// Samples that the decoder gives before the first that went in; a multiple of 1024 for AAC.
    pub priming: u32,
}
