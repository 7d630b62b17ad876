//! The sound that test servers and test programs answer with.

/// A WAV with a second of a tone at 24 kHz, and these lengths in its RIFF and data heads.
pub fn wav_saying(riff: u32, data: u32) -> Vec<u8> {
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(riff.to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(24_000_u32.to_le_bytes());
    bytes.extend(48_000_u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(data.to_le_bytes());
    bytes.extend(samples());
    bytes
}

/// A WAV with a second of a tone at 24 kHz.
pub fn wav() -> Vec<u8> {
    wav_saying(48_036, 48_000)
}

/// A second of a tone at 24 kHz, without a header.
pub fn samples() -> Vec<u8> {
    let sample = |i: u32| ((f64::from(i) * 0.05).sin() * 9_000.0) as i16;
    (0..24_000).flat_map(|i| sample(i).to_le_bytes()).collect()
}
