//! A take as recognisers want it: WAV, one channel, 16 bits, 16 kHz. More is thrown away by every one of them.

use rhapsode_audio::{Pcm, SampleRate, resample::resample};

const RATE: SampleRate = SampleRate(16_000);
const BYTES_A_SAMPLE: u32 = 2;

/// The bytes of the file; none if there is no sound.
pub(super) fn wav(pcm: &Pcm) -> Option<Vec<u8>> {
    let samples = resample(pcm.clone(), RATE).to_16_bit();
    let length =
        u32::try_from(samples.len()).ok()?.checked_mul(BYTES_A_SAMPLE).filter(|length| *length > 0)?;
    let mut wav = Vec::with_capacity(44 + length as usize);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&length.checked_add(36)?.to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16_u32.to_le_bytes());
    // PCM, one channel.
    wav.extend_from_slice(&[1, 0, 1, 0]);
    wav.extend_from_slice(&RATE.0.to_le_bytes());
    wav.extend_from_slice(&(RATE.0 * BYTES_A_SAMPLE).to_le_bytes());
    // Bytes a frame, bits a sample.
    wav.extend_from_slice(&[2, 0, 16, 0]);
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&length.to_le_bytes());
    for sample in samples {
        wav.extend_from_slice(&sample.to_le_bytes());
    }
    Some(wav)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_is_sent_at_16_khz_with_a_header_that_agrees() {
        let take = Pcm { rate: SampleRate(24_000), samples: vec![0.5; 24_000] };
        let wav = wav(&take).unwrap();
        assert_eq!(wav.len(), 44 + 32_000);
        assert_eq!(u32::from_le_bytes(wav[40..44].try_into().unwrap()), 32_000);
        assert_eq!(u32::from_le_bytes(wav[4..8].try_into().unwrap()) as usize, wav.len() - 8);
        assert_eq!(i16::from_le_bytes(wav[16_044..16_046].try_into().unwrap()), 16_384);
    }

    #[test]
    fn no_sound_is_no_recording() {
        assert_eq!(wav(&Pcm { rate: SampleRate(24_000), samples: Vec::new() }), None);
    }
}
