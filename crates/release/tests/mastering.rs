//! Chapters from takes: level, peak, room, reuse, and what is refused.

mod studio;

use std::fs;

use rhapsode_audio::SampleRate;
use rhapsode_audio::level::{peak, rms_dbfs};
use rhapsode_audio::loudness::true_peak_dbtp;
use rhapsode_release::{Codec, LoudnessTarget, MasterSettings, ReleaseError, kept_track, sweep};
use studio::{AAC, RATE, Studio, decoded, nasty, speech};

/// A chapter of a dozen sentences, half a minute.
fn sentences(studio: &Studio) -> rhapsode_release::ChapterPlan {
    let takes =
        (0..12).map(|n| studio.take(&speech(1.5 + f64::from(n % 4) * 0.6, 0.2), RATE.0, 300 + 50 * n));
    studio.chapter(takes.collect())
}

#[test]
fn a_chapter_reaches_its_loudness_within_half_a_unit_in_every_codec() {
    let studio = Studio::new();
    let plan = sentences(&studio);
    for codec in [AAC, Codec::Flac, Codec::Wav] {
        for (loudness, lufs) in [
            (LoudnessTarget::Lufs(-20.0), -20.0),
            (LoudnessTarget::R128, -23.0),
            (LoudnessTarget::Lufs(-18.0), -18.0),
        ] {
            let settings = MasterSettings { loudness, ..MasterSettings::default() };
            let found = studio.master(&plan, &settings, codec).unwrap().loudness;
            assert!((found.integrated_lufs - lufs).abs() < 0.5, "{codec:?}: {found:?}");
            assert!(found.true_peak_dbtp <= -3.0, "{codec:?}: {found:?}");
        }
    }
}

#[test]
fn an_acx_chapter_lies_in_the_middle_of_what_acx_takes() {
    let studio = Studio::new();
    let settings = MasterSettings { loudness: LoudnessTarget::Acx, ..MasterSettings::default() };
    let track = studio.master(&sentences(&studio), &settings, AAC).unwrap();
    let samples = decoded(&track);
    assert!((rms_dbfs(&samples) + 20.5).abs() < 0.3, "{} dBFS", rms_dbfs(&samples));
    assert!(peak(&samples) <= 0.708, "above −3 dB");
    assert!(rms_dbfs(&samples[..12_000]) < -60.0, "the noise floor is too high");
}

#[test]
fn what_is_reported_is_what_the_file_holds() {
    let studio = Studio::new();
    let track = studio.master(&sentences(&studio), &MasterSettings::default(), AAC).unwrap();
    let samples = decoded(&track);
    assert_eq!(samples.len() as u64, track.samples);
    assert!((true_peak_dbtp(&samples, RATE) - track.loudness.true_peak_dbtp).abs() < 0.01);
    assert!((rms_dbfs(&samples) - track.loudness.rms_dbfs).abs() < 0.01);
}

#[test]
fn a_track_whose_encoder_overshoots_is_encoded_again_until_its_peak_is_right() {
    let studio = Studio::new();
    let takes = (0..6).map(|n| studio.take(&nasty(2.5, n), RATE.0, 400)).collect();
    let plan = studio.chapter(takes);
    let settings = MasterSettings { loudness: LoudnessTarget::Lufs(-12.0), ..MasterSettings::default() };
    let track = studio.master(&plan, &settings, Codec::Aac { bitrate: 16_000 }).unwrap();
    assert!((2..=4).contains(&track.loudness.encodes), "{:?}", track.loudness);
    assert!(track.loudness.limited);
    assert!(true_peak_dbtp(&decoded(&track), RATE) <= -3.0, "{:?}", track.loudness);
}

#[test]
fn speech_below_the_ceiling_is_only_scaled() {
    let studio = Studio::new();
    let take = speech(12.0, 0.2);
    let plan = studio.chapter(vec![studio.take(&take, RATE.0, 0)]);
    let settings = MasterSettings { loudness: LoudnessTarget::Lufs(-30.0), ..MasterSettings::default() };
    let track = studio.master(&plan, &settings, Codec::Wav).unwrap();
    assert!(!track.loudness.limited);
    let (samples, chunk) = (decoded(&track), track.chunks[0]);
    let gain = 10_f64.powf(track.loudness.gain_db / 20.0) as f32;
    let faded = 240;
    for n in faded..chunk.length as usize - faded {
        let wanted = take[chunk.trimmed_start as usize + n] * gain;
        let error = (samples[chunk.start as usize + n] - wanted).abs();
        assert!(error < 0.004, "sample {n} is off by {error}, more than room tone");
    }
}

#[test]
fn there_is_the_same_room_before_between_and_after_the_takes() {
    let studio = Studio::new();
    let takes = (0..4).map(|_| studio.take(&speech(3.0, 0.2), RATE.0, 600)).collect();
    let track = studio.master(&studio.chapter(takes), &MasterSettings::default(), Codec::Wav).unwrap();
    let samples = decoded(&track);
    let end_of = |n: usize| (track.chunks[n].start + track.chunks[n].length) as usize;
    let rooms = [
        0..track.chunks[0].start as usize,
        end_of(1)..track.chunks[2].start as usize,
        end_of(3)..samples.len(),
    ];
    for room in rooms {
        let room = &samples[room];
        assert!((rms_dbfs(room) + 66.0).abs() < 1.0, "{} dBFS", rms_dbfs(room));
        for part in room.chunks_exact(2_400) {
            assert!((rms_dbfs(part) + 66.0).abs() < 3.0, "the room steps to {} dBFS", rms_dbfs(part));
        }
        let zeros = room.split(|&sample| sample != 0.0).map(<[f32]>::len).max();
        assert!(zeros < Some(12), "digital silence of {zeros:?} samples");
    }
    assert_eq!(track.chunks[0].start, 18_000);
    assert!(samples.len() - end_of(3) >= 48_000);
}

#[test]
fn two_runs_give_the_same_bytes() {
    let (one, other) = (Studio::new(), Studio::new());
    for codec in [AAC, Codec::Flac, Codec::Wav] {
        let tracks = [&one, &other]
            .map(|studio| studio.master(&sentences(studio), &MasterSettings::default(), codec).unwrap());
        let [first, second] =
            tracks.map(|track| (fs::read(&track.encoded.path).unwrap(), track.chunks, track.loudness));
        assert!(first == second, "{codec:?} differs");
    }
}

#[test]
fn every_codec_has_the_same_timeline() {
    let studio = Studio::new();
    let plan = sentences(&studio);
    let tracks = [AAC, Codec::Flac, Codec::Wav]
        .map(|codec| studio.master(&plan, &MasterSettings::default(), codec).unwrap());
    for track in &tracks[1..] {
        assert_eq!((track.samples, &track.chunks), (tracks[0].samples, &tracks[0].chunks));
    }
}

#[test]
fn a_short_chapter_takes_its_gain_from_the_reference_and_a_long_one_does_not() {
    let studio = Studio::new();
    let reference: Vec<_> = (0..8).map(|_| studio.take(&speech(3.0, 0.2), RATE.0, 0).key).collect();
    let gain = |seconds: f64, amplitude: f32| {
        let take = studio.take(&speech(seconds, amplitude), RATE.0, 0);
        let mut plan = studio.chapter(vec![take]);
        plan.loudness_reference.clone_from(&reference);
        studio.master(&plan, &MasterSettings::default(), Codec::Wav).unwrap().loudness.gain_db
    };
    assert_eq!(gain(2.0, 0.2), gain(3.0, 0.05));
    assert!(gain(12.0, 0.05) > gain(2.0, 0.05) + 6.0);
}

#[test]
fn a_short_chapter_is_made_again_when_its_reference_changes_and_a_long_one_is_not() {
    let studio = Studio::new();
    let settings = MasterSettings::default();
    for (seconds, kept) in [(2.0, false), (12.0, true)] {
        let mut plan = studio.chapter(vec![studio.take(&speech(seconds, 0.1), RATE.0, 0)]);
        studio.master(&plan, &settings, Codec::Wav).unwrap();
        plan.loudness_reference = vec![studio.take(&speech(3.0, 0.2), RATE.0, 0).key];
        assert_eq!(kept_track(&plan, &settings, Codec::Wav, &studio.tracks()).is_some(), kept);
    }
}

#[test]
fn a_kept_track_is_found_without_its_takes_under_a_new_title_and_ordinals() {
    let studio = Studio::new();
    let mut plan = sentences(&studio);
    let settings = MasterSettings::default();
    let first = studio.master(&plan, &settings, AAC).unwrap();
    studio.forget_takes();

    plan.title = "Another title".into();
    plan.takes.iter_mut().for_each(|take| take.ordinal += 100);
    let again = studio.master(&plan, &settings, AAC).unwrap();
    assert_eq!(again.title, "Another title");
    assert_eq!(again.chunks[0].ordinal, first.chunks[0].ordinal + 100);
    assert_eq!((again.encoded, again.loudness), (first.encoded, first.loudness));

    plan.takes[3].pause_after_ms += 1;
    assert!(matches!(
        studio.master(&plan, &settings, AAC),
        Err(ReleaseError::TakeMissing { ordinal: 100, .. })
    ));
}

#[test]
fn a_torn_or_changed_track_is_made_again() {
    let studio = Studio::new();
    let (plan, settings) = (sentences(&studio), MasterSettings::default());
    let track = studio.master(&plan, &settings, AAC).unwrap();
    let whole = fs::read(&track.encoded.path).unwrap();
    let description = track.encoded.path.with_extension("json");

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for damage in [&whole[..whole.len() / 2], &flipped, &[]] {
        fs::write(&track.encoded.path, damage).unwrap();
        assert_eq!(kept_track(&plan, &settings, AAC, &studio.tracks()), None);
        assert_eq!(studio.master(&plan, &settings, AAC).unwrap(), track);
        assert!(fs::read(&track.encoded.path).unwrap() == whole);
    }
    let json = fs::read(&description).unwrap();
    fs::write(&description, &json[..json.len() / 2]).unwrap();
    assert_eq!(kept_track(&plan, &settings, AAC, &studio.tracks()), None);
    fs::remove_file(&track.encoded.path).unwrap();
    assert_eq!(studio.master(&plan, &settings, AAC).unwrap(), track);
}

#[test]
fn sweeping_leaves_the_tracks_in_use_and_what_is_not_ours() {
    let studio = Studio::new();
    let plan = sentences(&studio);
    let settings = MasterSettings::default();
    let kept = studio.master(&plan, &settings, Codec::Wav).unwrap();
    let stale = studio.master(&plan, &MasterSettings { head_ms: 500, ..settings }, Codec::Wav).unwrap();
    let broken = studio.tracks().join(format!("{}x7.part", "ab".repeat(32)));
    let stranger = studio.tracks().join("notes.txt");
    fs::write(&broken, "half").unwrap();
    fs::write(&stranger, "mine").unwrap();

    sweep(&studio.tracks(), std::slice::from_ref(&kept)).unwrap();
    assert_eq!(kept_track(&plan, &settings, Codec::Wav, &studio.tracks()), Some(kept));
    assert!(stranger.exists() && !broken.exists() && !stale.encoded.path.exists());
    assert!(!stale.encoded.path.with_extension("json").exists());
    sweep(&studio.tracks().join("none"), &[]).unwrap();
}

#[test]
fn a_missing_take_is_named_and_leaves_nothing_behind() {
    let studio = Studio::new();
    let mut plan = sentences(&studio);
    plan.takes[5].key = [9; 32];
    let error = studio.master(&plan, &MasterSettings::default(), AAC).unwrap_err();
    assert!(matches!(error, ReleaseError::TakeMissing { ordinal: 5, .. }), "{error}");
    assert!(fs::read_dir(studio.tracks()).is_err());

    plan = studio.chapter(vec![studio.take(&speech(2.0, 0.2), RATE.0, 0)]);
    plan.loudness_reference = vec![[9; 32]];
    let error = studio.master(&plan, &MasterSettings::default(), AAC).unwrap_err();
    assert!(matches!(error, ReleaseError::ReferenceMissing { .. }), "{error}");
}

#[test]
fn an_encoder_that_refuses_ends_the_chapter_with_its_own_error() {
    let studio = Studio::new();
    let settings = MasterSettings { rate: SampleRate(24_001), ..MasterSettings::default() };
    let error = studio.master(&sentences(&studio), &settings, AAC).unwrap_err();
    assert!(matches!(error, ReleaseError::Encoder { .. }), "{error}");
    assert_eq!(fs::read_dir(studio.tracks()).unwrap().count(), 0, "a half-written file stays");
}

#[test]
fn a_chapter_of_silent_takes_is_room_and_pauses() {
    let studio = Studio::new();
    let takes = (0..2).map(|_| studio.take(&[0.0; 24_000], RATE.0, 500)).collect();
    let track = studio.master(&studio.chapter(takes), &MasterSettings::default(), Codec::Wav).unwrap();
    assert_eq!(track.samples, (18_000_u64 + 12_000 + 48_000).next_multiple_of(1_024));
    assert!(track.chunks.iter().all(|chunk| chunk.length == 0));
    assert!((rms_dbfs(&decoded(&track)) + 66.0).abs() < 0.5);
}
