//! What ACX asks of a file, measured by ffmpeg on the finished MP3; and the same takes in every format.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod oracle;
mod studio;

use std::path::Path;
use std::process::Command;

use oracle::{decoded_at, ffprobe, full_tags};
use rhapsode_audio::SampleRate;
use rhapsode_release::{
    ChapterPlan, Codec, Format, Layout, LoudnessTarget, MasterSettings, PublishedFile, publish,
    write_chapters,
};
use studio::{RATE, Studio, speech};

/// A chapter of a dozen sentences, half a minute.
fn sentences(studio: &Studio, amplitude: f32) -> ChapterPlan {
    let take = |n: u32| studio.take(&speech(1.5 + f64::from(n % 4) * 0.6, amplitude), RATE.0, 300 + 50 * n);
    studio.chapter((0..12).map(take).collect())
}

/// A figure of ffmpeg's `astats` over the whole file.
fn astats(path: &Path, figure: &str) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-i", path.to_str().unwrap()])
        .args(["-map", "0:a", "-af", "astats", "-f", "null", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let overall = &text[text.rfind("Overall").unwrap()..];
    let line = overall.lines().find(|line| line.contains(figure)).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn an_acx_chapter_is_what_acx_takes() {
    // Quiet takes, usual ones, and some that the limiter has to work on.
    for amplitude in [0.02, 0.2, 0.7] {
        let studio = Studio::new();
        let settings = MasterSettings { loudness: LoudnessTarget::Acx, ..MasterSettings::default() };
        let track = studio
            .master(&sentences(&studio, amplitude), &settings, Codec::Mp3 { bitrate: 192_000 })
            .unwrap();
        assert_eq!(track.loudness.encodes, 1);
        let dir = tempfile::tempdir().unwrap();
        let destination = dir.path().join("Book");
        let tracks = [track];
        let layout = (Format::Mp3, Layout::FilePerChapter);
        let published = publish(layout, &tracks, &full_tags(), None, &destination).unwrap();
        let path = &published.files[0].path;

        let probed = ffprobe(path);
        let sound = &probed["streams"][0];
        assert_eq!((&sound["codec_name"], &sound["channels"]), (&"mp3".into(), &1.into()));
        assert_eq!((&sound["sample_rate"], &sound["bit_rate"]), (&"44100".into(), &"192000".into()));
        let (rms, peak) = (astats(path, "RMS level dB"), astats(path, "Peak level dB"));
        assert!((-23.0..=-18.0).contains(&rms), "RMS {rms} dB");
        assert!(peak <= -3.0, "peak {peak} dB");

        let samples = decoded_at(path, &[]);
        let loud = |sample: &f32| sample.abs() > 0.01;
        let seconds = |samples: usize| samples as f64 / 44_100.0;
        let head = seconds(samples.iter().position(loud).unwrap());
        let tail = seconds(samples.iter().rev().position(loud).unwrap());
        assert!((0.5..=1.0).contains(&head) && (1.0..=5.0).contains(&tail), "{head} s, {tail} s");
        let floor = rhapsode_audio::level::rms_dbfs(&samples[..22_050]);
        assert!(floor <= -60.0 && floor > -75.0, "{floor} dB: no digital zero, no hiss");
    }
}

#[test]
fn every_codec_reaches_its_loudness_with_one_encode() {
    let studio = Studio::new();
    let plan = sentences(&studio, 0.3);
    for format in Format::all() {
        for lufs in [-23.0, -20.0, -18.0] {
            let settings =
                MasterSettings { loudness: LoudnessTarget::Lufs(lufs), ..MasterSettings::default() };
            let found = studio.master(&plan, &settings, format.codec(None)).unwrap().loudness;
            assert!((found.integrated_lufs - lufs).abs() < 0.5, "{format}: {found:?}");
            assert!(found.true_peak_dbtp <= -3.0, "{format}: {found:?}");
            assert_eq!(found.encodes, 1, "{format}: {found:?}");
        }
    }
}

#[test]
fn a_file_of_few_words_is_loud_enough_too_and_no_louder_than_it_must_be() {
    let studio = Studio::new();
    let reference: Vec<[u8; 32]> = sentences(&studio, 0.2).takes.iter().map(|take| take.key).collect();
    let settings = MasterSettings { loudness: LoudnessTarget::Acx, ..MasterSettings::default() };
    // Usual takes, and some that the limiter has to work on.
    for (seconds, amplitude) in [(0.8, 0.2), (2.0, 0.2), (5.0, 0.2), (0.8, 0.7), (2.0, 0.7)] {
        let mut plan = studio.chapter(vec![studio.take(&speech(seconds, amplitude), RATE.0, 0)]);
        plan.loudness_reference.clone_from(&reference);
        let track = studio.master(&plan, &settings, Codec::Mp3 { bitrate: 192_000 }).unwrap();
        let rms = track.loudness.rms_dbfs;
        assert!((-22.5..=-18.5).contains(&rms), "{seconds} s at {amplitude}: {rms} dB");
    }
}

/// A rising tone with silence around it, which matches itself at one place only.
fn burst() -> Vec<f32> {
    let mut samples = vec![0.0; 4_800];
    samples.extend(oracle::marker(RATE));
    samples.extend(speech(1.0, 0.1));
    samples
}

/// Where a burst is loudest alike, in samples at 24 kHz, near where it should be.
fn found_at(sound: &[f32], expected: u64) -> u64 {
    let marker = oracle::marker(RATE);
    let likeness = |at: usize| -> f64 {
        let here = sound.get(at..at + marker.len()).unwrap_or_default();
        here.iter().zip(&marker).map(|(a, b)| f64::from(a * b)).sum()
    };
    let near = (expected as usize).saturating_sub(2_000)..expected as usize + 2_000;
    near.max_by(|&a, &b| likeness(a).total_cmp(&likeness(b))).unwrap() as u64
}

/// Every chunk of a file must sound where the file says, within so many samples at 24 kHz.
fn chunks_sound_where_they_are_said_to(file: &PublishedFile, within: u64) {
    let sound = decoded_at(&file.path, &["-ar", "24000"]);
    for chapter in &file.chapters {
        for chunk in &chapter.chunks {
            let (start, _) = chapter.place(chunk);
            let start = start as f64 * 24_000.0 / f64::from(file.rate.0);
            // The burst begins 4,800 samples into the take, of which some were trimmed.
            let expected = (start + 4_800.0 - chunk.trimmed_start as f64).round() as u64;
            let error = found_at(&sound, expected).abs_diff(expected);
            assert!(error <= within, "{}: {error} samples off", file.path.display());
        }
    }
}

#[test]
fn every_chunk_sounds_where_its_release_says_in_every_format_and_layout() {
    let studio = Studio::new();
    let chapters: Vec<ChapterPlan> = (0..3)
        .map(|n| studio.chapter((0..2 + n).map(|_| studio.take(&burst(), RATE.0, 400)).collect()))
        .collect();
    for format in Format::all() {
        let codec = format.codec(None);
        let settings = MasterSettings::default();
        let tracks: Vec<_> =
            chapters.iter().map(|plan| studio.master(plan, &settings, codec).unwrap()).collect();
        // 10 ms; what is lossless is exact.
        let within = if matches!(codec, Codec::Flac | Codec::Wav) { 1 } else { 240 };
        let dir = tempfile::tempdir().unwrap();
        for layout in [Layout::OneFile, Layout::FilePerChapter] {
            if layout == Layout::OneFile && !format.holds_books() {
                continue;
            }
            let name = format!("Book-{}", layout.is_folder());
            let published =
                publish((format, layout), &tracks, &full_tags(), None, &dir.path().join(name)).unwrap();
            let chunks: usize =
                published.files.iter().flat_map(|f| &f.chapters).map(|c| c.chunks.len()).sum();
            assert_eq!(chunks, 9);
            published.files.iter().for_each(|file| chunks_sound_where_they_are_said_to(file, within));
        }
        // The files that packages carry.
        let inside = dir.path().join("package");
        std::fs::create_dir(&inside).unwrap();
        let files = write_chapters(format, &tracks, &full_tags(), &inside).unwrap();
        assert_eq!(files.len(), 3);
        files.iter().for_each(|file| chunks_sound_where_they_are_said_to(file, within));
    }
}

#[test]
fn takes_of_any_rate_become_what_the_codec_has() {
    let studio = Studio::new();
    let take = studio.take(&speech(12.0, 0.2), 22_050, 300);
    let settings = MasterSettings { rate: SampleRate(22_050), ..MasterSettings::default() };
    for (format, rate) in
        [(Format::M4b, 22_050), (Format::Mp3, 44_100), (Format::Opus, 24_000), (Format::Wav, 22_050)]
    {
        let track = studio.master(&studio.chapter(vec![take]), &settings, format.codec(None)).unwrap();
        assert_eq!(track.encoded.rate, SampleRate(rate), "{format}");
        let seconds = track.encoded.rate.seconds(track.chunks[0].start);
        assert!((seconds - 0.75).abs() < 0.000_1, "{format}: {seconds}");
    }
}
