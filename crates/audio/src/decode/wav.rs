//! WAV, also as servers send it that do not know its length when they begin: the lengths in the header are taken
//! for what they are worth, and the sound behind a wrong one is not lost.

use super::{Expected, Format, Mono, Undecodable, wav_layout::Layout};
use crate::{Pcm, SampleRate};

/// Lengths from here on say "until the end": nobody sends gigabytes for a sentence, and programs that cannot know
/// the length write this or more.
const UNTIL_THE_END: usize = 0x7f00_0000;

pub(super) fn decode(bytes: &[u8], expected: Expected) -> Result<Pcm, Undecodable> {
    let mut layout = None;
    let mut mono: Option<Mono> = None;
    let mut rest = &bytes[12..];
    while let Some((id, length, body)) = chunk(rest) {
        match &id {
            b"fmt " => {
                let body = body.get(..length).ok_or_else(|| cut("its header is not all there"))?;
                let found = Layout::read(body)?;
                if layout.is_some_and(|first| first != found) {
                    return Err(broken("its parts differ in rate, channels or sample size"));
                }
                layout = Some(found);
            }
            b"data" => {
                let layout = layout.ok_or_else(|| broken("its samples come before their description"))?;
                let end = extent(length, body)?;
                let into = match &mut mono {
                    Some(mono) => mono,
                    None => {
                        let channels = usize::from(layout.channels);
                        mono.insert(Mono::new(SampleRate(layout.rate), channels, expected)?)
                    }
                };
                push(layout, &body[..end], into)?;
                rest = &body[(end + (end & 1)).min(body.len())..];
                continue;
            }
            // Some servers join the WAV files of sentences as they are: the next one begins here.
            b"RIFF" if body.starts_with(b"WAVE") => {
                rest = &body[4..];
                continue;
            }
            _ if mono.is_none() && length > body.len() => return Err(cut("its header is not all there")),
            _ => {}
        }
        rest = body.get(length + (length & 1)..).unwrap_or_default();
    }
    mono.map(Mono::finish).ok_or_else(|| cut("it ends before its samples"))
}

/// A chunk's name, the length that it says it has, and everything behind its head.
fn chunk(bytes: &[u8]) -> Option<([u8; 4], usize, &[u8])> {
    let (&id, rest) = bytes.split_first_chunk::<4>()?;
    let (&length, body) = rest.split_first_chunk::<4>()?;
    Some((id, u32::from_le_bytes(length) as usize, body))
}

/// How much of what stands behind the head of a `data` chunk are its samples.
fn extent(length: usize, body: &[u8]) -> Result<usize, Undecodable> {
    if length >= UNTIL_THE_END {
        return Ok(body.len());
    }
    match body.get(length..) {
        None => {
            let (found, length) = (body.len(), length);
            Err(cut(&format!("its header says {length} bytes of sound, {found} came")))
        }
        Some(rest) if is_chunks(rest, length & 1) => Ok(length),
        // A length of nothing, or of the first piece only: what follows is sound, since it is nothing else.
        Some(_) => Ok(body.len()),
    }
}

/// Whether bytes after the samples are further chunks to the end, or another file, or nothing.
fn is_chunks(mut bytes: &[u8], mut padding: usize) -> bool {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b' ' || *byte == b'_';
    while bytes.len() > padding {
        let Some((id, length, body)) = chunk(&bytes[padding..]) else { return false };
        if &id == b"RIFF" {
            return body.starts_with(b"WAVE");
        }
        let Some(behind) = body.get(length..).filter(|_| id.iter().all(name)) else { return false };
        (bytes, padding) = (behind, length & 1);
    }
    true
}

/// Hands samples on.
fn push(layout: Layout, data: &[u8], into: &mut Mono) -> Result<(), Undecodable> {
    let size = layout.sample.bytes();
    let frame = size * usize::from(layout.channels);
    if !data.len().is_multiple_of(frame) {
        return Err(cut("its last sample is not all there"));
    }
    // In pieces, so that what is too long is known before all of it is in memory twice.
    let mut samples = Vec::new();
    for piece in data.chunks(frame * 4_096) {
        samples.clear();
        samples.extend(piece.chunks_exact(size).map(|bytes| layout.sample.read(bytes)));
        into.push(&samples)?;
    }
    Ok(())
}

fn cut(reason: &str) -> Undecodable {
    Undecodable::Truncated { format: Format::Wav, reason: reason.to_owned() }
}

fn broken(reason: &str) -> Undecodable {
    Undecodable::Broken { format: Format::Wav, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::decode;

    const SAMPLES: [i16; 6] = [0, 1_000, -1_000, 32_767, -32_768, 7];

    /// A WAV whose RIFF and data chunks say these lengths, with something behind it.
    fn wav(riff: u32, data: u32, behind: &[u8]) -> Vec<u8> {
        let mut bytes = b"RIFF".to_vec();
        bytes.extend(riff.to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        bytes.extend(24_000_u32.to_le_bytes());
        bytes.extend(48_000_u32.to_le_bytes());
        bytes.extend(b"\x02\0\x10\0data");
        bytes.extend(data.to_le_bytes());
        bytes.extend(SAMPLES.iter().flat_map(|sample| sample.to_le_bytes()));
        bytes.extend(behind);
        bytes
    }

    fn read(bytes: &[u8]) -> Vec<i16> {
        decode(bytes, Expected::default()).unwrap().to_16_bit()
    }

    #[test]
    fn whatever_length_a_streaming_server_writes_all_samples_are_there() {
        for length in [12, 0, u32::MAX, u32::MAX - 36, 0x7fff_ffff, 0x7fff_f000, 4] {
            for riff in [48, 0, u32::MAX, 36] {
                assert_eq!(read(&wav(riff, length, b"")), SAMPLES, "{length:x} in {riff:x}");
            }
        }
    }

    #[test]
    fn a_wav_shorter_than_its_header_says_is_cut() {
        let whole = wav(48, 12, b"");
        for end in [whole.len() - 1, whole.len() - 6, 45, 44, 40, 30, 12] {
            let error = decode(&whole[..end], Expected::default()).unwrap_err();
            assert!(matches!(error, Undecodable::Truncated { .. }), "at {end}: {error}");
        }
    }

    #[test]
    fn chunks_behind_the_samples_are_not_heard() {
        assert_eq!(read(&wav(60, 12, b"LIST\x04\0\0\0INFO")), SAMPLES);
    }

    #[test]
    fn joined_files_are_one_sound() {
        let second = wav(48, 12, b"");
        let twice: Vec<i16> = SAMPLES.iter().chain(&SAMPLES).copied().collect();
        assert_eq!(read(&wav(48, 12, &second)), twice);
    }

    #[test]
    fn parts_of_another_rate_are_not_joined() {
        let mut second = wav(48, 12, b"");
        second[24..28].copy_from_slice(&22_050_u32.to_le_bytes());
        let error = decode(&wav(48, 12, &second), Expected::default()).unwrap_err();
        assert!(matches!(error, Undecodable::Broken { .. }), "{error}");
    }

    #[test]
    fn a_complete_file_of_no_length_has_no_samples() {
        let mut empty = wav(36, 0, b"");
        empty.truncate(44);
        let error = decode(&empty, Expected::default()).unwrap_err();
        assert_eq!(error, Undecodable::NoSamples { format: Format::Wav });
    }
}
