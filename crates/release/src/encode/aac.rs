//! What every AAC-LC encoder here has in common: frames, rates, bit rates, and the decoder that measures.
//!
//! The decoder is Symphonia's, for both encoders: it gives float samples, so that a peak above full scale is
//! seen, where the FDK's own decoder limits and clips to 16 bit.

use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::AacDecoder;

use super::access_units::AccessUnitReader;
use super::{Codec, EncodedTrack, Heard};
use crate::ReleaseError;

/// Samples in an access unit of AAC-LC.
pub(crate) const FRAME: u32 = 1024;

/// Sampling frequencies with an index, ISO/IEC 14496-3 table 1.18, in its order.
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Largest access unit of one channel, in bits (ISO/IEC 14496-3 section 4.5.3); also the decoder's buffer.
pub(crate) const LARGEST_UNIT_BITS: u32 = 6144;

/// Lowest bit rate that encoders keep for one channel of AAC-LC.
const LOWEST_BITRATE: u32 = 8_000;

/// Checks that mono AAC-LC exists at this rate and bit rate: encoders would change either without a word.
pub(crate) fn check(bitrate: u32, rate: u32) -> Result<(), ReleaseError> {
    if !RATES.contains(&rate) {
        return Err(ReleaseError::Encoder {
            encoder: "AAC",
            reason: format!("there is no AAC at {rate} Hz; it has {RATES:?} Hz"),
        });
    }
    // 6144 bits for each 1024 samples.
    let highest = rate * (LARGEST_UNIT_BITS / FRAME);
    if (LOWEST_BITRATE..=highest).contains(&bitrate) {
        Ok(())
    } else {
        Err(ReleaseError::BitrateOutside {
            codec: "mono AAC",
            bitrate,
            rate,
            lowest: LOWEST_BITRATE,
            highest,
        })
    }
}

/// The AudioSpecificConfig of mono AAC-LC at one of [`RATES`]: object type 2, frequency index, one channel.
#[cfg(all(feature = "ffmpeg-aac", not(feature = "fdk-aac")))]
pub(super) fn configuration(rate: u32) -> Vec<u8> {
    let index = RATES.iter().position(|&known| known == rate).unwrap_or_default() as u16;
    (2 << 11 | index << 7 | 1 << 3).to_be_bytes().to_vec()
}

/// Decodes an access unit file, without the priming.
pub(super) fn decode(track: &EncodedTrack, sink: &mut dyn FnMut(&[f32])) -> Result<(), ReleaseError> {
    debug_assert!(matches!(track.codec, Codec::Aac { .. }));
    let broken = |reason: String| ReleaseError::Broken { path: track.path.clone(), reason };
    let mut units = AccessUnitReader::open(&track.path)?;
    let mut parameters = AudioCodecParameters::new();
    parameters
        .for_codec(CODEC_ID_AAC)
        .with_sample_rate(units.stream().rate)
        .with_extra_data(units.stream().config.clone().into_boxed_slice());
    let mut decoder = AacDecoder::try_new(&parameters, &AudioDecoderOptions::default())
        .map_err(|error| broken(format!("its decoder configuration is wrong: {error}")))?;

    let mut heard = Heard::of(track);
    let (mut unit, mut samples) = (Vec::new(), Vec::<f32>::new());
    let mut number = 0;
    while units.next(&mut unit)? {
        let packet = PacketRef::new(
            0,
            Timestamp::from(number * i64::from(FRAME)),
            Duration::from(u64::from(FRAME)),
            &unit,
        );
        decoder
            .decode_ref(&packet)
            .map_err(|error| broken(format!("access unit {number} does not decode: {error}")))?
            .copy_to_vec_interleaved(&mut samples);
        number += 1;
        sink(heard.of_block(&samples));
    }
    heard.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_rate_that_encoders_would_change_is_refused() {
        assert!(check(64_000, 24_000).is_ok());
        assert!(check(144_000, 24_000).is_ok());
        assert!(matches!(check(144_001, 24_000), Err(ReleaseError::BitrateOutside { highest: 144_000, .. })));
        assert!(matches!(check(7_999, 24_000), Err(ReleaseError::BitrateOutside { lowest: 8_000, .. })));
    }

    #[test]
    fn a_rate_that_aac_does_not_have_is_refused() {
        assert!(check(64_000, 24_001).is_err());
    }
}
