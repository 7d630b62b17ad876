//! Sounds as the bytes that servers send, right and wrong ones.

use std::{
    collections::HashMap,
    io::Write,
    process::{Command, Stdio},
    sync::{Mutex, OnceLock},
};

use hyper::body::Bytes;

/// The lengths in the header of a WAV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lengths {
    /// As they are.
    Right,
    /// The same number for the whole file and for its samples.
    Both(u32),
    /// Half of what there is.
    FirstPiece,
    /// Two seconds more than there are.
    TooLong,
}

/// A mono WAV of 16-bit samples.
pub(crate) fn wav(samples: &[f32], rate: u32, lengths: Lengths) -> Bytes {
    riff(&pcm(samples), rate, Kind::Integer16, lengths)
}

/// A mono WAV of 32-bit floats.
pub(crate) fn float_wav(samples: &[f32], rate: u32) -> Bytes {
    let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    riff(&data, rate, Kind::Float32, Lengths::Right)
}

/// Samples alone, 16 bits, little-endian.
pub(crate) fn pcm(samples: &[f32]) -> Vec<u8> {
    let scaled = |sample: &f32| (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16;
    samples.iter().flat_map(|sample| scaled(sample).to_le_bytes()).collect()
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Integer16,
    Float32,
}

fn riff(data: &[u8], rate: u32, kind: Kind, lengths: Lengths) -> Bytes {
    let (tag, width) = match kind {
        Kind::Integer16 => (1_u16, 2_u16),
        Kind::Float32 => (3, 4),
    };
    let length = data.len() as u32;
    let (whole, inner) = match lengths {
        Lengths::Right => (36 + length, length),
        Lengths::Both(both) => (both, both),
        Lengths::FirstPiece => (36 + length / 4 * 2, length / 4 * 2),
        Lengths::TooLong => (36 + length + 4 * rate, length + 4 * rate),
    };
    let mut bytes = Vec::with_capacity(44 + data.len());
    bytes.extend(b"RIFF");
    bytes.extend(whole.to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend(tag.to_le_bytes());
    bytes.extend(1_u16.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * u32::from(width)).to_le_bytes());
    bytes.extend(width.to_le_bytes());
    bytes.extend((width * 8).to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(inner.to_le_bytes());
    bytes.extend(data);
    bytes.into()
}

/// A format that only ffmpeg writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lossy {
    Mp3,
    Opus,
}

/// Encodes a song with ffmpeg; once for each song, as it is slow to start.
pub(crate) fn lossy(song: u32, samples: &[f32], rate: u32, format: Lossy) -> Bytes {
    type Cache = Mutex<HashMap<(u32, usize, Lossy), Bytes>>;
    static CACHE: OnceLock<Cache> = OnceLock::new();
    let cache = || CACHE.get_or_init(Cache::default).lock().expect("no thread panics with the cache");
    let key = (song, samples.len(), format);
    if let Some(bytes) = cache().get(&key) {
        return bytes.clone();
    }
    let bytes = Bytes::from(ffmpeg(&wav(samples, rate, Lengths::Right), format));
    cache().insert(key, bytes.clone());
    bytes
}

fn ffmpeg(wav: &[u8], format: Lossy) -> Vec<u8> {
    let encoder = match format {
        Lossy::Mp3 => ["-c:a", "libmp3lame", "-b:a", "96k", "-f", "mp3"],
        Lossy::Opus => ["-c:a", "libopus", "-b:a", "64k", "-f", "ogg"],
    };
    let mut child = Command::new("ffmpeg")
        .args(["-v", "error", "-i", "-"])
        .args(encoder)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("ffmpeg cannot be started ({e}): run scripts/setup"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(wav));
        let output = child.wait_with_output().expect("ffmpeg can be waited for");
        assert!(output.status.success(), "ffmpeg cannot encode a song");
        output.stdout
    })
}
