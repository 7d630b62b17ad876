//! An MP3 that grows with the book. Its head is reserved by what is known of it: the times of chapters always take the
//! same room, whatever they are.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::info::{self, CHECKSUM, Info};
use super::tag::{self, Mark};
use crate::encode::{AccessUnitReader, MP3_HEAD};
use crate::formats::{Expected, Finished, GrowingFile, Label};
use crate::{ReleaseError, Track};

/// Writes an MP3 track by track.
pub(crate) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    /// Bytes of the tag.
    reserved: usize,
    head: [u8; MP3_HEAD],
    bitrate: u32,
    priming: u32,
    rate: u32,
    frames: u64,
    bytes: u64,
    checksum: crc::Digest<'static, u16>,
    /// Title and length of each track.
    chapters: Vec<(String, u64)>,
}

impl Writer {
    /// Begins a file whose tracks are like `first`. Nothing of its sound is written yet.
    pub(crate) fn begin(path: &Path, first: &Track, expected: &Expected<'_>) -> Result<Self, ReleaseError> {
        let io = || ReleaseError::io("write", path);
        let mut units = AccessUnitReader::open(&first.encoded.path)?;
        let mut frame = Vec::new();
        units.next(&mut frame)?;
        let broken = || ReleaseError::Broken {
            path: first.encoded.path.clone(),
            reason: "its first frame is none".to_owned(),
        };
        let head = frame.first_chunk::<MP3_HEAD>().copied().ok_or_else(broken)?;
        let bitrate = units.stream().bitrate;
        let marks: Vec<Mark<'_>> = expected
            .titles
            .iter()
            .filter(|_| expected.label.has_chapters())
            .map(|title| Mark { title, start: 0, end: 0 })
            .collect();
        let reserved = tag::encode(&expected.label, &marks, 0).map_err(io())?.len();
        let info = info::length(head, bitrate).ok_or_else(broken)?;
        let mut file = BufWriter::new(File::create(path).map_err(ReleaseError::io("create", path))?);
        file.seek(SeekFrom::Start((reserved + info) as u64)).map_err(io())?;
        Ok(Self {
            path: path.to_owned(),
            file,
            reserved,
            head,
            bitrate,
            priming: units.stream().priming,
            rate: units.stream().rate,
            frames: 0,
            bytes: 0,
            checksum: CHECKSUM.digest(),
            chapters: Vec::new(),
        })
    }
}

impl GrowingFile for Writer {
    fn push(&mut self, track: &Track) -> Result<(), ReleaseError> {
        let mut units = AccessUnitReader::open(&track.encoded.path)?;
        let refused =
            |reason: String| ReleaseError::Tracks { reason: format!("{:?}: {reason}", track.title) };
        if (units.stream().bitrate, units.stream().priming) != (self.bitrate, self.priming) {
            let bitrate = units.stream().bitrate;
            return Err(refused(format!("it has {bitrate} bits a second, the first {}", self.bitrate)));
        }
        // The first track also brings the frame of the priming.
        if !self.chapters.is_empty() {
            units.skip()?;
        }
        let before = self.frames;
        let mut frame = Vec::new();
        while units.next(&mut frame)? {
            self.file.write_all(&frame).map_err(ReleaseError::io("write", &self.path))?;
            self.checksum.update(&frame);
            self.frames += 1;
            self.bytes += frame.len() as u64;
        }
        let priming = if self.chapters.is_empty() { self.priming } else { 0 };
        let found = info::heard(self.frames - before, priming);
        if found != track.samples {
            let (chapter, expected) = (track.title.clone(), track.samples);
            return Err(ReleaseError::Length { chapter, expected, found });
        }
        self.chapters.push((track.title.clone(), track.samples));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), ReleaseError> {
        let forced = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        forced.map_err(ReleaseError::io("write", &self.path))
    }

    fn finish(mut self: Box<Self>, label: &Label<'_>) -> Result<Finished, ReleaseError> {
        let io = || ReleaseError::io("write", &self.path);
        let mut end = 0;
        let marks: Vec<Mark<'_>> = self
            .chapters
            .iter()
            .filter(|_| label.has_chapters())
            .map(|(title, samples)| {
                let start = end;
                end += samples;
                Mark { title, start: milliseconds(start, self.rate), end: milliseconds(end, self.rate) }
            })
            .collect();
        let tag = tag::encode(label, &marks, self.reserved).map_err(io())?;
        if tag.len() != self.reserved {
            return Ok(Finished::HeadTooLong);
        }
        let info = Info {
            head: self.head,
            bitrate: self.bitrate,
            frames: u32::try_from(self.frames).unwrap_or(u32::MAX),
            bytes: self.bytes,
            checksum: self.checksum.clone().finalize(),
            priming: self.priming,
        };
        let frame = info.frame().expect("the head was measured when the file was begun");
        let written = self.file.rewind().and_then(|()| self.file.write_all(&tag));
        let written = written.and_then(|()| self.file.write_all(&frame)).and_then(|()| self.file.flush());
        written.map_err(io())?;
        Ok(Finished::Whole)
    }
}

/// A time as a chapter tells it: to the nearest millisecond.
fn milliseconds(samples: u64, rate: u32) -> u32 {
    let rate = u64::from(rate);
    u32::try_from((samples * 1_000 + rate / 2) / rate).unwrap_or(u32::MAX)
}
