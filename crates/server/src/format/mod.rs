//! The formats of an answer. A new one is a file and a line in each table here.

mod flac;
mod mp3;
mod opus;
mod pcm;
mod wav;

use std::{fmt, path::Path};

use bytes::Bytes;
use rhapsode_audio::{Pcm, SampleRate, resample::resample};

pub(crate) use mp3::version as ffmpeg_version;

use crate::refusal::Refusal;

/// A format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// RIFF WAVE, 16 bit mono.
    Wav,
    /// FLAC, 16 bit mono.
    Flac,
    /// MPEG layer III. OpenAI's API takes it when nothing is asked for, and so do we.
    #[default]
    Mp3,
    /// Opus in Ogg.
    Opus,
    /// Samples alone: 16 bit little-endian mono at 24 kHz.
    Pcm,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Mp3, Self::Opus, Self::Flac, Self::Wav, Self::Pcm];

    /// Its name in `response_format`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Mp3 => "mp3",
            Self::Opus => "opus",
            Self::Pcm => "pcm",
        }
    }

    /// The names of all, for messages.
    pub(crate) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }

    /// The format of a name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its media type.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Flac => "audio/flac",
            Self::Mp3 => "audio/mpeg",
            Self::Opus => "audio/ogg",
            Self::Pcm => "audio/pcm",
        }
    }

    /// Encodes a sound, on a thread that may block.
    pub(crate) async fn encode(self, sound: Pcm, ffmpeg: &Path) -> Result<Bytes, EncodeError> {
        let encode = match self {
            Self::Mp3 => return mp3::encode(sound, ffmpeg).await,
            Self::Wav => wav::encode,
            Self::Flac => flac::encode,
            Self::Opus => opus::encode,
            Self::Pcm => pcm::encode,
        };
        let encoding = tokio::task::spawn_blocking(move || encode(sound));
        encoding.await.map_err(|error| EncodeError::failed(self, error))?
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A sound as a file of Ogg Opus, for a page that brings its sound along.
///
/// # Errors
/// If the encoder fails.
pub fn ogg_opus(sound: Pcm) -> Result<Bytes, EncodeError> {
    opus::encode(sound)
}

/// Why a sound could not be encoded. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// The program that encodes it is not there, so the format does not exist on this machine.
    #[error("start {program}, which encodes {format}: {source}; ask for another format, or install it")]
    Unavailable {
        /// The format.
        format: Format,
        /// The program.
        program: String,
        /// Why it does not start.
        source: std::io::Error,
    },
    /// It went wrong.
    #[error("encode {format}: {reason}")]
    Failed {
        /// The format.
        format: Format,
        /// Why.
        reason: String,
    },
}

impl EncodeError {
    fn failed(format: Format, reason: impl fmt::Display) -> Self {
        Self::Failed { format, reason: reason.to_string() }
    }
}

impl From<EncodeError> for Refusal {
    fn from(error: EncodeError) -> Self {
        let message = format!("failed to {error}");
        match error {
            EncodeError::Unavailable { .. } => {
                let status = axum::http::StatusCode::BAD_REQUEST;
                Self::new(status, "format_unavailable", message).of("response_format")
            }
            EncodeError::Failed { .. } => Self::failed("encoding_failed", message),
        }
    }
}

/// The same sound at the lowest of the rates that holds all of it, or at the highest.
fn at_one_of(sound: Pcm, rates: &[u32]) -> Pcm {
    let enough = rates.iter().copied().filter(|&rate| rate >= sound.rate.0).min();
    let rate = enough.or_else(|| rates.iter().copied().max()).unwrap_or(sound.rate.0);
    resample(sound, SampleRate(rate))
}
