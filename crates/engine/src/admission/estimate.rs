//! What a job will put on the disks, from its plan: too little is found after hours, so it is reckoned before.

use std::path::Path;

use rhapsode_dispatch::Work;
use rhapsode_release::Codec;

use crate::{SECONDS_PER_CHARACTER, Settings};

/// Speech may be longer than expected by this factor: voices differ in their pace.
const ROOM: f64 = 1.2;
/// FLAC of speech with room tone takes less than this share of the samples; measured shares are around one half.
const FLAC_SHARE: f64 = 0.7;
/// A take's head, with its measurements, in bytes.
const TAKE_HEAD: u64 = 4_096;
/// The cover, tables and reports of a release, in bytes.
const RELEASE_HEAD: u64 = 4 << 20;

/// Chunks that have no take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) chunks: usize,
    pub(crate) characters: usize,
}

impl Missing {
    pub(crate) fn of(work: &[Work]) -> Self {
        let characters = work.iter().map(|work| work.variants[0].request.plain_text().chars().count());
        Self { chunks: work.len(), characters: characters.sum() }
    }
}

/// The language of chunks, where there are any.
pub(crate) fn language_of(work: &[Work]) -> Option<&str> {
    work.first().map(|work| work.variants[0].request.language.as_str())
}

/// Bytes that a job needs in its three places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Estimate {
    /// Takes that are missing, in the store.
    pub(crate) takes: u64,
    /// Encoded chapters that are not there yet, in the job directory.
    pub(crate) tracks: u64,
    /// The releases, in the output folder.
    pub(crate) releases: u64,
}

impl Estimate {
    /// The estimate for speech of `seconds` at `rate` samples a second, of which `missing` must be spoken. `codecs` are
    /// those of the releases, one for each; `tracks` is the folder of encoded chapters.
    pub(crate) fn new(
        seconds: f64,
        rate: u32,
        missing: Missing,
        codecs: &[Codec],
        tracks: &Path,
        settings: &Settings,
    ) -> Self {
        let spoken = missing.characters as f64 * SECONDS_PER_CHARACTER / f64::from(settings.speed);
        let takes = samples(spoken, rate) + TAKE_HEAD * missing.chunks as u64;
        let mut distinct: Vec<Codec> = Vec::new();
        for codec in codecs {
            if !distinct.contains(codec) {
                distinct.push(*codec);
            }
        }
        let encoded = |codec: &Codec| bytes(*codec, seconds, rate);
        Self {
            takes,
            tracks: distinct.iter().map(encoded).sum::<u64>().saturating_sub(content(tracks)),
            releases: codecs.iter().map(|codec| encoded(codec) + RELEASE_HEAD).sum(),
        }
    }
}

/// Bytes of samples of 16 bits.
fn samples(seconds: f64, rate: u32) -> u64 {
    (seconds * ROOM * f64::from(rate) * 2.0) as u64
}

/// Bytes of encoded speech.
fn bytes(codec: Codec, seconds: f64, rate: u32) -> u64 {
    match codec {
        Codec::Aac { bitrate } | Codec::Mp3 { bitrate } | Codec::Opus { bitrate } => {
            (seconds * ROOM * f64::from(bitrate) / 8.0) as u64
        }
        Codec::Flac => (samples(seconds, rate) as f64 * FLAC_SHARE) as u64,
        Codec::Wav => samples(seconds, rate),
    }
}

/// Bytes of the files in a folder; nothing if it is not there.
fn content(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.metadata().ok())
        .filter(|file| file.is_file())
        .map(|file| file.len())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_tracks_and_releases_are_reckoned_apart() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::for_tests();
        let missing = Missing { chunks: 2, characters: 30 };
        let codecs = [Codec::Aac { bitrate: 64_000 }, Codec::Wav, Codec::Wav];
        let estimate = |missing| Estimate::new(3_600.0, 24_000, missing, &codecs, folder.path(), &settings);
        let first = estimate(missing);
        let hour = 3_600.0 * ROOM;
        let (aac, wav) = ((hour * 8_000.0) as u64, (hour * 48_000.0) as u64);
        assert_eq!(first.tracks, aac + wav);
        assert_eq!(first.releases, aac + 2 * wav + 3 * RELEASE_HEAD);
        assert_eq!(first.takes, (30.0 * SECONDS_PER_CHARACTER * ROOM * 48_000.0) as u64 + 2 * TAKE_HEAD);
        std::fs::write(folder.path().join("0.aac"), vec![0; 1_000]).unwrap();
        let later = estimate(Missing::default());
        assert_eq!(
            (later.takes, later.tracks),
            (0, first.tracks - 1_000),
            "what is there needs no more room"
        );
    }
}
