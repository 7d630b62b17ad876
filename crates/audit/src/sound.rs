//! Any sound file as a stream of samples, and what its container promised of them. A file of thirty hours is read in
//! blocks; a broken one gives all of its sound up to the break, and a note of where and what it was.
//!
//! The bytes decide what a file is, not its name.

mod damage;
mod flac;
mod mp3;
mod mp4;
mod opus;
mod source;
mod wav;

use std::io::Read;
use std::path::Path;

use serde::Serialize;

pub use damage::{Damage, Fault};
pub use source::Progress;
pub(crate) use source::Source;

use crate::chapters::ChapterList;

/// How sound lies in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Container {
    /// MP4, M4A and M4B.
    Mp4,
    /// A stream of MP3 frames.
    Mp3,
    /// FLAC in its own container.
    Flac,
    /// Ogg.
    Ogg,
    /// RIFF, RF64 and BW64.
    Wav,
}

impl Container {
    /// What the first bytes of a file are; none of these without a match.
    fn sniff(start: &[u8]) -> Option<Self> {
        match start {
            [b'f', b'L', b'a', b'C', ..] => Some(Self::Flac),
            [b'O', b'g', b'g', b'S', ..] => Some(Self::Ogg),
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(Self::Mp4),
            [b'R', b'I', b'F', b'F' | b'X', ..]
            | [b'R', b'F', b'6', b'4', ..]
            | [b'B', b'W', b'6', b'4', ..] => {
                start.get(8..12).is_some_and(|kind| kind == b"WAVE").then_some(Self::Wav)
            }
            [b'I', b'D', b'3', ..] => Some(Self::Mp3),
            [0xff, b, ..] if b & 0xe6 == 0xe2 => Some(Self::Mp3),
            _ => None,
        }
    }
}

/// What is known of a stream once its first sound was decoded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stream {
    /// The container.
    pub container: Container,
    /// The codec, as people call it.
    pub codec: &'static str,
    /// Samples a second of each channel.
    pub rate: u32,
    /// Channels.
    pub channels: u32,
}

/// Bits a second of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BitRate {
    /// Mean over the file, in bits a second.
    pub mean: f64,
    /// Whether every frame has the same; none where the codec does not tell.
    pub constant: Option<bool>,
}

/// What came of reading a file to its end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Decoded {
    pub(crate) stream: Stream,
    /// Samples of each channel that were decoded, without what encoders add at both ends.
    pub(crate) frames: u64,
    /// Seconds that the container promised, if it promised any.
    pub(crate) promised: Option<f64>,
    pub(crate) bit_rate: Option<BitRate>,
    pub(crate) damage: Damage,
    /// Whether a checksum over the whole sound was there and held; none without one.
    pub(crate) checksum: Option<Checksum>,
    /// Chapters that the container itself keeps; those in tags are read with the tags.
    pub(crate) chapters: Vec<ChapterList>,
}

/// A checksum over the sound of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checksum {
    /// What kind it is.
    pub(crate) name: &'static str,
    pub(crate) holds: bool,
}

/// Where decoded samples go.
pub(crate) trait Sink {
    /// Says what comes, before the first samples.
    fn begin(&mut self, stream: &Stream);

    /// Takes whole frames of interleaved samples.
    fn take(&mut self, interleaved: &[f32]);
}

/// Why nothing of a file could be decoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it cannot be read: {0}")]
    Io(String),
    #[error("it is no sound file: its content is neither MP4, MP3, FLAC, Ogg Opus nor WAV")]
    NotSound,
    #[error("it is empty")]
    Empty,
    #[error("{0} is not decoded here")]
    Unsupported(String),
    #[error("{0}")]
    Broken(String),
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

impl Unreadable {
    fn broken(reason: impl std::fmt::Display) -> Self {
        Self::Broken(reason.to_string())
    }
}

/// Refuses rates and numbers of channels that no audiobook has; meters would too.
fn check(rate: u32, channels: u32) -> Result<(), Unreadable> {
    if !(4_000..=384_000).contains(&rate) {
        return Err(Unreadable::Unsupported(format!("sound with {rate} samples a second")));
    }
    if !(1..=8).contains(&channels) {
        return Err(Unreadable::Unsupported(format!("sound with {channels} channels")));
    }
    Ok(())
}

/// Decodes a file to its end, or to where it breaks off.
pub(crate) fn decode(path: &Path, progress: &Progress, sink: &mut dyn Sink) -> Result<Decoded, Unreadable> {
    let mut start = Vec::new();
    std::fs::File::open(path)?.take(12).read_to_end(&mut start)?;
    if start.is_empty() {
        return Err(Unreadable::Empty);
    }
    let container = Container::sniff(&start).ok_or(Unreadable::NotSound)?;
    let source = Source::open(path, progress)?;
    match container {
        Container::Mp4 => mp4::decode(source, sink),
        Container::Mp3 => mp3::decode(source, sink),
        Container::Flac => flac::decode(path, source, sink),
        Container::Ogg => opus::decode(source, sink),
        Container::Wav => wav::decode(source, sink),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_are() {
        let cases: [(&[u8], Option<Container>); 8] = [
            (b"\0\0\0\x20ftypM4B ", Some(Container::Mp4)),
            (b"ID3\x04\0\0\0\0\0\0", Some(Container::Mp3)),
            (b"\xff\xfb\x90\x00", Some(Container::Mp3)),
            (b"fLaC\0\0\0\x22", Some(Container::Flac)),
            (b"OggS\0\x02", Some(Container::Ogg)),
            (b"RF64\xff\xff\xff\xffWAVE", Some(Container::Wav)),
            (b"RIFF\0\0\0\0AVI ", None),
            (b"<html>", None),
        ];
        for (bytes, container) in cases {
            assert_eq!(Container::sniff(bytes), container, "{bytes:?}");
        }
    }
}
