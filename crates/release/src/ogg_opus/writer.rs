//! An Ogg Opus file that grows with the book.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ogg::writing::{PacketWriteEndInfo, PacketWriter};

use super::heads::{self, Mark};
use super::{CLOCK, SERIAL};
use crate::encode::{AccessUnitReader, Stream, opus_frame};
use crate::formats::{Expected, Finished, GrowingFile, Label};
use crate::{ReleaseError, Track};

/// Packets in a page: a second, so that a player can begin and seek.
const PACKETS_IN_A_PAGE: u64 = 50;

/// Writes an Ogg Opus file track by track.
pub(crate) struct Writer {
    path: PathBuf,
    pages: PacketWriter<'static, BufWriter<File>>,
    /// Bytes of the heads.
    reserved: u64,
    stream: Stream,
    frame: u32,
    /// The last packet, which is marked as the last or not once the next is there or none.
    held: Vec<u8>,
    packets: u64,
    /// Title and length of each track.
    chapters: Vec<(String, u64)>,
}

impl Writer {
    /// Begins a file whose tracks are like `first`. Nothing of its sound is written yet.
    pub(crate) fn begin(path: &Path, first: &Track, expected: &Expected<'_>) -> Result<Self, ReleaseError> {
        let stream = AccessUnitReader::open(&first.encoded.path)?.stream().clone();
        let marks: Vec<Mark<'_>> = expected
            .titles
            .iter()
            .filter(|_| expected.label.has_chapters())
            .map(|&title| (title, 0))
            .collect();
        let end = expected.samples * ticks(&stream);
        let file = File::create(path).map_err(ReleaseError::io("create", path))?;
        let mut pages = PacketWriter::new(BufWriter::new(file));
        let io = || ReleaseError::io("write", path);
        heads::write(&mut pages, &expected.label, &marks, end, told(&stream)).map_err(io())?;
        let reserved = pages.get_current_offs().map_err(io())?;
        Ok(Self {
            path: path.to_owned(),
            pages,
            reserved,
            frame: opus_frame(rhapsode_audio::SampleRate(stream.rate)),
            stream,
            held: Vec::new(),
            packets: 0,
            chapters: Vec::new(),
        })
    }

    /// Writes the packet that is held.
    fn write_held(&mut self, end: PacketWriteEndInfo) -> Result<(), ReleaseError> {
        let position = self.packets * u64::from(self.frame) * ticks(&self.stream);
        let packet = std::mem::take(&mut self.held);
        let written = self.pages.write_packet(packet, SERIAL, end, position);
        written.map_err(ReleaseError::io("write", &self.path))
    }
}

impl GrowingFile for Writer {
    fn push(&mut self, track: &Track) -> Result<(), ReleaseError> {
        let mut units = AccessUnitReader::open(&track.encoded.path)?;
        if units.stream() != &self.stream {
            let reason = format!("{:?} is {:?}, the first is {:?}", track.title, units.stream(), self.stream);
            return Err(ReleaseError::Tracks { reason });
        }
        let lead = u64::from(self.stream.priming / self.frame);
        let mut found = 0;
        // The first track also brings the packets of the priming.
        if !self.chapters.is_empty() {
            for _ in 0..lead {
                units.skip()?;
            }
            found = lead;
        }
        let mut packet = Vec::new();
        while units.next(&mut packet)? {
            if self.packets > 0 {
                let full = self.packets.is_multiple_of(PACKETS_IN_A_PAGE);
                self.write_held(match full {
                    true => PacketWriteEndInfo::EndPage,
                    false => PacketWriteEndInfo::NormalPacket,
                })?;
            }
            self.held = std::mem::take(&mut packet);
            self.packets += 1;
            found += 1;
        }
        let found = found.saturating_sub(lead) * u64::from(self.frame);
        if found != track.samples {
            let (chapter, expected) = (track.title.clone(), track.samples);
            return Err(ReleaseError::Length { chapter, expected, found });
        }
        self.chapters.push((track.title.clone(), track.samples));
        Ok(())
    }

    fn sync(&mut self) -> Result<(), ReleaseError> {
        let file = self.pages.inner_mut();
        let forced = file.flush().and_then(|()| file.get_ref().sync_data());
        forced.map_err(ReleaseError::io("write", &self.path))
    }

    fn finish(mut self: Box<Self>, label: &Label<'_>) -> Result<Finished, ReleaseError> {
        self.write_held(PacketWriteEndInfo::EndStream)?;
        let ticks = ticks(&self.stream);
        let mut end = 0;
        let marks: Vec<Mark<'_>> = self
            .chapters
            .iter()
            .map(|(title, samples)| {
                let start = end;
                end += samples * ticks;
                (title.as_str(), start)
            })
            .collect();
        let marks = if label.has_chapters() { marks } else { Vec::new() };
        let io = || ReleaseError::io("write", &self.path);
        let mut heads = PacketWriter::new(Vec::new());
        heads::write(&mut heads, label, &marks, end, told(&self.stream)).map_err(io())?;
        let heads = heads.into_inner();
        if heads.len() as u64 != self.reserved {
            return Ok(Finished::HeadTooLong);
        }
        let file = self.pages.inner_mut();
        let written = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&heads));
        written.and_then(|()| file.flush()).map_err(io())?;
        Ok(Finished::Whole)
    }
}

/// Ticks of the file's clock in a sample.
fn ticks(stream: &Stream) -> u64 {
    CLOCK / u64::from(stream.rate)
}

/// What the first head tells: ticks that a player skips, and the rate that the sound had.
fn told(stream: &Stream) -> (u16, u32) {
    let skip = u64::from(stream.priming) * ticks(stream);
    (u16::try_from(skip).unwrap_or(u16::MAX), stream.rate)
}
