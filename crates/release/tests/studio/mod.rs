//! A store with made takes, and a folder for tracks.
#![allow(dead_code, clippy::unwrap_used, reason = "each test binary uses its part; a panic is a verdict")]

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use rhapsode_audio::room_tone::room_tone;
use rhapsode_audio::{SampleRate, to_i16};
use rhapsode_release::{
    ChapterPlan, Codec, MasterSettings, PlannedTake, ReleaseError, Track, encode, master,
};
use rhapsode_store::{Pcm16, TakeRecord, TakeStore, Verdict};

pub const RATE: SampleRate = SampleRate(24_000);
pub const AAC: Codec = Codec::Aac { bitrate: 64_000 };

pub struct Studio {
    dir: tempfile::TempDir,
    store: TakeStore,
    next: AtomicU32,
}

impl Studio {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = TakeStore::open(&dir.path().join("takes")).unwrap();
        Self { dir, store, next: AtomicU32::new(0) }
    }

    pub fn tracks(&self) -> PathBuf {
        self.dir.path().join("tracks")
    }

    /// Stores a take, trimmed or not, under the next ordinal.
    pub fn take(&self, samples: &[f32], rate: u32, pause_after_ms: u32) -> PlannedTake {
        let ordinal = self.next.fetch_add(1, Ordering::Relaxed);
        let key = *blake3::hash(&ordinal.to_le_bytes()).as_bytes();
        let record = TakeRecord {
            measurements: serde_json::Value::Null,
            verdict: Verdict::Accepted,
            seed: 0,
            identity: serde_json::Value::Null,
        };
        let samples: Vec<i16> = samples.iter().map(|&sample| to_i16(sample)).collect();
        self.store.put(&key, Pcm16 { rate, samples: &samples }, &record).unwrap();
        PlannedTake { ordinal, key, pause_after_ms }
    }

    pub fn chapter(&self, takes: Vec<PlannedTake>) -> ChapterPlan {
        ChapterPlan { title: "Chapter".into(), takes, loudness_reference: Vec::new() }
    }

    pub fn forget_takes(&self) {
        fs::remove_dir_all(self.dir.path().join("takes")).unwrap();
    }

    pub fn master(
        &self,
        plan: &ChapterPlan,
        settings: &MasterSettings,
        codec: Codec,
    ) -> Result<Track, ReleaseError> {
        master(plan, settings, codec, &self.store, &self.tracks())
    }
}

/// Something with the rhythm and crest of speech: voiced syllables four times a second, in a quiet room.
pub fn speech(seconds: f64, amplitude: f32) -> Vec<f32> {
    let margin = RATE.samples(0.3);
    let mut samples = room_tone(RATE.samples(seconds) + 2 * margin, RATE, -85.0, 5);
    for n in 0..RATE.samples(seconds) {
        let t = n as f64 / 24_000.0;
        let syllable = (std::f64::consts::PI * ((t * 4.0).fract() / 0.8).min(1.0)).sin().powi(2);
        let pitch = 120.0 + 15.0 * (t * 2.1).sin();
        let voice: f64 =
            (1..14).map(|h| (std::f64::consts::TAU * pitch * f64::from(h) * t).sin() / f64::from(h)).sum();
        samples[margin + n] += amplitude * (syllable * voice) as f32;
    }
    samples
}

/// Bursts of noise and clicks that a coder at a low rate cannot follow: its peaks grow.
pub fn nasty(seconds: f64, seed: u64) -> Vec<f32> {
    let mut samples = speech(seconds, 0.1);
    let noise = room_tone(samples.len(), RATE, -8.0, seed);
    for (n, sample) in samples.iter_mut().enumerate() {
        if (n / 400) % 12 == 0 {
            // Flat tops of full scale, with all the overtones of an edge.
            *sample = if noise[n / 3] > 0.0 { 0.98 } else { -0.98 };
        }
    }
    samples
}

/// What a player hears of a track.
pub fn decoded(track: &Track) -> Vec<f32> {
    let mut samples = Vec::new();
    encode::decode(&track.encoded, &mut |block| samples.extend_from_slice(block)).unwrap();
    samples
}
