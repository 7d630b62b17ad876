//! The two kinds of chapter marks: a QuickTime text track, exact to the sample and without a limit, and Nero's
//! list, which older players read instead, up to its 255 entries.

use mp4_atom::{Chpl, ChplEntry};

use super::movie::Movie;
use crate::tags::cut;

/// Entries and bytes of a title that a Nero list can hold: both counts are one byte.
const NERO_LIMIT: usize = 255;

/// Bytes of a title in a text sample, whose count has two bytes.
const TEXT_LIMIT: usize = u16::MAX as usize;

/// The text samples of the chapter track: length, UTF-8, and the `encd` atom that says so (QuickTime File
/// Format, "Text sample data").
pub(super) fn samples<'a>(titles: impl Iterator<Item = &'a str>) -> Vec<Vec<u8>> {
    let sample = |title: &str| {
        let title = cut(title, TEXT_LIMIT).as_bytes();
        let mut sample = Vec::with_capacity(2 + title.len() + 12);
        sample.extend((title.len() as u16).to_be_bytes());
        sample.extend(title);
        sample.extend(12u32.to_be_bytes());
        sample.extend(b"encd");
        // kTextEncodingUnicodeDefault in UTF-8.
        sample.extend(0x0000_0100u32.to_be_bytes());
        sample
    };
    titles.map(sample).collect()
}

/// The Nero list, version 1, starts rounded to its unit of 100 ns; `None` for more chapters than it can hold:
/// a player must not see the first 255 as all there are.
pub(super) fn nero(movie: &Movie) -> Option<Chpl> {
    if movie.chapters.len() > NERO_LIMIT {
        return None;
    }
    let rate = u128::from(movie.stream.rate);
    let start = |samples: u64| ((u128::from(samples) * 10_000_000 + rate / 2) / rate) as u64;
    let entries = movie
        .chapters
        .iter()
        .map(|chapter| ChplEntry {
            start: start(chapter.start),
            title: cut(&chapter.title, NERO_LIMIT).to_owned(),
        })
        .collect();
    Some(Chpl { entries })
}
