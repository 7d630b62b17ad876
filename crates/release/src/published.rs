//! What was published, to the sample: everything that captions, packages and playlists need to know of the sound.

use std::path::PathBuf;

use rhapsode_audio::SampleRate;
use serde::{Deserialize, Serialize};

use crate::{ChunkTime, Track};

/// A release in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Published {
    /// The file or the folder.
    pub path: PathBuf,
    /// Bytes on disk, of everything in a folder.
    pub bytes: u64,
    /// The sound files, in reading order.
    pub files: Vec<PublishedFile>,
}

/// A sound file of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedFile {
    /// The file.
    pub path: PathBuf,
    /// Its media type.
    pub media_type: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// Samples a second, in which everything here counts. A player may decode at another rate.
    pub rate: SampleRate,
    /// What a player plays; priming is not counted.
    pub samples: u64,
    /// Its chapters, in order and without gaps.
    pub chapters: Vec<FileChapter>,
}

/// A chapter in a sound file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FileChapter {
    /// Its place among the chapters of the release, from 0.
    pub index: usize,
    /// Its title.
    pub title: String,
    /// Its first sample in the file.
    pub start: u64,
    /// Its length.
    pub samples: u64,
    /// Where its chunks lie, counted from the chapter's first sample.
    pub chunks: Vec<ChunkTime>,
}

impl PublishedFile {
    /// Its length.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.rate.seconds(self.samples)
    }
}

impl FileChapter {
    /// The chapters of a file that holds these tracks, of which the first is the `first`-th of the release.
    pub(crate) fn of(first: usize, tracks: &[Track]) -> Vec<Self> {
        let mut start = 0;
        let chapter = |(index, track): (usize, &Track)| {
            let chapter = Self {
                index,
                title: track.title.clone(),
                start,
                samples: track.samples,
                chunks: track.chunks.clone(),
            };
            start += track.samples;
            chapter
        };
        (first..).zip(tracks).map(chapter).collect()
    }

    /// Where a chunk begins in the file and where it ends, in samples.
    #[must_use]
    pub fn place(&self, chunk: &ChunkTime) -> (u64, u64) {
        (self.start + chunk.start, self.start + chunk.start + chunk.length)
    }
}
