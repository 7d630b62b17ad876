//! The file in which a track lies until it is muxed: access units of AAC, frames of MP3 or packets of Opus one after the
//! other, so that a chapter can be encoded long before its place in the book is known, and muxed without being parsed or
//! held in memory.
//!
//! Big-endian: `RHAU`, version (1 byte, 1), sample rate (4), priming in samples (4), nominal bits a second (4),
//! length of the AudioSpecificConfig (1), the AudioSpecificConfig, then for each access unit its length (2) and
//! its bytes. The file ends after an access unit; a cut file is an error.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::ReleaseError;

const MAGIC: [u8; 4] = *b"RHAU";
const VERSION: u8 = 1;

/// What a decoder and a muxer must know before the first access unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Samples a second.
    pub rate: u32,
    /// Samples that come out before the first that went in.
    pub priming: u32,
    /// Bits a second that were asked for.
    pub bitrate: u32,
    /// For AAC its AudioSpecificConfig, ISO/IEC 14496-3 section 1.6.2.1; nothing for the others.
    pub config: Vec<u8>,
}

/// Writes an access unit file.
pub(crate) struct AccessUnitWriter {
    path: PathBuf,
    file: BufWriter<File>,
    count: u64,
}

impl AccessUnitWriter {
    pub(crate) fn create(path: &Path, stream: &Stream) -> Result<Self, ReleaseError> {
        let file = File::create(path).map_err(ReleaseError::io("create", path))?;
        let mut writer = Self { path: path.to_owned(), file: BufWriter::new(file), count: 0 };
        let config_length = u8::try_from(stream.config.len()).map_err(|_| ReleaseError::Broken {
            path: path.to_owned(),
            reason: format!("its decoder configuration has {} bytes", stream.config.len()),
        })?;
        let mut header = Vec::with_capacity(18 + stream.config.len());
        header.extend(MAGIC);
        header.push(VERSION);
        header.extend(stream.rate.to_be_bytes());
        header.extend(stream.priming.to_be_bytes());
        header.extend(stream.bitrate.to_be_bytes());
        header.push(config_length);
        header.extend(&stream.config);
        writer.write(&header)?;
        Ok(writer)
    }

    pub(crate) fn push(&mut self, unit: &[u8]) -> Result<(), ReleaseError> {
        let length = u16::try_from(unit.len()).map_err(|_| ReleaseError::Broken {
            path: self.path.clone(),
            reason: format!("an access unit has {} bytes", unit.len()),
        })?;
        self.write(&length.to_be_bytes())?;
        self.write(unit)?;
        self.count += 1;
        Ok(())
    }

    /// Access units so far.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Flushes and gives the count of access units.
    pub(crate) fn finish(mut self) -> Result<u64, ReleaseError> {
        self.file.flush().map_err(ReleaseError::io("write", &self.path))?;
        Ok(self.count)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ReleaseError> {
        self.file.write_all(bytes).map_err(ReleaseError::io("write", &self.path))
    }
}

/// Reads an access unit file, one unit at a time.
pub(crate) struct AccessUnitReader {
    path: PathBuf,
    file: BufReader<File>,
    stream: Stream,
}

impl AccessUnitReader {
    pub(crate) fn open(path: &Path) -> Result<Self, ReleaseError> {
        let io = || ReleaseError::io("read", path);
        let mut file = BufReader::new(File::open(path).map_err(io())?);
        let mut fixed = [0; 18];
        file.read_exact(&mut fixed).map_err(io())?;
        if fixed[..4] != MAGIC || fixed[4] != VERSION {
            return Err(ReleaseError::Broken {
                path: path.to_owned(),
                reason: "it is not an access unit file of this version".to_owned(),
            });
        }
        let number = |at: usize| u32::from_be_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        let mut config = vec![0; usize::from(fixed[17])];
        file.read_exact(&mut config).map_err(io())?;
        let stream = Stream { rate: number(5), priming: number(9), bitrate: number(13), config };
        Ok(Self { path: path.to_owned(), file, stream })
    }

    pub(crate) fn stream(&self) -> &Stream {
        &self.stream
    }

    /// Reads the next access unit into `unit`; `false` at the end of the file.
    pub(crate) fn next(&mut self, unit: &mut Vec<u8>) -> Result<bool, ReleaseError> {
        let Some(length) = self.length()? else { return Ok(false) };
        unit.resize(usize::from(length), 0);
        self.file.read_exact(unit).map_err(ReleaseError::io("read", &self.path))?;
        Ok(true)
    }

    /// Passes over the next access unit and gives its length; `None` at the end of the file.
    pub(crate) fn skip(&mut self) -> Result<Option<u16>, ReleaseError> {
        let Some(length) = self.length()? else { return Ok(None) };
        let mut left = usize::from(length);
        // Not a seek: that would pass over the end of a cut file unseen.
        while left > 0 {
            let there = self.file.fill_buf().map_err(ReleaseError::io("read", &self.path))?.len();
            if there == 0 {
                return Err(self.cut());
            }
            let taken = there.min(left);
            self.file.consume(taken);
            left -= taken;
        }
        Ok(Some(length))
    }

    fn length(&mut self) -> Result<Option<u16>, ReleaseError> {
        if self.file.fill_buf().map_err(ReleaseError::io("read", &self.path))?.is_empty() {
            return Ok(None);
        }
        let mut length = [0; 2];
        self.file.read_exact(&mut length).map_err(ReleaseError::io("read", &self.path))?;
        Ok(Some(u16::from_be_bytes(length)))
    }

    fn cut(&self) -> ReleaseError {
        ReleaseError::io("read", &self.path)(std::io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        Stream { rate: 24_000, priming: 2048, bitrate: 64_000, config: vec![0x13, 0x08] }
    }

    #[test]
    fn access_units_come_back_as_they_went_in() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.au");
        let mut writer = AccessUnitWriter::create(&path, &stream()).unwrap();
        writer.push(&[1, 2, 3]).unwrap();
        writer.push(&[]).unwrap();
        writer.push(&[9; 700]).unwrap();
        assert_eq!(writer.finish().unwrap(), 3);

        let mut reader = AccessUnitReader::open(&path).unwrap();
        assert_eq!(reader.stream(), &stream());
        let mut unit = Vec::new();
        assert!(reader.next(&mut unit).unwrap());
        assert_eq!(unit, [1, 2, 3]);
        assert_eq!(reader.skip().unwrap(), Some(0));
        assert!(reader.next(&mut unit).unwrap());
        assert_eq!(unit, [9; 700]);
        assert!(!reader.next(&mut unit).unwrap());
    }

    #[test]
    fn a_cut_file_is_an_error_whether_it_is_read_or_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.au");
        let mut writer = AccessUnitWriter::create(&path, &stream()).unwrap();
        writer.push(&[7; 100]).unwrap();
        writer.finish().unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(AccessUnitReader::open(&path).unwrap().skip().is_err());
        assert!(AccessUnitReader::open(&path).unwrap().next(&mut Vec::new()).is_err());
    }
}
