//! The shapes of a chapter on its way to a track. They are plain data, so that the engine can make them from
//! any script and a test from nothing.

use rhapsode_audio::SampleRate;
use serde::{Deserialize, Serialize};

use crate::EncodedTrack;

/// A chapter whose takes are all in the store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChapterPlan {
    /// Title for the chapter mark.
    pub title: String,
    /// Takes in reading order, at least one.
    pub takes: Vec<PlannedTake>,
    /// Takes that a chapter with under ten seconds of speech takes its gain from, because so little speech has
    /// no loudness of its own: a fixed set for the whole job (its first thirty or so takes in reading order), so
    /// that order cannot change it. Not read for longer chapters. Empty: every chapter uses its own speech.
    #[serde(default, with = "key_list")]
    pub loudness_reference: Vec<[u8; 32]>,
}

/// A take and the pause after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedTake {
    /// The chunk's place in the book.
    pub ordinal: u32,
    /// The take's key in the store.
    #[serde(with = "hex::serde")]
    pub key: [u8; 32],
    /// Pause after it, in milliseconds. After the last take of a chapter the tail of the settings is at least
    /// this long, it is not added to it.
    pub pause_after_ms: u32,
}

/// How tracks are mastered. All of it goes into the hash under which a finished track is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MasterSettings {
    /// The highest rate of the book's takes. A track has it, unless its codec wants [another](crate::Codec::rate).
    pub rate: SampleRate,
    /// Loudness aimed at.
    pub loudness: LoudnessTarget,
    /// Highest true peak of the encoded track, in dBTP.
    pub true_peak_dbtp: f64,
    /// Room tone before the first word, in milliseconds.
    pub head_ms: u32,
    /// Room tone after the last word, in milliseconds; the track ends with a whole frame of its codec.
    pub tail_ms: u32,
    /// Level of the room tone, dBFS RMS.
    pub room_tone_dbfs: f64,
    /// Fade at both ends of each take, in milliseconds.
    pub fade_ms: u32,
}

impl Default for MasterSettings {
    /// The master that passes everywhere (docs/mastering.md).
    fn default() -> Self {
        Self {
            rate: SampleRate(24_000),
            loudness: LoudnessTarget::Lufs(-20.0),
            true_peak_dbtp: -3.0,
            head_ms: 750,
            tail_ms: 2_000,
            room_tone_dbfs: -66.0,
            fade_ms: 5,
        }
    }
}

/// Loudness that a track is brought to by linear gain.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LoudnessTarget {
    /// Integrated loudness (ITU-R BS.1770-4), in LUFS.
    Lufs(f64),
    /// Plain RMS in the middle of what ACX takes, −20.5 dB.
    Acx,
    /// EBU R 128: −23 LUFS.
    R128,
}

/// A chapter, mastered and encoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Title for the chapter mark.
    pub title: String,
    /// Length in samples at the rate of the encoded audio; what a player plays, priming not counted.
    pub samples: u64,
    /// Where the encoded audio lies.
    pub encoded: EncodedTrack,
    /// What was measured.
    pub loudness: Loudness,
    /// Where each chunk lies.
    pub chunks: Vec<ChunkTime>,
}

/// What was measured on a track.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Loudness {
    /// Integrated loudness of the encoded track, LUFS.
    pub integrated_lufs: f64,
    /// True peak of the encoded track, dBTP.
    pub true_peak_dbtp: f64,
    /// Plain RMS of the encoded track, dBFS.
    pub rms_dbfs: f64,
    /// Gain that was applied, dB.
    pub gain_db: f64,
    /// Whether the limiter had to work.
    pub limited: bool,
    /// Times the track was encoded: more than once if its peak was over.
    pub encodes: u32,
}

/// Where a chunk lies in its track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkTime {
    /// The chunk's place in the book.
    pub ordinal: u32,
    /// The take's key.
    #[serde(with = "hex::serde")]
    pub key: [u8; 32],
    /// First sample in the track.
    pub start: u64,
    /// Length in samples, the pause not counted.
    pub length: u64,
    /// Samples trimmed from the take's start, at the take's rate.
    pub trimmed_start: u64,
}

/// Keys as hex strings, as everywhere in files that people read.
mod key_list {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Key(#[serde(with = "hex::serde")] [u8; 32]);

    pub fn serialize<S: Serializer>(keys: &[[u8; 32]], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(keys.iter().map(|key| Key(*key)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[u8; 32]>, D::Error> {
        Ok(Vec::<Key>::deserialize(deserializer)?.into_iter().map(|key| key.0).collect())
    }
}
