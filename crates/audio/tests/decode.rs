//! Decoding against files that ffmpeg made, as files and as a stream, whole and cut.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::f32::consts::TAU;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use proptest::prelude::*;

use rhapsode_audio::decode::{Expected, Format, Undecodable, decode};
use rhapsode_audio::{Pcm, SampleRate, to_i16};

const RATE: u32 = 24_000;

/// Three and a bit seconds that nothing repeats in: a voice-like buzz with a gliding pitch and syllables.
fn sound() -> Vec<i16> {
    let seconds = |i: usize| i as f32 / RATE as f32;
    (0..80_123)
        .map(|i| {
            let t = seconds(i);
            let pitch = 110.0 * t + 9.0 * t * t;
            let buzz: f32 = (1..12).map(|n| (TAU * pitch * n as f32).sin() / n as f32).sum();
            to_i16(0.2 * buzz * (0.6 + 0.4 * (TAU * 3.7 * t).sin()))
        })
        .collect()
}

fn run(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut ffmpeg = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("these tests need ffmpeg");
    let mut stdin = ffmpeg.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let output = ffmpeg.wait_with_output().unwrap();
    writing.join().unwrap().ok();
    assert!(output.status.success(), "{arguments:?}");
    output.stdout
}

/// The sound as ffmpeg sends it down a pipe: it does not know the length when it begins.
fn streamed(arguments: &[&str]) -> Vec<u8> {
    let input: Vec<u8> = sound().iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let from = ["-f", "s16le", "-ar", "24000", "-ac", "1", "-i", "pipe:0"];
    run(&[&from[..], arguments, &["pipe:1"]].concat(), &input)
}

/// The sound as ffmpeg writes it to a file, whose head it completes at the end.
fn written(arguments: &[&str], name: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let input: Vec<u8> = sound().iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let from = ["-f", "s16le", "-ar", "24000", "-ac", "1", "-i", "pipe:0"];
    run(&[&from[..], arguments, &[path.to_str().unwrap()]].concat(), &input);
    std::fs::read(path).unwrap()
}

/// What ffmpeg itself hears in a file, at the file's rate in mono.
fn heard_by_ffmpeg(bytes: &[u8], name: &str) -> Vec<i16> {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = &folder.path().join(name);
    std::fs::write(path, bytes).unwrap();
    let raw = run(&["-i", path.to_str().unwrap(), "-ac", "1", "-f", "s16le", "pipe:1"], b"");
    raw.as_chunks::<2>().0.iter().map(|&sample| i16::from_le_bytes(sample)).collect()
}

fn read(bytes: &[u8]) -> Pcm {
    decode(bytes, Expected::default()).unwrap()
}

/// How alike two sounds are without any shift: 1 is the same but for its level.
fn correlation(a: &[i16], b: &[i16]) -> f64 {
    let sum =
        |x: &[i16], y: &[i16]| -> f64 { x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum() };
    sum(a, b) / (sum(a, a) * sum(b, b)).sqrt()
}

#[test]
fn wav_of_every_sample_size_is_the_same_sound() {
    for codec in ["pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"] {
        for bytes in [
            streamed(&["-c:a", codec, "-f", "wav"]),
            written(&["-c:a", codec], "a.wav"),
            written(&["-c:a", codec, "-af", "pan=stereo|c0=c0|c1=c0"], "a.wav"),
        ] {
            let pcm = read(&bytes);
            assert_eq!(pcm.rate, SampleRate(RATE));
            let (heard, sound) = (pcm.to_16_bit(), sound());
            assert_eq!(heard.len(), sound.len(), "{codec}");
            let apart = heard.iter().zip(&sound).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(apart <= Some(1), "{codec} {apart:?}");
        }
    }
    let pcm = read(&written(&["-c:a", "pcm_u8"], "a.wav"));
    assert!(correlation(&pcm.to_16_bit(), &sound()) > 0.999);
}

#[test]
fn flac_is_the_same_sound_whether_its_head_knows_the_length_or_not() {
    for bytes in
        [streamed(&["-f", "flac"]), written(&[], "a.flac"), written(&["-sample_fmt", "s32"], "a.flac")]
    {
        let pcm = read(&bytes);
        assert_eq!((pcm.rate, pcm.to_16_bit()), (SampleRate(RATE), sound()));
    }
}

#[test]
fn mp3_with_a_head_has_no_sample_too_many() {
    for arguments in [&["-b:a", "96k"][..], &["-q:a", "4"], &["-q:a", "2", "-ac", "2", "-ar", "48000"]] {
        let bytes = written(arguments, "a.mp3");
        let pcm = read(&bytes);
        let ffmpeg = heard_by_ffmpeg(&bytes, "a.mp3");
        assert_eq!(pcm.samples.len(), ffmpeg.len(), "{arguments:?}");
        assert!(correlation(&pcm.to_16_bit(), &ffmpeg) > 0.9999, "{arguments:?}");
        if pcm.rate == SampleRate(RATE) {
            assert_eq!(pcm.samples.len(), sound().len());
            assert!(correlation(&pcm.to_16_bit(), &sound()) > 0.99);
        }
    }
}

#[test]
fn mp3_without_a_head_is_whole_behind_the_delay_of_its_encoder() {
    let pcm = read(&streamed(&["-b:a", "64k", "-f", "mp3"]));
    // LAME adds 576 samples and the decoder 529, and nothing in such a stream says so.
    let heard = pcm.to_16_bit();
    assert!(heard.len() >= sound().len() + 1_105, "{}", heard.len());
    assert!(correlation(&heard[1_105..][..sound().len()], &sound()) > 0.99);
}

#[test]
fn joined_mp3s_are_all_heard() {
    let one = written(&["-b:a", "64k"], "a.mp3");
    let pcm = read(&[&one[..], &one[..]].concat());
    assert_eq!(pcm.samples.len(), 2 * sound().len());
    let second = &pcm.to_16_bit()[sound().len()..];
    assert!(correlation(second, &sound()) > 0.99);
}

#[test]
fn opus_has_no_sample_too_many() {
    for arguments in [&["-c:a", "libopus", "-b:a", "48k"][..], &["-c:a", "libopus", "-ac", "2"]] {
        for bytes in [written(arguments, "a.opus"), streamed(&[arguments, &["-f", "ogg"]].concat())] {
            let pcm = read(&bytes);
            let ffmpeg = heard_by_ffmpeg(&bytes, "a.opus");
            // At the rate that it was encoded from, where ffmpeg gives what the codec counts in.
            assert_eq!(pcm.rate, SampleRate(24_000));
            assert_eq!(pcm.samples.len(), sound().len());
            assert_eq!(2 * pcm.samples.len(), ffmpeg.len());
            let halved: Vec<i16> = ffmpeg.iter().copied().step_by(2).collect();
            assert!(correlation(&pcm.to_16_bit(), &halved) > 0.99);
        }
    }
}

#[test]
fn a_cut_stream_is_an_error_wherever_it_is_cut() {
    let whole = [
        (Format::Wav, written(&[], "a.wav")),
        (Format::Flac, written(&[], "a.flac")),
        (Format::Flac, streamed(&["-f", "flac"])),
        (Format::Mp3, written(&["-b:a", "64k"], "a.mp3")),
        (Format::Mp3, streamed(&["-b:a", "64k", "-f", "mp3"])),
        (Format::Opus, written(&["-c:a", "libopus"], "a.opus")),
    ];
    for (format, bytes) in whole {
        read(&bytes);
        for part in [0.3, 0.5, 0.7312, 0.9, 0.99] {
            let end = (bytes.len() as f64 * part) as usize;
            match decode(&bytes[..end], Expected::default()) {
                Err(Undecodable::Truncated { .. }) => {}
                other => panic!("{format} cut at {end} of {}: {other:?}", bytes.len()),
            }
        }
        let last = decode(&bytes[..bytes.len() - 1], Expected::default());
        assert!(
            matches!(last, Err(Undecodable::Truncated { .. })),
            "{format} without its last byte: {last:?}"
        );
    }
}

#[test]
fn bytes_that_went_wrong_on_the_way_are_never_a_shorter_take() {
    let whole = [
        written(&[], "a.flac"),
        streamed(&["-f", "flac"]),
        written(&["-c:a", "libopus"], "a.opus"),
        written(&["-b:a", "64k"], "a.mp3"),
    ];
    for bytes in whole {
        let samples = read(&bytes).samples.len();
        let mut holed = bytes.clone();
        let middle = holed.len() / 2;
        holed.drain(middle..middle + 3_000);
        match decode(&holed, Expected::default()) {
            Ok(pcm) => assert_eq!(pcm.samples.len(), samples),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_the_decoder_panic_or_invent_sound(
        which in 0..5_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        end in any::<prop::sample::Index>(),
    ) {
        static WHOLE: LazyLock<[Vec<u8>; 5]> = LazyLock::new(|| [
            written(&[], "a.wav"),
            written(&[], "a.flac"),
            written(&["-b:a", "64k"], "a.mp3"),
            written(&["-c:a", "libopus"], "a.opus"),
            Vec::new(),
        ]);
        let mut bytes = WHOLE[which].clone();
        // The heads are where a change does most.
        for (at, value) in changes {
            let near = bytes.len().min(600);
            if near > 0 {
                bytes[at.index(near)] = value;
            }
        }
        bytes.truncate(end.index(bytes.len() + 1).max(700));
        if let Ok(pcm) = decode(&bytes, Expected::default()) {
            prop_assert!(!pcm.samples.is_empty() && pcm.seconds() <= 900.0);
        }
    }
}

#[test]
fn twenty_megabytes_of_junk_are_refused_and_named() {
    let mut state = 1_u64;
    let junk: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(20 << 20)
    .collect();
    let error = decode(&junk, Expected::default()).unwrap_err();
    assert!(matches!(error, Undecodable::NotSound { .. }), "{error}");
    for head in [&b"fLaC"[..], b"OggS", b"RIFF\0\0\0\0WAVE", b"ID3\x04\0\0\0\0\0\0\xff\xfb\x50\xc4"] {
        let error = decode(&[head, &junk].concat(), Expected::default()).unwrap_err();
        assert!(error.to_string().len() < 400, "{error}");
    }
}

#[test]
fn a_few_bytes_cannot_stand_for_hours() {
    let silence =
        run(&["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "3000", "-f", "flac", "pipe:1"], b"");
    assert!(silence.len() < 1 << 20);
    let error = decode(&silence, Expected::default()).unwrap_err();
    assert_eq!(error, Undecodable::TooLong { max_seconds: 900 });
}
