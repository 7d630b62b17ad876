//! Times of marks and the SMIL documents that hold them (EPUB 3.3, Media Overlays). Times are whole milliseconds, so that
//! the durations of the documents add up to the book's exactly.

use rhapsode_release::xml::Xml;

/// A mark with the stretch of sound in which it is heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clip {
    /// Id of the mark in its document.
    pub(crate) id: String,
    /// The sound file, by its number.
    pub(crate) sound: usize,
    /// Milliseconds from the start of the sound.
    pub(crate) begin: u64,
    /// Milliseconds; after `begin`.
    pub(crate) end: u64,
}

/// Milliseconds of all clips.
pub(crate) fn duration(clips: &[Clip]) -> u64 {
    clips.iter().map(|clip| clip.end - clip.begin).sum()
}

/// A clock value in seconds: `12.345s`.
pub(crate) fn clock(milliseconds: u64) -> String {
    format!("{}.{:03}s", milliseconds / 1000, milliseconds % 1000)
}

/// The SMIL document of a content document. `text` and `sound` give the addresses as they stand in it.
pub(crate) fn smil(clips: &[Clip], text: &str, sound: impl Fn(usize) -> String) -> String {
    let mut xml = Xml::new();
    let namespaces = [
        ("xmlns", "http://www.w3.org/ns/SMIL"),
        ("xmlns:epub", "http://www.idpf.org/2007/ops"),
        ("version", "3.0"),
    ];
    xml.element("smil", &namespaces, |xml| {
        xml.element("body", &[], |xml| {
            for clip in clips {
                xml.element("par", &[("id", &format!("p-{}", clip.id))], |xml| {
                    xml.empty("text", &[("src", &format!("{text}#{}", clip.id))]);
                    let (begin, end) = (clock(clip.begin), clock(clip.end));
                    let source = sound(clip.sound);
                    xml.empty("audio", &[("src", &source), ("clipBegin", &begin), ("clipEnd", &end)]);
                });
            }
        });
    });
    xml.finish()
}

/// Shares a stretch out among parts by their weights; every part gets at least a millisecond if there are enough.
pub(crate) fn shares(begin: u64, end: u64, weights: &[u64]) -> Vec<(u64, u64)> {
    let total: u64 = weights.iter().sum::<u64>().max(1);
    let length = end - begin;
    let mut passed = 0;
    let mut at = begin;
    let share = |(number, weight): (usize, &u64)| {
        passed += weight;
        let start = at;
        let left = (weights.len() - number - 1) as u64;
        let wanted = begin + (u128::from(length) * u128::from(passed) / u128::from(total)) as u64;
        at = wanted.max(start + 1).min(end.saturating_sub(left).max(start));
        (start, at)
    };
    weights.iter().enumerate().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_touch_and_end_where_the_whole_ends() {
        assert_eq!(shares(100, 200, &[1, 3]), [(100, 125), (125, 200)]);
        assert_eq!(shares(0, 3, &[1000, 1, 1]), [(0, 1), (1, 2), (2, 3)]);
        assert_eq!(shares(5, 9, &[7]), [(5, 9)]);
    }

    #[test]
    fn clocks_are_seconds() {
        assert_eq!(clock(3_600_007), "3600.007s");
    }
}
