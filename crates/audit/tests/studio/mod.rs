//! What the tests of the audit share: sound with known figures, and ffmpeg, which makes files from it and measures them
//! by other code than ours.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use rhapsode_audit::{Audit, Check, FileReport, Plan, Profile, Verdict, audit};

pub const RATE: u32 = 44_100;

/// A chapter with these levels over the whole file, dBFS.
#[derive(Debug, Clone, Copy)]
pub struct Levels {
    pub rms: f64,
    pub peak: f64,
    pub floor: f64,
}

pub const GOOD: Levels = Levels { rms: -20.5, peak: -4.0, floor: -66.0 };

pub fn from_db(decibels: f64) -> f64 {
    10_f64.powf(decibels / 20.0)
}

/// Room tone, words of a voice-like hum with one loud moment, room tone.
pub fn chapter(levels: Levels, head: f64, body: f64, tail: f64) -> Vec<f32> {
    let rate = f64::from(RATE);
    let total = ((head + body + tail) * rate) as usize;
    // Both have whole periods in 10 ms, so that every half second of it is as loud.
    let tone = |n: usize| (n as f64 / rate * TAU * 400.0).sin() + (n as f64 / rate * TAU * 700.0).sin();
    let mut samples: Vec<f64> = (0..total).map(|n| tone(n) * from_db(levels.floor)).collect();
    let (from, to) = ((head * rate) as usize, ((head + body) * rate) as usize);
    let word = |n: usize| {
        let t = (n - from) as f64 / rate;
        // Four words a second, from the first sample to the last.
        let swell = 0.3 + 0.7 * (t * TAU * 2.0).sin().abs();
        let hum: f64 = (1..6).map(|k| (t * TAU * 130.0 * f64::from(k)).sin() / f64::from(k)).sum();
        swell * hum
    };
    let words: Vec<f64> = (from..to).map(word).collect();
    // A burst that has the peak, short enough to add nothing to the RMS.
    let at = words.len() / 2;
    let burst: Vec<f64> =
        (0..88).map(|n| (n as f64 / 88.0 * TAU * 2.0).sin() * from_db(levels.peak)).collect();
    let fixed: f64 = samples[..from].iter().chain(&samples[to..]).chain(&burst).map(|s| s * s).sum();
    let wanted = from_db(levels.rms).powi(2) * total as f64 - fixed;
    let energy: f64 = words.iter().map(|s| s * s).sum();
    let gain = (wanted / energy).sqrt();
    for (sample, word) in samples[from..to].iter_mut().zip(&words) {
        *sample = word * gain;
    }
    samples[from + at..from + at + burst.len()].copy_from_slice(&burst);
    samples.into_iter().map(|sample| sample as f32).collect()
}

/// Writes 16-bit WAV.
pub fn wav(path: &Path, rate: u32, channels: u16, samples: &[f32]) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for sample in samples {
        writer.write_sample((sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

/// Runs ffmpeg and gives what it says.
pub fn ffmpeg<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> String {
    let output: Output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-y"])
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("ffmpeg cannot be started ({e}): run scripts/setup"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

/// Makes a file of another with ffmpeg.
pub fn convert(from: &Path, arguments: &[&str], to: &Path) -> PathBuf {
    let mut all = vec!["-i", from.to_str().unwrap()];
    all.extend(arguments);
    all.push(to.to_str().unwrap());
    ffmpeg(all);
    to.to_owned()
}

pub fn run(path: &Path, profile: Profile) -> Audit {
    let plan = Plan::of(&[path.to_owned()]).unwrap();
    audit(&plan, profile, &(Arc::new(|_| {}) as _))
}

/// The audit of one file.
pub fn file(path: &Path, profile: Profile) -> FileReport {
    run(path, profile).books.remove(0).files.remove(0)
}

/// The verdict of a check on a file.
pub fn verdict(file: &FileReport, check: Check) -> Option<Verdict> {
    file.findings.iter().find(|finding| finding.check == check).map(|finding| finding.verdict)
}

/// The checks that did not pass, on the file.
pub fn broken(file: &FileReport) -> Vec<Check> {
    let broken = file.findings.iter().filter(|finding| finding.verdict >= Verdict::Warn);
    broken.map(|finding| finding.check).collect()
}
