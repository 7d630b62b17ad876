//! Tracks as the encoders write them and the decoders give them back.

#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod oracle;

use std::path::Path;

use oracle::{AAC, RATE, chapter, chapter_error, decoded, track};
use rhapsode_audio::SampleRate;
use rhapsode_release::{Codec, EncodedTrack, Format, Layout, ReleaseError, Tags, encode, publish};

fn decode(track: &EncodedTrack) -> Vec<f32> {
    let mut samples = Vec::new();
    encode::decode(track, &mut |block| samples.extend_from_slice(block)).unwrap();
    samples
}

#[test]
fn a_decoded_aac_track_is_as_long_as_what_went_in_and_in_its_place() {
    let dir = tempfile::tempdir().unwrap();
    for frames in [4, 5, 100] {
        let track = track(dir.path(), "a", "", AAC, &chapter(frames));
        let samples = decode(&track.encoded);
        assert_eq!(samples.len(), frames * 1024);
        assert_eq!(chapter_error(&samples, 0), 0);
    }
}

#[test]
fn what_is_measured_is_what_a_player_decodes() {
    let dir = tempfile::tempdir().unwrap();
    let track = track(dir.path(), "a", "One", AAC, &chapter(60));
    let ours = decode(&track.encoded);
    let path = dir.path().join("a.m4b");
    publish((Format::M4b, Layout::OneFile), &[track], &Tags::default(), None, &path).unwrap();
    let theirs = decoded(&path);
    assert_eq!(ours.len(), theirs.len());
    let largest = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max);
    // Noise substitution is random by design, at the level of the noise.
    assert!(largest < 2e-3, "{largest}");
}

/// Speech-like syllables with hard onsets, so that the encoder changes its windows all the time.
fn syllables(samples: usize) -> Vec<f32> {
    let wave = |n: usize| {
        let t = n as f64 / f64::from(RATE.0);
        let decay = (-18.0 * (t % 0.21)).exp();
        let voice =
            (t * 130.0 * std::f64::consts::TAU).sin() + 0.5 * (t * 1_730.0 * std::f64::consts::TAU).sin();
        (0.3 * decay * voice) as f32
    };
    (0..samples).map(wave).collect()
}

#[test]
fn nothing_is_heard_where_segments_that_were_encoded_side_by_side_are_joined() {
    let dir = tempfile::tempdir().unwrap();
    // Three segments of 1,024 frames and a part of one.
    let frames = 3 * 1_024 + 100;
    let wave = syllables(frames * 1_024);
    let decoded = decode(&track(dir.path(), "a", "", AAC, &wave).encoded);
    let error = |from: usize, to: usize| {
        let squares = wave[from..to].iter().zip(&decoded[from..to]).map(|(a, b)| f64::from(a - b).powi(2));
        (squares.sum::<f64>() / (to - from) as f64).sqrt()
    };
    // The worst of the first segment: onsets are always coded worst, wherever they fall.
    let worst = (80..1_900).map(|window| error(window * 512, window * 512 + 512)).fold(0.0, f64::max);
    for joint in [1_024, 2_048, 3_072].map(|frame| frame * 1_024) {
        for window in 0..12 {
            // From four frames before the joint to two after: the encoder's delay lies between.
            let from = joint - 4 * 1_024 + window * 512;
            let here = error(from, from + 512);
            assert!(here < 1.25 * worst, "{here} beside {worst} at {from}, joint {joint}");
        }
    }
}

#[test]
fn lossless_codecs_give_back_every_sample() {
    let dir = tempfile::tempdir().unwrap();
    let mut samples = chapter(9);
    // A length that is no multiple of any block.
    samples.truncate(9 * 1024 - 333);
    let rounded: Vec<f32> =
        samples.iter().map(|&s| rhapsode_audio::from_i16(rhapsode_audio::to_i16(s))).collect();
    for codec in [Codec::Flac, Codec::Wav] {
        let track = track(dir.path(), "a", "", codec, &samples);
        assert_eq!(decode(&track.encoded), rounded, "{codec:?}");
    }
}

#[test]
fn the_bit_rate_that_was_asked_for_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    // Noise over the whole scale: an encoder spends all it may.
    let mut state = 1u32;
    let noise: Vec<f32> = (0..400 * 1024)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(state) / f64::from(u32::MAX) - 0.5) as f32
        })
        .collect();
    for bitrate in [48_000, 64_000, 96_000] {
        let track = track(dir.path(), "a", "", Codec::Aac { bitrate }, &noise);
        let bytes = std::fs::metadata(&track.encoded.path).unwrap().len() as f64;
        let found = bytes * 8.0 * f64::from(RATE.0) / noise.len() as f64;
        let asked = f64::from(bitrate);
        assert!((found - asked).abs() < asked * 0.08, "{found} of {bitrate}");
    }
}

#[test]
fn a_track_that_is_not_whole_frames_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    for samples in [0, 1, 1023, 1025] {
        let mut encoder = encode::open(AAC, RATE, &dir.path().join("a")).unwrap();
        encoder.push(&vec![0.0; samples]).unwrap();
        assert!(encoder.finish().is_err(), "{samples}");
    }
}

#[test]
fn a_rate_or_bit_rate_that_aac_does_not_have_is_refused_before_any_file_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    let too_much = encode::open(Codec::Aac { bitrate: 320_000 }, RATE, &path);
    assert!(matches!(too_much.err().unwrap(), ReleaseError::BitrateOutside { highest: 144_000, .. }));
    assert!(encode::open(AAC, SampleRate(23_999), &path).is_err());
    assert!(!path.exists());
}

#[test]
fn every_other_rate_of_speech_engines_works() {
    let dir = tempfile::tempdir().unwrap();
    for rate in [16_000, 22_050, 32_000, 44_100, 48_000] {
        let mut encoder = encode::open(AAC, SampleRate(rate), &dir.path().join("a")).unwrap();
        encoder.push(&chapter(10)).unwrap();
        let samples = decode(&encoder.finish().unwrap());
        assert_eq!(samples.len(), 10 * 1024);
        assert_eq!(chapter_error(&samples, 0), 0, "{rate}");
    }
}

#[test]
fn a_track_file_that_was_cut_does_not_decode() {
    let dir = tempfile::tempdir().unwrap();
    for codec in [AAC, Codec::Flac, Codec::Wav] {
        let encoded = track(dir.path(), "a", "", codec, &chapter(30)).encoded;
        let whole = std::fs::read(&encoded.path).unwrap();
        std::fs::write(&encoded.path, &whole[..whole.len() * 2 / 3]).unwrap();
        assert!(encode::decode(&encoded, &mut |_| {}).is_err(), "{codec:?}");
    }
}

#[test]
fn the_same_samples_give_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    for codec in [AAC, Codec::Flac, Codec::Wav] {
        let [first, second] = ["a", "b"].map(|name| {
            let track = track(dir.path(), name, "", codec, &chapter(30));
            std::fs::read(track.encoded.path).unwrap()
        });
        assert!(first == second, "{codec:?}");
    }
}

#[test]
fn the_versions_that_are_named_are_those_that_are_built_in() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    let locked = |name: &str| lock.contains(name);
    let flac = encode::encoder_info(Codec::Flac);
    assert!(locked(&format!("name = \"flacenc\"\nversion = \"{}\"", flac.version)));
    let aac = encode::encoder_info(AAC);
    if cfg!(feature = "fdk-aac") {
        assert!(locked(&format!("name = \"fdk-aac\"\nversion = \"{}\"", aac.version)));
        assert!(aac.licence.contains("Fraunhofer"));
    } else {
        let said = String::from_utf8(oracle::run("ffmpeg", ["-version"])).unwrap();
        assert!(said.contains(&aac.version), "{}", aac.version);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_with_the_file_and_the_reason() {
    for codec in [AAC, Codec::Flac, Codec::Wav] {
        let full = Path::new("/dev/full");
        let error = encode::open(codec, RATE, full)
            .and_then(|mut encoder| {
                encoder.push(&chapter(100))?;
                encoder.finish()
            })
            .unwrap_err();
        let ReleaseError::Io { path, source, .. } = &error else { panic!("{codec:?}: {error}") };
        assert_eq!((path.as_path(), source.kind()), (full, std::io::ErrorKind::StorageFull), "{codec:?}");
    }
}
