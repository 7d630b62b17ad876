//! A finished release as the documents beside it see it.

use std::path::{Path, PathBuf};

use rhapsode_audio::SampleRate;

use crate::{CoverArt, FileChapter, Published, PublishedFile, Tags};

/// A release with the words that are heard in it.
#[derive(Debug, Clone)]
pub struct Edition<'a> {
    /// The release's folder, if it is one; documents then go into it, and beside its one file otherwise.
    pub folder: Option<&'a Path>,
    /// Its sound files in reading order, at least one.
    pub files: Vec<SoundFile>,
    /// What it says of the book.
    pub tags: &'a Tags,
    /// The cover.
    pub cover: Option<&'a CoverArt>,
}

/// A sound file of a release. Its times are those that a player shows: without priming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundFile {
    /// The file.
    pub path: PathBuf,
    /// Its media type.
    pub media_type: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// Samples a second.
    pub rate: SampleRate,
    /// What is heard in it, from its start to its end, at least one.
    pub chapters: Vec<SoundChapter>,
}

/// A chapter, or the part of one that lies in this file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundChapter {
    /// Its title.
    pub title: String,
    /// Its length in samples.
    pub samples: u64,
    /// What is said in it, in order.
    pub lines: Vec<SpokenLine>,
}

/// A chunk of speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenLine {
    /// The words of the manuscript, white space collapsed.
    pub text: String,
    /// First sample, counted from the start of the chapter.
    pub start: u64,
    /// Length in samples, the pause after it not counted.
    pub length: u64,
}

impl SoundFile {
    /// The chapters, each with its first sample in the file.
    pub(super) fn timed(&self) -> impl Iterator<Item = (u64, &SoundChapter)> {
        self.chapters.iter().scan(0, |end, chapter| {
            let start = *end;
            *end += chapter.samples;
            Some((start, chapter))
        })
    }

    /// Length in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.rate.seconds(self.chapters.iter().map(|chapter| chapter.samples).sum())
    }

    /// Its name in its folder.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

impl<'a> Edition<'a> {
    /// A release as it was published; `words` gives those of the manuscript for a chunk.
    pub fn of(
        published: &'a Published,
        tags: &'a Tags,
        cover: Option<&'a CoverArt>,
        words: impl Fn(u32) -> String,
    ) -> Self {
        let chapter = |chapter: &FileChapter| SoundChapter {
            title: chapter.title.clone(),
            samples: chapter.samples,
            lines: chapter
                .chunks
                .iter()
                .map(|chunk| SpokenLine {
                    text: words(chunk.ordinal),
                    start: chunk.start,
                    length: chunk.length,
                })
                .collect(),
        };
        let file = |file: &PublishedFile| SoundFile {
            path: file.path.clone(),
            media_type: file.media_type.clone(),
            bytes: file.bytes,
            rate: file.rate,
            chapters: file.chapters.iter().map(chapter).collect(),
        };
        let is_folder = published.files.first().is_none_or(|file| file.path != published.path);
        Self {
            folder: is_folder.then_some(published.path.as_path()),
            files: published.files.iter().map(file).collect(),
            tags,
            cover,
        }
    }

    /// Who wrote the book, in one line; empty if nobody says.
    pub(super) fn author(&self) -> String {
        self.tags.author().unwrap_or_default()
    }

    /// A UUID of the book, made from what it says of itself: the same wherever it is made.
    pub(super) fn identity(&self) -> String {
        identity(self.tags)
    }
}

/// A UUID (version 8, RFC 9562) of the book, made from what it says of itself: the same wherever it is made.
#[must_use]
pub fn identity(tags: &Tags) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("rhapsode book identity");
    for part in tags.authors.iter().chain([&tags.title]).chain(&tags.subtitle).chain(&tags.series_part) {
        hasher.update(part.as_bytes()).update(&[0]);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let text = hex::encode(bytes);
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]].join("-")
}

/// A moment in units of which a second has `units`, rounded to the nearest.
pub(super) fn units(samples: u64, rate: SampleRate, units: u64) -> u64 {
    let rate = u128::from(rate.0);
    let exact = u128::from(samples) * u128::from(units);
    u64::try_from((exact + rate / 2) / rate).unwrap_or(u64::MAX)
}

/// Text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_rounded_once_from_the_sample() {
        assert_eq!(units(1, SampleRate(24_000), 1000), 0);
        assert_eq!(units(12, SampleRate(24_000), 1000), 1);
        assert_eq!(units(u64::from(u32::MAX), SampleRate(22_050), 75), 14_608_732);
    }
}
