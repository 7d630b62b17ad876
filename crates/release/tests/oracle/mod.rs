//! What the tests of releases share: chapters with a marker at a known sample, and independent programs that read
//! what was made. The programs must be installed: a test that is skipped proves nothing.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use rhapsode_audio::SampleRate;
use rhapsode_release::{Codec, CoverArt, CoverKind, Loudness, Tags, Track, encode};
use serde_json::Value;

pub const RATE: SampleRate = SampleRate(24_000);
pub const AAC: Codec = Codec::Aac { bitrate: 64_000 };

/// Where the marker lies in its chapter: after the joint, which is silent in every book.
pub const MARKER_AT: usize = 3_000;
/// Length of the marker in seconds.
const MARKER: f64 = 512.0 / 24_000.0;

/// Samples of a frame at the codec's rate.
pub fn frame(codec: Codec) -> usize {
    match codec {
        Codec::Mp3 { .. } => 1_152,
        Codec::Opus { .. } => 480,
        _ => 1_024,
    }
}

/// A rising tone, which matches itself at one place only.
pub fn marker(rate: SampleRate) -> Vec<f32> {
    let at = |index: usize| {
        let t = index as f64 / f64::from(rate.0);
        let window = (std::f64::consts::PI * t / MARKER).sin();
        let phase = std::f64::consts::TAU * (400.0 * t + 0.5 * 200_000.0 * t * t);
        (0.5 * window * phase.sin()) as f32
    };
    (0..rate.samples(MARKER)).map(at).collect()
}

/// A chapter of `frames` × 1024 samples: faint noise, and the marker.
pub fn chapter(frames: usize) -> Vec<f32> {
    chapter_at(RATE, frames * 1024)
}

/// A chapter of so many samples at a rate: faint noise, and the marker.
pub fn chapter_at(rate: SampleRate, samples: usize) -> Vec<f32> {
    let mut state = (samples as u32 / 1024) | 1;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(state) / f64::from(u32::MAX) - 0.5) as f32 * 0.001
    };
    let mut samples: Vec<f32> = (0..samples).map(|_| noise()).collect();
    for (sample, marker) in samples.iter_mut().skip(MARKER_AT).zip(marker(rate)) {
        *sample += marker;
    }
    samples
}

/// Encodes a chapter into `dir`.
pub fn track(dir: &Path, name: &str, title: &str, codec: Codec, samples: &[f32]) -> Track {
    let mut encoder = encode::open(codec, codec.rate(RATE), &dir.join(name)).unwrap();
    // Blocks that are no whole frames, as they come from mastering.
    for block in samples.chunks(700) {
        encoder.push(block).unwrap();
    }
    let encoded = encoder.finish().unwrap();
    assert_eq!(encoded.samples, samples.len() as u64);
    Track {
        title: title.to_owned(),
        samples: encoded.samples,
        encoded,
        loudness: Loudness {
            integrated_lufs: -20.0,
            true_peak_dbtp: -3.0,
            rms_dbfs: -22.0,
            gain_db: 0.0,
            limited: false,
            encodes: 1,
        },
        chunks: Vec::new(),
    }
}

/// How far the marker of a chapter that should begin at `start` is from its place, in samples: the lag at which
/// the decoded sound matches best.
pub fn chapter_error(decoded: &[f32], start: u64) -> i64 {
    chapter_error_at(RATE, decoded, start)
}

/// The same at another rate.
pub fn chapter_error_at(rate: SampleRate, decoded: &[f32], start: u64) -> i64 {
    const REACH: i64 = 1_100;
    let marker = marker(rate);
    let expected = start as i64 + MARKER_AT as i64;
    let likeness = |lag: i64| -> f64 {
        let from = expected + lag;
        let pairs = marker.iter().enumerate().filter_map(|(index, wanted)| {
            let index = usize::try_from(from + index as i64).ok()?;
            Some(f64::from(*wanted) * f64::from(*decoded.get(index)?))
        });
        pairs.sum()
    };
    (-REACH..=REACH).max_by(|a, b| likeness(*a).total_cmp(&likeness(*b))).unwrap()
}

/// Runs a program and gives what it printed.
pub fn run<S: AsRef<OsStr>>(program: &str, arguments: impl IntoIterator<Item = S>) -> Vec<u8> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program} is needed for this test: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program}: {errors}");
    output.stdout
}

/// Decodes with ffmpeg, and fails on the least complaint.
pub fn decoded(path: &Path) -> Vec<f32> {
    decoded_at(path, &[])
}

/// The same, with further arguments for the output, such as a rate.
pub fn decoded_at(path: &Path, output: &[&str]) -> Vec<f32> {
    let path = path.to_str().unwrap();
    let input = ["-v", "error", "-xerror", "-err_detect", "explode", "-i", path, "-map", "0:a"];
    let bytes = run("ffmpeg", input.iter().chain(output).chain(&["-f", "f32le", "-"]));
    bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect()
}

pub fn ffprobe(path: &Path) -> Value {
    let path = path.to_str().unwrap();
    let arguments = ["-v", "error", "-show_chapters", "-show_format", "-show_streams", "-of", "json", path];
    serde_json::from_slice(&run("ffprobe", arguments)).unwrap()
}

/// Start in samples, end in samples and title of the chapters that ffprobe reads, which prefers the QuickTime
/// track.
pub fn ffprobe_chapters(path: &Path) -> Vec<(u64, u64, String)> {
    let probed = ffprobe(path);
    let read = |chapter: &Value| {
        assert_eq!(chapter["time_base"], format!("1/{}", RATE.0));
        let title = chapter["tags"]["title"].as_str().unwrap_or_default().to_owned();
        (chapter["start"].as_u64().unwrap(), chapter["end"].as_u64().unwrap(), title)
    };
    probed["chapters"].as_array().unwrap().iter().map(read).collect()
}

/// Start in seconds and title of the chapters that mutagen reads, which knows Nero's list alone; and all tags.
///
/// The list counts in 100 ns whatever the movie's time scale is, as ffmpeg and mediainfo read it; mutagen up to 1.48
/// divides by the movie's time scale where 1000 belongs, which is undone here.
pub fn mutagen(path: &Path) -> (Vec<(f64, String)>, Value) {
    const SCRIPT: &str = r#"
import json, sys, mutagen.mp4
file = mutagen.mp4.MP4(sys.argv[1])
def plain(value):
    if isinstance(value, (list, tuple)): return [plain(v) for v in value]
    if isinstance(value, mutagen.mp4.MP4Cover): return {"format": int(value.imageformat), "bytes": len(value)}
    if isinstance(value, bytes): return value.decode()
    return value
print(json.dumps({
    "chapters": [[c.start * file.chapters._timescale / 1000, c.title] for c in (file.chapters or [])],
    "tags": {k: plain(v) for k, v in file.tags.items()},
    "length": file.info.length, "rate": file.info.sample_rate, "channels": file.info.channels,
    "bitrate": file.info.bitrate, "codec": file.info.codec,
}))
"#;
    let path = path.to_str().unwrap();
    let found: Value = serde_json::from_slice(&run("/usr/bin/python3", ["-c", SCRIPT, path])).unwrap();
    let chapters = found["chapters"].as_array().unwrap();
    let chapters =
        chapters.iter().map(|c| (c[0].as_f64().unwrap(), c[1].as_str().unwrap().to_owned())).collect();
    (chapters, found)
}

/// Tags with every field.
pub fn full_tags() -> Tags {
    Tags {
        title: "The \"Whale\"".into(),
        subtitle: Some("A Test".into()),
        authors: vec!["Herman Melville".into(), "Ann Other".into()],
        narrators: vec!["Ishmael (synthetic)".into()],
        series: Some("Seas".into()),
        series_part: Some("2".into()),
        year: Some(1851),
        publisher: Some("Harper".into()),
        description: Some("Call me Ishmael. ".repeat(40)),
        language: Some("en-US".into()),
        genres: vec!["Adventure".into()],
        copyright: Some("Public domain".into()),
        isbn: Some("9780142437247".into()),
        asin: Some("B000000000".into()),
    }
}

/// A picture that every reader takes, made by ffmpeg.
pub fn cover(dir: &Path, kind: CoverKind) -> CoverArt {
    let path = dir.join("made-cover").with_extension(kind.extension());
    let name = path.to_str().unwrap();
    run("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=size=320x480", "-frames:v", "1", name]);
    CoverArt { kind, bytes: std::fs::read(path).unwrap() }
}
