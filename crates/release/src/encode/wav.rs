//! WAV, 16 bit mono, and RF64 (EBU Tech 3306) where the 32-bit sizes of RIFF end.
//!
//! The header is written here because `hound`, which writes the takes, stops at 4 GiB. Room for the 64-bit
//! sizes is reserved as a `JUNK` chunk, as EBU Tech 3306 section 3.5 advises, so that the header never moves.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rhapsode_audio::{SampleRate, from_i16, to_i16};

use super::{Codec, EncodedTrack, EncoderInfo, TrackEncoder};
use crate::ReleaseError;

/// Length of the header: `RIFF`, `JUNK` or `ds64`, `fmt `, head of `data`.
pub(crate) const HEADER: usize = 12 + 36 + 24 + 8;

/// Size of a file from which it is RF64.
pub(crate) const LARGE: u64 = u32::MAX as u64;

pub(super) fn info() -> EncoderInfo {
    EncoderInfo {
        name: "WAV".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
    }
}

/// The header of a file with `samples` samples and `after` bytes of chunks after them; RF64 from `large` bytes.
pub(crate) fn header(rate: u32, samples: u64, after: u64, large: u64) -> [u8; HEADER] {
    let data = samples * 2;
    let riff = HEADER as u64 - 8 + data + after;
    let is_large = riff + 8 > large;
    let size32 = |size: u64| if is_large { u32::MAX } else { u32::try_from(size).unwrap_or(u32::MAX) };
    let mut bytes = Vec::with_capacity(HEADER);
    bytes.extend(if is_large { b"RF64" } else { b"RIFF" });
    bytes.extend(size32(riff).to_le_bytes());
    bytes.extend(b"WAVE");
    bytes.extend(if is_large { b"ds64" } else { b"JUNK" });
    bytes.extend(28u32.to_le_bytes());
    if is_large {
        bytes.extend(riff.to_le_bytes());
        bytes.extend(data.to_le_bytes());
        bytes.extend(samples.to_le_bytes());
        bytes.extend(0u32.to_le_bytes());
    } else {
        bytes.extend([0; 28]);
    }
    bytes.extend(b"fmt ");
    bytes.extend(16u32.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend(2u16.to_le_bytes());
    bytes.extend(16u16.to_le_bytes());
    bytes.extend(b"data");
    bytes.extend(size32(data).to_le_bytes());
    bytes.try_into().expect("the header's parts sum up to its length")
}

pub(super) fn open(rate: SampleRate, path: &Path) -> Result<Box<dyn TrackEncoder>, ReleaseError> {
    let mut file = BufWriter::new(File::create(path).map_err(ReleaseError::io("create", path))?);
    file.write_all(&header(rate.0, 0, 0, LARGE)).map_err(ReleaseError::io("write", path))?;
    Ok(Box::new(WavEncoder { path: path.to_owned(), file, rate, samples: 0 }))
}

struct WavEncoder {
    path: PathBuf,
    file: BufWriter<File>,
    rate: SampleRate,
    samples: u64,
}

impl TrackEncoder for WavEncoder {
    fn push(&mut self, samples: &[f32]) -> Result<(), ReleaseError> {
        for &sample in samples {
            self.file
                .write_all(&to_i16(sample).to_le_bytes())
                .map_err(ReleaseError::io("write", &self.path))?;
        }
        self.samples += samples.len() as u64;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<EncodedTrack, ReleaseError> {
        let header = header(self.rate.0, self.samples, 0, LARGE);
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(&header))
            .and_then(|()| self.file.flush())
            .map_err(ReleaseError::io("write", &self.path))?;
        Ok(EncodedTrack {
            path: self.path,
            codec: Codec::Wav,
            rate: self.rate,
            samples: self.samples,
            priming: 0,
        })
    }
}

/// Decodes a file that was written here.
pub(super) fn decode(track: &EncodedTrack, sink: &mut dyn FnMut(&[f32])) -> Result<(), ReleaseError> {
    let io = || ReleaseError::io("read", &track.path);
    let mut file = BufReader::new(File::open(&track.path).map_err(io())?);
    let mut found = [0; HEADER];
    file.read_exact(&mut found).map_err(io())?;
    if found != header(track.rate.0, track.samples, 0, LARGE) {
        return Err(ReleaseError::Broken {
            path: track.path.clone(),
            reason: format!("it is not a WAV of {} samples at {} Hz", track.samples, track.rate.0),
        });
    }
    let mut left = track.samples;
    let mut bytes = vec![0; 8192];
    let mut samples = Vec::with_capacity(4096);
    while left > 0 {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(4096);
        let block = &mut bytes[..count * 2];
        file.read_exact(block).map_err(io())?;
        samples.clear();
        samples.extend(block.chunks_exact(2).map(|pair| from_i16(i16::from_le_bytes([pair[0], pair[1]]))));
        sink(&samples);
        left -= count as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Length in samples that ffprobe reads from a file with this header and `samples` samples behind it.
    fn probed(samples: u64, large: u64) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.wav");
        let mut file = header(24_000, samples, 0, large).to_vec();
        file.resize(HEADER + samples as usize * 2, 1);
        std::fs::write(&path, file).unwrap();
        let output = Command::new("ffprobe")
            .args(["-v", "error", "-show_entries", "stream=duration_ts", "-of", "csv=p=0"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn both_kinds_of_header_are_read() {
        assert_eq!(probed(12_345, LARGE), "12345");
        assert_eq!(probed(12_345, 1_000), "12345");
    }

    #[test]
    fn a_header_turns_to_64_bits_where_32_end() {
        let most = (LARGE - HEADER as u64) / 2;
        assert_eq!(&header(24_000, most, 0, LARGE)[..4], b"RIFF");
        let large = header(24_000, most + 1, 0, LARGE);
        assert_eq!(&large[..4], b"RF64");
        assert_eq!(&large[12..16], b"ds64");
        assert_eq!(large[28..36], ((most + 1) * 2).to_le_bytes());
        assert_eq!(large[HEADER - 4..], u32::MAX.to_le_bytes());
    }
}
