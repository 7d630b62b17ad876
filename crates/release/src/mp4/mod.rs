//! The M4B muxer: access units of finished tracks, chapters, tags and cover into one MP4 file, without a codec
//! and without a second pass over the sound.
//!
//! Boxes come from `mp4-atom`. Boxes of our own, each for what it lacks: the containers (it writes `edts` after
//! `mdia` and `udta` before `trak`, where some players do not look), `gmhd` and the QuickTime `text` sample
//! entry (it has neither), `ilst` (it knows six of our items) and the `hdlr` of `meta` (it writes zeros where
//! Apple's readers want `appl`).
//!
//! Time: the movie, the sound and the chapters all count in samples, so that nothing is ever rounded, but for
//! the Nero chapters, whose unit is 100 ns. Dates are zero: the same tracks give the same bytes.

mod chapters;
mod check;
mod ilst;
mod moov;
mod movie;
mod tables;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

pub(crate) use check::check;
use mp4_atom::{Encode, Ftyp};

use self::moov::Offsets;
use self::movie::Movie;
use crate::encode::AccessUnitReader;
use crate::{CoverArt, ReleaseError, Tags, Track};

/// Offset from which a file needs 64-bit offsets and sizes.
pub(crate) const LARGE: u64 = u32::MAX as u64;

/// Writes an M4B with 64-bit offsets if it is longer than `large` bytes; gives its length.
pub(crate) fn write(
    tracks: &[Track],
    tags: &Tags,
    cover: Option<&CoverArt>,
    path: &Path,
    large: u64,
) -> Result<u64, ReleaseError> {
    let movie = Movie::plan(tracks)?;
    let text = chapters::samples(&movie);
    let text_bytes = text.iter().map(|sample| sample.len() as u64).sum::<u64>();
    let payload = text_bytes + movie.sound_bytes();

    let box_failed =
        |error: mp4_atom::Error| ReleaseError::Broken { path: path.to_owned(), reason: error.to_string() };
    let mut head = Vec::new();
    ftyp().encode(&mut head).map_err(box_failed)?;
    let ftyp_bytes = head.len() as u64;
    // The offsets depend on the length of the box that holds them, which depends only on their width.
    let length_of_moov = |width| {
        let mut moov = Vec::new();
        moov::encode(&mut moov, &movie, &text, tags, cover, &Offsets { text: 0, sound: 0, width })?;
        Ok(moov.len() as u64)
    };
    let mut width = if payload > large { tables::Width::Bits64 } else { tables::Width::Bits32 };
    let mut moov_bytes = length_of_moov(width).map_err(box_failed)?;
    if ftyp_bytes + moov_bytes + 8 + payload > large {
        width = tables::Width::Bits64;
        moov_bytes = length_of_moov(width).map_err(box_failed)?;
    }
    let mdat = mdat_head(payload, width);
    let text_at = ftyp_bytes + moov_bytes + mdat.len() as u64;
    let offsets = Offsets { text: text_at, sound: text_at + text_bytes, width };
    moov::encode(&mut head, &movie, &text, tags, cover, &offsets).map_err(box_failed)?;
    head.extend(mdat);

    let io = || ReleaseError::io("write", path);
    let mut file = BufWriter::new(File::create(path).map_err(ReleaseError::io("create", path))?);
    file.write_all(&head).map_err(io())?;
    for sample in &text {
        file.write_all(sample).map_err(io())?;
    }
    let mut unit = Vec::new();
    for (number, track) in tracks.iter().enumerate() {
        let mut units = AccessUnitReader::open(&track.encoded.path)?;
        for _ in 0..movie.units_dropped(number) {
            units.skip()?;
        }
        while units.next(&mut unit)? {
            file.write_all(&unit).map_err(io())?;
        }
    }
    file.flush().map_err(io())?;
    Ok(offsets.sound + movie.sound_bytes())
}

fn ftyp() -> Ftyp {
    Ftyp {
        major_brand: b"M4B ".into(),
        minor_version: 0,
        compatible_brands: vec![b"M4B ".into(), b"M4A ".into(), b"mp42".into(), b"isom".into()],
    }
}

/// Head of the box that holds the samples.
fn mdat_head(payload: u64, width: tables::Width) -> Vec<u8> {
    let mut head = Vec::with_capacity(16);
    match (width, u32::try_from(payload + 8)) {
        (tables::Width::Bits32, Ok(size)) => {
            head.extend(size.to_be_bytes());
            head.extend(b"mdat");
        }
        _ => {
            head.extend(1u32.to_be_bytes());
            head.extend(b"mdat");
            head.extend((payload + 16).to_be_bytes());
        }
    }
    head
}
