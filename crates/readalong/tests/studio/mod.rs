//! Books spoken without a voice: each chunk is a burst, the longer the more it says, so that where it is heard can be
//! found in the decoded sound.

use std::{
    f64::consts::TAU,
    path::{Path, PathBuf},
};

use rhapsode_audio::SampleRate;
use rhapsode_book::{Book, Metadata, ReadOptions, ReadPolicy, read_bytes};
use rhapsode_readalong::{NarratedChapter, Narration, Phrase, ReadAlongError, write};
use rhapsode_release::{ChunkTime, Codec, Loudness, Tags, Track, encode};
use rhapsode_script::{ChapterSelection, Lexicon, Packing, Profile, Script, ScriptOptions};

pub const RATE: SampleRate = SampleRate(24_000);

/// Samples before the first chunk of a chapter, and after the last.
const HEAD: u64 = 6_000;

/// Samples of silence after each chunk.
const PAUSE: u64 = 3_600;

/// A book with its sound.
pub struct Recording {
    pub manuscript: Vec<u8>,
    pub book: Book,
    pub script: Script,
    pub tracks: Vec<Track>,
    pub tags: Tags,
    folder: tempfile::TempDir,
}

impl Recording {
    /// Reads a manuscript and speaks it.
    pub fn of(manuscript: Vec<u8>, name: &str, policy: ReadPolicy) -> Self {
        let options = ReadOptions { format: None, policy };
        let book = read_bytes(&manuscript, Path::new(name), &options).unwrap();
        let profile = Profile { min_chars: 1, max_chars: 250, packing: Packing::Sentence };
        let options = ScriptOptions {
            profile,
            language: book.metadata.language.clone().unwrap_or_else(|| "en".into()),
            lexicon: Lexicon::default(),
            selection: ChapterSelection::All,
        };
        let script = rhapsode_script::write(&book, &options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let tracks = script
            .chapters
            .iter()
            .map(|chapter| {
                let lengths: Vec<(u32, u64)> = chapter
                    .chunks
                    .iter()
                    .map(|chunk| (chunk.ordinal, 1_200 + 20 * chunk.plain_text().chars().count() as u64))
                    .collect();
                track(&chapter.title, &lengths, &folder.path().join(format!("{}.aac", chapter.number)))
            })
            .collect();
        let tags = tags(&book.metadata);
        Self { manuscript, book, script, tracks, tags, folder }
    }

    /// The edition.
    pub fn edition(&self) -> Result<PathBuf, ReadAlongError> {
        let chapters = self.script.chapters.iter().zip(&self.tracks);
        let chapters = chapters.map(|(chapter, track)| NarratedChapter {
            track,
            phrases: chapter
                .chunks
                .iter()
                .zip(&track.chunks)
                .map(|(chunk, time)| Phrase { spans: chunk.source.spans.clone(), start: time.start })
                .collect(),
        });
        let narration = Narration {
            manuscript: &self.manuscript,
            book: &self.book,
            chapters: chapters.collect(),
            tags: &self.tags,
            cover: None,
        };
        let path = self.folder.path().join("edition.epub");
        write(&narration, &path).map(|()| path)
    }
}

fn tags(metadata: &Metadata) -> Tags {
    Tags {
        title: metadata.title.clone(),
        authors: metadata.authors.clone(),
        narrators: vec!["Hibari (synthetic)".into()],
        language: metadata.language.clone(),
        year: metadata.year,
        ..Tags::default()
    }
}

/// A chapter of bursts in faint noise.
fn track(title: &str, lengths: &[(u32, u64)], path: &Path) -> Track {
    let mut samples = noise(HEAD);
    let mut chunks = Vec::new();
    for &(ordinal, length) in lengths {
        let start = samples.len() as u64;
        chunks.push(ChunkTime { ordinal, key: [0; 32], start, length, trimmed_start: 0 });
        let tone = |n: u64| (0.5 * (TAU * 880.0 * n as f64 / f64::from(RATE.0)).sin()) as f32;
        samples.extend((0..length).map(tone));
        samples.extend(noise(PAUSE));
    }
    samples.extend(noise(HEAD));
    let whole = samples.len().next_multiple_of(1024);
    samples.extend(noise((whole - samples.len()) as u64));
    let mut encoder = encode::open(Codec::Aac { bitrate: 64_000 }, RATE, path).unwrap();
    encoder.push(&samples).unwrap();
    let encoded = encoder.finish().unwrap();
    let loudness = Loudness {
        integrated_lufs: -20.0,
        true_peak_dbtp: -3.0,
        rms_dbfs: -20.0,
        gain_db: 0.0,
        limited: false,
        encodes: 1,
    };
    Track { title: title.to_owned(), samples: encoded.samples, encoded, loudness, chunks }
}

fn noise(length: u64) -> Vec<f32> {
    let mut state = 0x2545_f491_u32;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0) as f32 * 0.0005
    };
    (0..length).map(|_| next()).collect()
}
