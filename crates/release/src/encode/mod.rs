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
mod ffmpeg;
mod flac;
mod heard;
mod mp3;
mod mp3_frame;
mod opus;
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
use heard::Heard;
pub(crate) use mp3_frame::{
    FRAME as MP3_FRAME, HEAD as MP3_HEAD, head_like, length as mp3_frame_length, next as read_mp3_frame,
};
pub(crate) use opus::frame as opus_frame;
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
    /// MP3 mono at a constant bit rate, 44.1 kHz.
    Mp3 {
        /// Bits a second.
        bitrate: u32,
    },
    /// Opus mono at about this bit rate.
    Opus {
        /// Bits a second.
        bitrate: u32,
    },
}

impl Codec {
    /// The rate of its tracks for takes of this rate.
    #[must_use]
    pub fn rate(self, takes: SampleRate) -> SampleRate {
        match self {
            Self::Aac { .. } | Self::Flac | Self::Wav => takes,
            // Players and shops that take MP3 alone take it at this rate.
            Self::Mp3 { .. } => SampleRate(mp3_frame::RATE),
            Self::Opus { .. } => opus::rate_for(takes),
        }
    }

    /// Samples of which its tracks have a multiple, so that they join without a second encode.
    pub(crate) fn frame(self, rate: SampleRate) -> u32 {
        match self {
            Self::Aac { .. } | Self::Flac | Self::Wav => FRAME,
            Self::Mp3 { .. } => MP3_FRAME,
            Self::Opus { .. } => opus_frame(rate),
        }
    }

    /// Extension of its track files.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Aac { .. } => "aac",
            Self::Flac => "flac",
            Self::Wav => "wav",
            Self::Mp3 { .. } => "mp3",
            Self::Opus { .. } => "opus",
        }
    }
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

/// An encoded track on disk. FLAC and WAV are finished files; the others lie as access units in a file of our own.
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
    /// Samples that the decoder gives before the first that went in: whole access units.
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
        Codec::Mp3 { .. } => mp3::info(),
        Codec::Opus { .. } => opus::info(),
    }
}

/// An encoder that is no part of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideEncoder {
    /// The program that has it.
    pub program: &'static str,
    /// What the program calls it.
    pub encoder: &'static str,
    /// The program's version; none if it does not start.
    pub version: Option<String>,
    /// Whether it has the encoder.
    pub has_encoder: bool,
}

impl OutsideEncoder {
    /// The program's version if a track can be encoded, else why not.
    ///
    /// # Errors
    /// What is missing, for people.
    pub fn usable(&self) -> Result<&str, String> {
        let Self { program, encoder, .. } = self;
        match &self.version {
            None => Err(format!("{program} does not start")),
            Some(version) if self.has_encoder => Ok(version),
            Some(version) => Err(format!("{program} {version} has no encoder {encoder}")),
        }
    }
}

/// The encoder of `codec` that is no part of this program, if it needs one.
#[must_use]
pub fn outside_encoder(codec: Codec) -> Option<OutsideEncoder> {
    match codec {
        Codec::Aac { .. } => aac_encoder::outside(),
        Codec::Mp3 { .. } => Some(mp3::outside()),
        Codec::Flac | Codec::Wav | Codec::Opus { .. } => None,
    }
}

/// Begins a track in the file at `path`, which is replaced. What was written is whole only after `finish`.
///
/// A codec whose tracks can be joined without a second encode takes a multiple of its frame: AAC of 1024 samples, MP3
/// of 1152, Opus of 20 ms.
///
/// # Errors
/// If the codec does not have this rate or bit rate, or if the encoder or the file cannot be opened.
pub fn open(codec: Codec, rate: SampleRate, path: &Path) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    match codec {
        Codec::Aac { bitrate } => aac_encoder::open(bitrate, rate, path),
        Codec::Flac => flac::open(rate, path),
        Codec::Wav => wav::open(rate, path),
        Codec::Mp3 { bitrate } => mp3::open(bitrate, rate, path),
        Codec::Opus { bitrate } => opus::open(bitrate, rate, path),
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
        Codec::Mp3 { .. } => mp3::decode(track, sink),
        Codec::Opus { .. } => opus::decode(track, sink),
    }
}
