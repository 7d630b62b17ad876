//! The QuickTime chapter track: one text sample a chapter, which lasts as long as it.

use std::io::{BufRead, Read, Seek, SeekFrom};

use mp4_atom::{Elst, Mdhd};

use super::boxes::Tree;
use super::tables::Tables;
use crate::chapters::Chapter;

/// The longest title that is read.
const LONGEST_TITLE: u32 = 1 << 16;

/// More chapters than any book has; a hostile table must not fill the memory.
const MOST: usize = 100_000;

pub(super) fn chapters(
    track: &Tree<'_>,
    movie_scale: u32,
    file: &mut (impl BufRead + Seek),
) -> Option<Vec<Chapter>> {
    let media = track.child(b"mdia")?;
    let head: Mdhd = media.leaf(b"mdhd")?;
    let tables = Tables::read(&media.child(b"minf")?.child(b"stbl")?).ok()?;
    let scale = f64::from(head.timescale.max(1));
    let edits: Option<Elst> = track.child(b"edts").and_then(|edits| edits.leaf(b"elst"));
    let mut at = edits.map_or(0.0, |edits| shift(&edits, movie_scale, scale));
    let mut chapters = Vec::new();
    for (place, length) in tables.places().zip(tables.lengths()).take(MOST) {
        let start = at;
        at += f64::from(length) / scale;
        file.seek(SeekFrom::Start(place.offset)).ok()?;
        let mut sample = Vec::new();
        file.by_ref().take(place.size.min(LONGEST_TITLE).into()).read_to_end(&mut sample).ok()?;
        chapters.push(Chapter { start, end: Some(at), title: title(&sample) });
    }
    Some(chapters)
}

/// Where the edit list moves the start of the track.
fn shift(edits: &Elst, movie_scale: u32, scale: f64) -> f64 {
    let mut shift = 0.0;
    for edit in &edits.entries {
        match edit.media_time {
            None => shift += edit.segment_duration as f64 / f64::from(movie_scale.max(1)),
            Some(time) => return shift - time as f64 / scale,
        }
    }
    shift
}

/// A text sample: its length, and UTF-8, or UTF-16 behind a byte order mark.
fn title(sample: &[u8]) -> String {
    let Some((length, text)) = sample.split_first_chunk::<2>() else { return String::new() };
    let text = &text[..text.len().min(u16::from_be_bytes(*length).into())];
    let wide = |text: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = text.as_chunks::<2>().0.iter().map(|&pair| unit(pair)).collect();
        String::from_utf16_lossy(&units)
    };
    match text {
        [0xfe, 0xff, text @ ..] => wide(text, u16::from_be_bytes),
        [0xff, 0xfe, text @ ..] => wide(text, u16::from_le_bytes),
        text => String::from_utf8_lossy(text).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_read_in_both_encodings_and_never_beyond_their_sample() {
        assert_eq!(title(b"\0\x03OneencdXX"), "One");
        assert_eq!(title(b"\0\x06\xfe\xff\0O\x20\xac"), "O€");
        assert_eq!(title(b"\xff\xffOne"), "One");
        assert_eq!(title(b"\0"), "");
    }
}
