//! How samples lie in a WAV, by its `fmt ` chunk: the part of the format that an answer of a server and a file of
//! many hours have in common.

use super::{Format, Undecodable};
use crate::from_i16;

/// How the samples of a `fmt ` chunk are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Samples a second.
    pub rate: u32,
    /// Channels, which lie interleaved.
    pub channels: u16,
    /// How a sample is written.
    pub sample: Sample,
}

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// 8 bits, unsigned.
    U8,
    /// 16 bits.
    I16,
    /// 24 bits.
    I24,
    /// 32 bits.
    I32,
    /// Floats of 32 bits.
    F32,
    /// Floats of 64 bits.
    F64,
}

impl Sample {
    /// Bytes of a sample.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 => 2,
            Self::I24 => 3,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// One sample from as many bytes as it has; zero from another number.
    #[must_use]
    pub fn read(self, bytes: &[u8]) -> f32 {
        match (self, bytes) {
            (Self::U8, &[a]) => (f32::from(a) - 128.0) / 128.0,
            (Self::I16, &[a, b]) => from_i16(i16::from_le_bytes([a, b])),
            (Self::I24, &[a, b, c]) => i32::from_le_bytes([0, a, b, c]) as f32 / 2_147_483_648.0,
            (Self::I32, &[a, b, c, d]) => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
            (Self::F32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]),
            (Self::F64, bytes) => bytes.try_into().map(f64::from_le_bytes).unwrap_or_default() as f32,
            _ => 0.0,
        }
    }
}

impl Layout {
    /// Reads the content of a `fmt ` chunk.
    ///
    /// # Errors
    /// If it is too short, or the samples are of a kind that is not read.
    pub fn read(chunk: &[u8]) -> Result<Self, Undecodable> {
        let word = |at: usize| chunk.get(at..at + 2).map(|b| u16::from_le_bytes([b[0], b[1]]));
        let short = || broken("its description of the samples is too short");
        let tag = word(0).ok_or_else(short)?;
        let channels = word(2).ok_or_else(short)?;
        let rate = u32::from(word(4).ok_or_else(short)?) | u32::from(word(6).ok_or_else(short)?) << 16;
        let bits = word(14).ok_or_else(short)?;
        // WAVE_FORMAT_EXTENSIBLE keeps the real tag at the beginning of its GUID.
        let tag = if tag == 0xfffe { word(24).ok_or_else(short)? } else { tag };
        let sample = match (tag, bits) {
            (1, 8) => Sample::U8,
            (1, 16) => Sample::I16,
            (1, 24) => Sample::I24,
            (1, 32) => Sample::I32,
            (3, 32) => Sample::F32,
            (3, 64) => Sample::F64,
            _ => {
                return Err(Undecodable::Unsupported(format!("WAV of kind {tag} with {bits} bits a sample")));
            }
        };
        Ok(Self { rate, channels, sample })
    }
}

fn broken(reason: &str) -> Undecodable {
    Undecodable::Broken { format: Format::Wav, reason: reason.to_owned() }
}
