//! Samples alone, at the one rate that OpenAI's API has for them: nothing in the answer tells another.

use bytes::Bytes;
use rhapsode_audio::{Pcm, SampleRate, resample::resample};

use super::EncodeError;

/// The rate that clients of the API expect.
const RATE: SampleRate = SampleRate(24_000);

pub(super) fn encode(sound: Pcm) -> Result<Bytes, EncodeError> {
    Ok(little_endian(&resample(sound, RATE)).into())
}

/// Samples as 16 bit little-endian.
pub(super) fn little_endian(sound: &Pcm) -> Vec<u8> {
    sound.to_16_bit().into_iter().flat_map(i16::to_le_bytes).collect()
}
