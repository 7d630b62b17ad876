//! A file that grows with the book: the sound of each track is written as soon as the track is there, so that
//! nothing but the head and the last track is left to write when the last take has landed. The head comes first in
//! the file but last in time; the room for it is reserved, and what is left of that becomes a `free` box.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use mp4_atom::{Encode, Ftyp};

use super::moov::{self, Offsets};
use super::movie::{Chapter, Movie};
use super::{chapters, tables::Width};
use crate::encode::{AccessUnitReader, FRAME};
use crate::formats::{Expected, Finished, GrowingFile, Label};
use crate::{ReleaseError, Track};

/// Bytes of the head of a box.
const BOX: u64 = 8;
/// Bytes of the head of an `mdat` with a 64-bit size.
const LARGE_BOX: u64 = 16;

/// Writes an M4B track by track.
pub(crate) struct Muxer {
    path: PathBuf,
    file: BufWriter<File>,
    movie: Movie,
    /// Titles as samples of the chapter track; they lie before the sound.
    text: Vec<Vec<u8>>,
    /// Where the content of `mdat` begins.
    payload_at: u64,
    /// Offset from which a file needs 64-bit offsets and sizes.
    large: u64,
}

impl Muxer {
    /// Begins a file whose tracks are like `first`. Nothing of its sound is written yet.
    pub(crate) fn begin(
        path: &Path,
        first: &Track,
        expected: &Expected<'_>,
        large: u64,
    ) -> Result<Self, ReleaseError> {
        let movie = Movie::like(first)?;
        let text = chapters::samples(expected.titles.iter().copied());
        let reserved = longest_head(&movie, &text, expected).map_err(box_failed(path))?;
        let io = || ReleaseError::io("write", path);
        let mut file = BufWriter::new(File::create(path).map_err(ReleaseError::io("create", path))?);
        file.seek(SeekFrom::Start(reserved)).map_err(io())?;
        for sample in &text {
            file.write_all(sample).map_err(io())?;
        }
        Ok(Self { path: path.to_owned(), file, movie, text, payload_at: reserved, large })
    }
}

impl GrowingFile for Muxer {
    fn push(&mut self, track: &Track) -> Result<(), ReleaseError> {
        let number = self.movie.chapters.len();
        self.movie.append(track, &mut AccessUnitReader::open(&track.encoded.path)?)?;
        let mut units = AccessUnitReader::open(&track.encoded.path)?;
        for _ in 0..self.movie.units_dropped(number) {
            units.skip()?;
        }
        let mut unit = Vec::new();
        while units.next(&mut unit)? {
            self.file.write_all(&unit).map_err(ReleaseError::io("write", &self.path))?;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), ReleaseError> {
        let forced = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        forced.map_err(ReleaseError::io("write", &self.path))
    }

    fn finish(mut self: Box<Self>, label: &Label<'_>) -> Result<Finished, ReleaseError> {
        let text_bytes = self.text.iter().map(|sample| sample.len() as u64).sum::<u64>();
        let payload = text_bytes + self.movie.sound_bytes();
        let end = self.payload_at + payload;
        let width = if end > self.large { Width::Bits64 } else { Width::Bits32 };
        let offsets = Offsets { text: self.payload_at, sound: self.payload_at + text_bytes, width };
        let mut head = Vec::with_capacity(self.payload_at as usize);
        ftyp().encode(&mut head).map_err(box_failed(&self.path))?;
        moov::encode(&mut head, &self.movie, &self.text, label, &offsets).map_err(box_failed(&self.path))?;
        let mdat = mdat_head(payload, width);
        match self.payload_at.checked_sub(head.len() as u64 + mdat.len() as u64) {
            Some(0) => {}
            Some(free @ BOX..) => {
                let size = u32::try_from(free).map_err(|_| box_failed(&self.path)("the free box"))?;
                head.extend(size.to_be_bytes());
                head.extend(b"free");
                head.resize(self.payload_at as usize - mdat.len(), 0);
            }
            Some(_) | None => return Ok(Finished::HeadTooLong),
        }
        head.extend(mdat);
        let written = self.file.rewind().and_then(|()| self.file.write_all(&head));
        written.and_then(|()| self.file.flush()).map_err(ReleaseError::io("write", &self.path))?;
        Ok(Finished::Whole)
    }
}

fn box_failed<E: ToString>(path: &Path) -> impl FnOnce(E) -> ReleaseError {
    |error| ReleaseError::Broken { path: path.to_owned(), reason: error.to_string() }
}

/// Bytes before the content of `mdat`, at most: the head of a book as long as expected with nothing in its tables
/// that could be told in fewer bytes.
fn longest_head(movie: &Movie, text: &[Vec<u8>], expected: &Expected<'_>) -> mp4_atom::Result<u64> {
    let mut longest = Movie { stream: movie.stream.clone(), sizes: Vec::new(), chapters: Vec::new() };
    let units = (expected.samples + u64::from(longest.stream.priming)).div_ceil(u64::from(FRAME));
    // The rates that a head tells are worked out from the sizes and must not be zero.
    longest.sizes = vec![1; units as usize];
    // Chapters of different lengths cannot share an entry.
    let chapter =
        |(number, title): (u64, &&str)| Chapter { title: (*title).to_owned(), start: number, length: number };
    longest.chapters = (1..).zip(expected.titles).map(chapter).collect();
    let mut head = Vec::new();
    ftyp().encode(&mut head)?;
    let offsets = Offsets { text: 0, sound: 0, width: Width::Bits64 };
    moov::encode(&mut head, &longest, text, &expected.label, &offsets)?;
    Ok(head.len() as u64 + BOX + LARGE_BOX)
}

fn ftyp() -> Ftyp {
    Ftyp {
        major_brand: b"M4B ".into(),
        minor_version: 0,
        compatible_brands: vec![b"M4B ".into(), b"M4A ".into(), b"mp42".into(), b"isom".into()],
    }
}

/// Head of the box that holds the samples.
fn mdat_head(payload: u64, width: Width) -> Vec<u8> {
    let mut head = Vec::with_capacity(LARGE_BOX as usize);
    match (width, u32::try_from(payload + BOX)) {
        (Width::Bits32, Ok(size)) => {
            head.extend(size.to_be_bytes());
            head.extend(b"mdat");
        }
        _ => {
            head.extend(1u32.to_be_bytes());
            head.extend(b"mdat");
            head.extend((payload + LARGE_BOX).to_be_bytes());
        }
    }
    head
}
