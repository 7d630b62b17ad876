//! The encoders, behind one interface, so that mastering never knows which codec it feeds.

#[cfg(not(any(feature = "fdk-aac", feature = "ffmpeg-aac")))]
compile_error!(
    "rhapsode-release needs an AAC encoder: the feature `fdk-aac` (the default) or `ffmpeg-aac` \
     (with --no-default-features)"
);

mod aac;
#[cfg(feature = "fdk-aac")]
mod aac_fdk;
#[cfg(all(feature = "ffmpeg-aac", not(feature = "fdk-aac")))]
mod aac_ffmpeg;
mod access_units;
#[cfg(all(feature = "ffmpeg-aac", not(feature = "fdk-aac")))]
mod adts;
mod flac;
mod wav;

use std::path::{Path, PathBuf};

use rhapsode_audio::SampleRate;
use serde::{Deserialize, Serialize};

pub(crate) use aac::{FRAME, LARGEST_UNIT_BITS};
// With both features the FDK wins: it is the faster one.
#[cfg(feature = "fdk-aac")]
use aac_fdk as aac_encoder;
#[cfg(all(feature = "ffmpeg-aac", not(feature = "fdk-aac")))]
use aac_ffmpeg as aac_encoder;
#[cfg(test)]
pub(crate) use access_units::AccessUnitWriter;
pub(crate) use access_units::{AccessUnitReader, Stream};
pub(crate) use flac::FRAMES_AT;
pub(crate) use wav::{HEADER, LARGE, header as wav_header};

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

/// What encodes a codec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderInfo {
    /// Its name.
    pub name: String,
    /// Its version; a track is encoded again when it changes.
    pub version: String,
    /// Its licence.
    pub licence: String,
}

/// What encodes `codec` in this build.
#[must_use]
pub fn encoder_info(codec: Codec) -> EncoderInfo {
    match codec {
        Codec::Aac { .. } => aac_encoder::info(),
        Codec::Flac => flac::info(),
        Codec::Wav => wav::info(),
    }
}

/// Begins a track in the file at `path`, which is replaced. What was written is whole only after `finish`.
///
/// AAC takes a multiple of 1024 samples, so that tracks can be joined without a second encode.
///
/// # Errors
/// If the codec does not have this rate or bit rate, or if the encoder or the file cannot be opened.
pub fn open(codec: Codec, rate: SampleRate, path: &Path) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    match codec {
        Codec::Aac { bitrate } => aac_encoder::open(bitrate, rate, path),
        Codec::Flac => flac::open(rate, path),
        Codec::Wav => wav::open(rate, path),
    }
}

/// Decodes a track in blocks, as a player hears it: without the priming, exactly `track.samples` samples.
///
/// # Errors
/// If the file cannot be read or is not the track.
pub fn decode(track: &EncodedTrack, sink: &mut dyn FnMut(&[f32])) -> Result<(), ReleaseError> {
    match track.codec {
        Codec::Aac { .. } => aac::decode(track, sink),
        Codec::Flac => flac::decode(track, sink),
        Codec::Wav => wav::decode(track, sink),
    }
}
