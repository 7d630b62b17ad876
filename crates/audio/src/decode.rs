//! What a speech server or a program sent, as mono PCM. It exists because a server that fails often does so with
//! status 200: a page, an error text, half a file. What comes out of here is all of the sound that was sent; a
//! stream that is known to be cut is an error, never a shorter take.
//!
//! The bytes decide what they are. What a server says of them in its headers is not asked.

mod error;
mod flac;
mod mono;
mod mp3;
pub mod mp3_frame;
mod opus;
mod sniff;
mod wav;
pub mod wav_layout;

pub use error::{Looks, Undecodable};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Pcm, SampleRate, from_i16};
use mono::Mono;
use sniff::sniff;

/// A way to send sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// RIFF with integers of 8 to 32 bits or floats.
    Wav,
    /// FLAC in its own container.
    Flac,
    /// MPEG layer III.
    Mp3,
    /// Opus in Ogg.
    Opus,
    /// Signed 16-bit little-endian samples, mono, without any header.
    Pcm,
}

impl Format {
    /// The name that the speech API knows it by.
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
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wav => "WAV",
            Self::Flac => "FLAC",
            Self::Mp3 => "MP3",
            Self::Opus => "Ogg Opus",
            Self::Pcm => "raw PCM",
        })
    }
}

/// What is known of the bytes beside themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// If raw PCM was asked for: its rate. Bytes that look like nothing else are taken for it.
    pub raw: Option<SampleRate>,
    /// Sound longer than this many seconds is refused: a few bytes of some formats can stand for hours.
    pub max_seconds: u32,
}

impl Default for Expected {
    /// No raw PCM; a quarter of an hour, several times what any engine takes in one text.
    fn default() -> Self {
        Self { raw: None, max_seconds: 900 }
    }
}

/// Decodes a complete answer. Several channels are mixed into one. Samples are as they were sent, so they may be
/// beyond full scale or no numbers; that is for [`judge`](crate::judge::judge) to say.
///
/// # Errors
/// [`Undecodable`] says what the bytes look like instead, or where they break off.
pub fn decode(bytes: &[u8], expected: Expected) -> Result<Pcm, Undecodable> {
    let format = sniff(bytes, expected.raw.is_some())?;
    let pcm = match format {
        Format::Wav => wav::decode(bytes, expected),
        Format::Flac => flac::decode(bytes, expected),
        Format::Mp3 => mp3::decode(bytes, expected),
        Format::Opus => opus::decode(bytes, expected),
        Format::Pcm => raw(bytes, expected),
    }?;
    if pcm.samples.is_empty() { Err(Undecodable::NoSamples { format }) } else { Ok(pcm) }
}

fn raw(bytes: &[u8], expected: Expected) -> Result<Pcm, Undecodable> {
    let rate = expected.raw.expect("bytes are taken for raw PCM only where its rate is given");
    let (samples, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        let reason = "its last sample is half there".to_owned();
        return Err(Undecodable::Truncated { format: Format::Pcm, reason });
    }
    let mut mono = Mono::new(rate, 1, expected)?;
    let samples: Vec<f32> = samples.iter().map(|&sample| from_i16(i16::from_le_bytes(sample))).collect();
    mono.push(&samples)?;
    Ok(mono.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_samples_are_read_at_the_rate_they_were_asked_for() {
        let expected = Expected { raw: Some(SampleRate(24_000)), ..Expected::default() };
        let pcm = decode(&[0x00, 0x40, 0x00, 0xc0, 0xff, 0x7f], expected).unwrap();
        assert_eq!(pcm.rate, SampleRate(24_000));
        assert_eq!(pcm.to_16_bit(), [0x4000, -0x4000, 0x7fff]);
    }

    #[test]
    fn half_a_raw_sample_is_a_cut_stream() {
        let expected = Expected { raw: Some(SampleRate(24_000)), ..Expected::default() };
        let error = decode(&[0x00, 0x40, 0x00], expected).unwrap_err();
        assert!(matches!(error, Undecodable::Truncated { format: Format::Pcm, .. }), "{error}");
    }

    #[test]
    fn sound_beyond_the_longest_is_refused_before_it_fills_the_memory() {
        let expected = Expected { raw: Some(SampleRate(8_000)), max_seconds: 2 };
        assert!(decode(&vec![1; 2 * 16_000], expected).is_ok());
        let error = decode(&vec![1; 2 * 16_000 + 2], expected).unwrap_err();
        assert_eq!(error, Undecodable::TooLong { max_seconds: 2 });
    }
}
