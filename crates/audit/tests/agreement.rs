//! Every level is what ffmpeg measures on the same file, and every verdict what follows from its figure.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod studio;

use std::path::Path;

use rhapsode_audit::{Check, Profile, Verdict};
use studio::{GOOD, Levels, RATE, chapter, convert, ffmpeg, file, verdict, wav};

const HEAD: f64 = 0.75;

/// How far two measurements may be apart, in dB.
const APART: f64 = 0.1;

/// What ffmpeg measures.
#[derive(Debug)]
struct Measured {
    rms: f64,
    peak: f64,
    floor: f64,
    integrated: f64,
    true_peak: f64,
}

fn figure(said: &str, name: &str) -> f64 {
    let line =
        said.lines().rfind(|line| line.contains(name)).unwrap_or_else(|| panic!("no {name} in {said}"));
    let figure = line.rsplit(name).next().unwrap().trim_start_matches([':', ' ']);
    figure.split_whitespace().next().unwrap().parse().unwrap_or_else(|_| panic!("{line}"))
}

fn by_ffmpeg(path: &Path) -> Measured {
    let run = |filter: &str| ffmpeg(["-i", path.to_str().unwrap(), "-af", filter, "-f", "null", "-"]);
    let stats = run("astats=measure_perchannel=none");
    // Where the sound is quietest is known: in the head.
    let head = run("atrim=start=0.1:end=0.65,astats=measure_perchannel=none");
    let loudness = run("ebur128=peak=true");
    let summary = loudness.split("Summary:").nth(1).unwrap();
    Measured {
        rms: figure(&stats, "RMS level dB"),
        peak: figure(&stats, "Peak level dB"),
        floor: figure(&head, "RMS level dB"),
        integrated: figure(summary, "I:"),
        true_peak: figure(summary, "Peak:"),
    }
}

/// Twelve sets of levels: at, inside and outside of every bound of ACX.
fn cases() -> Vec<Levels> {
    let rms = [-23.3, -23.0, -22.7, -18.3, -18.0, -17.7].map(|rms| Levels { rms, ..GOOD });
    let peak = [-2.7, -3.0, -3.3].map(|peak| Levels { peak, ..GOOD });
    let floor = [-59.7, -60.0, -60.3].map(|floor| Levels { floor, ..GOOD });
    rms.into_iter().chain(peak).chain(floor).collect()
}

fn agree(path: &Path, name: &str) {
    let found = file(path, Profile::Acx);
    let ours = found.measurements.as_ref().unwrap();
    let theirs = by_ffmpeg(path);
    for (what, ours, theirs) in [
        ("RMS", ours.rms_dbfs, theirs.rms),
        ("peak", ours.sample_peak_dbfs, theirs.peak),
        ("noise floor", ours.noise_floor_dbfs, theirs.floor),
        ("loudness", ours.integrated_lufs.unwrap(), theirs.integrated),
        ("true peak", ours.true_peak_dbtp, theirs.true_peak),
    ] {
        assert!((ours - theirs).abs() <= APART, "{what} of {name}: {ours} by us, {theirs} by ffmpeg");
    }
    for (check, figure, holds) in [
        (Check::Rms, theirs.rms, (-23.0..=-18.0).contains(&theirs.rms)),
        (Check::SamplePeak, theirs.peak, theirs.peak <= -3.0),
        (Check::NoiseFloor, theirs.floor, theirs.floor <= -60.0),
    ] {
        // A figure at its bound may be rounded to either side.
        let at_bound = [-23.0, -18.0, -3.0, -60.0].iter().any(|bound| (figure - bound).abs() < 0.02);
        let expected = if holds { Verdict::Pass } else { Verdict::Fail };
        assert!(at_bound || verdict(&found, check) == Some(expected), "{check} of {name} at {figure}");
    }
}

#[test]
fn twenty_four_files_at_inside_and_outside_every_bound_of_acx_measure_as_ffmpeg_says() {
    let folder = tempfile::tempdir().unwrap();
    for (n, levels) in cases().into_iter().enumerate() {
        let path = folder.path().join(format!("{n}.wav"));
        wav(&path, RATE, 1, &chapter(levels, HEAD, 12.0, 2.0));
        agree(&path, &format!("{levels:?} as WAV"));
        let mp3 = convert(&path, &["-c:a", "libmp3lame", "-b:a", "192k"], &path.with_extension("mp3"));
        agree(&mp3, &format!("{levels:?} as MP3"));
    }
}

#[test]
fn a_chapter_as_acx_wants_it_passes_every_check_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("c.wav");
    wav(&path, RATE, 1, &chapter(GOOD, HEAD, 12.0, 2.0));
    let mp3 = convert(&path, &["-c:a", "libmp3lame", "-b:a", "192k"], &path.with_extension("mp3"));
    let found = file(&mp3, Profile::Acx);
    assert_eq!(studio::broken(&found), [], "{:#?}", found.findings);
    let variable = convert(&path, &["-c:a", "libmp3lame", "-q:a", "2"], &folder.path().join("v.mp3"));
    assert_eq!(studio::broken(&file(&variable, Profile::Acx)), [Check::BitRate]);
}

#[test]
fn stereo_of_every_codec_measures_as_ffmpeg_says() {
    let folder = tempfile::tempdir().unwrap();
    let left = chapter(GOOD, HEAD, 8.0, 2.0);
    let both: Vec<f32> = left.iter().flat_map(|&sample| [sample, sample * 0.5]).collect();
    let path = folder.path().join("s.wav");
    wav(&path, RATE, 2, &both);
    agree(&path, "stereo WAV");
    for (name, codec) in [
        ("s.flac", ["-c:a", "flac", "-ar", "44100"]),
        ("s.opus", ["-c:a", "libopus", "-b:a", "96k"]),
        ("s.m4b", ["-c:a", "aac", "-b:a", "128k"]),
        ("s.mp3", ["-c:a", "libmp3lame", "-b:a", "192k"]),
    ] {
        let made = convert(&path, &codec, &folder.path().join(name));
        agree(&made, name);
    }
}
