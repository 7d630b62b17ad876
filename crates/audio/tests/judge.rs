//! The take checks on made speech, clean and with one fault each.

use proptest::prelude::*;
use rhapsode_audio::judge::{Bounds, Defect, Expectation, Findings, judge};
use rhapsode_audio::level::from_db;
use rhapsode_audio::room_tone::room_tone;
use rhapsode_audio::{Pcm, SampleRate};

const RATE: SampleRate = SampleRate(24_000);
/// Characters that the made speech lasts a second for.
const CHARACTERS_A_SECOND: f64 = 15.0;

/// Something with the rhythm of speech: voiced syllables four times a second, each falling to a short closure,
/// with 0.2 s of a quiet room at both ends.
fn speech(seconds: f64, level_db: f64) -> Pcm {
    let margin = RATE.samples(0.2);
    let mut samples = room_tone(RATE.samples(seconds) + 2 * margin, RATE, -80.0, 5);
    for n in 0..RATE.samples(seconds) {
        let t = n as f64 / 24_000.0;
        let syllable = (std::f64::consts::PI * ((t * 4.0).fract() / 0.75).min(1.0)).sin().powi(2);
        let voice: f64 =
            (1..12).map(|h| (std::f64::consts::TAU * 130.0 * f64::from(h) * t).sin() / f64::from(h)).sum();
        samples[margin + n] += (0.3 * from_db(level_db) * syllable * voice) as f32;
    }
    Pcm { rate: RATE, samples }
}

fn judged(pcm: &Pcm, seconds: f64) -> Findings {
    let characters = (seconds * CHARACTERS_A_SECOND) as usize;
    judge(pcm, &Expectation { characters, speed: 1.0 }, &Bounds::default())
}

#[test]
fn clean_speech_of_any_level_and_length_is_accepted() {
    for seconds in [0.3, 1.0, 4.0, 15.0] {
        for level in [0.0, -12.0, -24.0] {
            let findings = judged(&speech(seconds, level), seconds);
            assert!(findings.accepted(), "{seconds} s at {level} dB: {:?}", findings.breaches);
        }
    }
}

#[test]
fn no_samples_and_samples_that_are_no_numbers_are_broken() {
    assert_eq!(judged(&Pcm { rate: RATE, samples: Vec::new() }, 1.0).defects, [Defect::Broken]);
    assert_eq!(judged(&Pcm { rate: SampleRate(0), samples: vec![0.1; 9] }, 1.0).defects, [Defect::Broken]);
    let mut pcm = speech(1.0, 0.0);
    pcm.samples[700] = f32::NAN;
    pcm.samples[701] = f32::INFINITY;
    let findings = judged(&pcm, 1.0);
    assert_eq!(findings.defects, [Defect::Broken]);
    assert_eq!(findings.measurements.not_finite, 2);
}

#[test]
fn digital_silence_and_a_quiet_room_are_silent() {
    assert_eq!(judged(&Pcm { rate: RATE, samples: vec![0.0; 48_000] }, 2.0).defects, [Defect::Silent]);
    let room = Pcm { rate: RATE, samples: room_tone(48_000, RATE, -60.0, 1) };
    assert_eq!(judged(&room, 2.0).defects, [Defect::Silent]);
}

#[test]
fn speech_that_cannot_be_the_text_is_too_short_or_too_long() {
    assert_eq!(judged(&speech(1.0, 0.0), 6.0).defects, [Defect::TooShort]);
    assert_eq!(judged(&speech(9.0, 0.0), 1.5).defects, [Defect::TooLong]);
    // The same two lengths are right at another speed.
    let at = |speed, seconds: f64| {
        let characters = (seconds * CHARACTERS_A_SECOND) as usize;
        judge(&speech(1.0, 0.0), &Expectation { characters, speed }, &Bounds::default())
    };
    assert!(at(2.0, 2.0).accepted() && at(0.5, 0.5).accepted());
}

#[test]
fn the_length_of_a_take_without_a_text_is_not_judged() {
    let findings = judge(&speech(9.0, 0.0), &Expectation { characters: 0, speed: 1.0 }, &Bounds::default());
    assert!(findings.accepted());
}

#[test]
fn crests_cut_flat_at_full_scale_are_clipped_and_one_full_scale_sample_is_not() {
    let mut pcm = speech(2.0, 0.0);
    pcm.samples[20_000] = 1.0;
    assert!(judged(&pcm, 2.0).accepted());
    for sample in &mut pcm.samples {
        *sample = (*sample * 4.0).clamp(-1.0, 1.0);
    }
    assert_eq!(judged(&pcm, 2.0).defects, [Defect::Clipped]);
}

#[test]
fn a_wave_off_zero_has_an_offset() {
    let mut pcm = speech(2.0, -6.0);
    for sample in &mut pcm.samples {
        *sample += 0.05;
    }
    let findings = judged(&pcm, 2.0);
    assert!(findings.defects.contains(&Defect::Offset), "{:?}", findings.defects);
    assert!((findings.measurements.offset - 0.05).abs() < 0.002);
}

#[test]
fn a_long_silence_inside_is_a_hole_and_a_pause_is_not() {
    let with_pause = |seconds: f64| {
        let mut pcm = speech(4.0, 0.0);
        pcm.samples[40_000..40_000 + RATE.samples(seconds)].fill(0.0);
        judged(&pcm, 4.0)
    };
    assert!(with_pause(0.7).accepted());
    let findings = with_pause(1.6);
    assert_eq!(findings.defects, [Defect::Hole]);
    assert!((findings.measurements.hole_seconds - 1.6).abs() < 0.25);
}

#[test]
fn speech_that_runs_into_the_last_sample_is_cut_off() {
    let mut pcm = speech(3.0, 0.0);
    // In the middle of a syllable.
    pcm.samples.truncate(RATE.samples(0.2 + 2.5 + 0.1));
    assert_eq!(judged(&pcm, 2.6).defects, [Defect::CutOff]);
}

#[test]
fn a_take_without_a_quiet_moment_is_noisy() {
    let mut pcm = speech(3.0, 0.0);
    let noise = room_tone(pcm.samples.len(), RATE, -25.0, 8);
    for (sample, noise) in pcm.samples.iter_mut().zip(noise) {
        *sample += noise;
    }
    let findings = judged(&pcm, 3.0);
    assert!(findings.defects.contains(&Defect::Noisy), "{:?}", findings.measurements);
}

#[test]
fn names_figures_and_bounds_read_well_and_names_are_the_same_in_files() {
    let findings = judged(&speech(1.0, 0.0), 6.0);
    let text = findings.breaches[0].to_string();
    assert!(text.starts_with("too-short (") && text.contains(" s, bound "), "{text}");
    let json = |defect: Defect| format!("\"{defect}\"");
    for defect in [Defect::Broken, Defect::TooLong, Defect::CutOff, Defect::Hole] {
        assert_eq!(serde_json::to_string(&defect).unwrap(), json(defect));
    }
    let stored = serde_json::to_string(&findings.measurements).unwrap();
    assert_eq!(
        serde_json::from_str::<rhapsode_audio::judge::Measurements>(&stored).unwrap(),
        findings.measurements
    );
    let bounds: Bounds = serde_json::from_str(r#"{"longest-hole": 2.5}"#).unwrap();
    assert_eq!(bounds, Bounds { longest_hole: 2.5, ..Bounds::default() });
}

proptest! {
    #[test]
    fn any_samples_at_any_rate_are_judged_without_a_panic(
        samples in prop::collection::vec(any::<f32>(), 0..600), rate in 0_u32..200_000, characters in 0_usize..400,
        speed in any::<f32>(),
    ) {
        let pcm = Pcm { rate: SampleRate(rate), samples };
        let findings = judge(&pcm, &Expectation { characters, speed }, &Bounds::default());
        prop_assert_eq!(findings.accepted(), findings.breaches.is_empty());
        prop_assert!(pcm.samples.iter().all(|s| s.is_finite()) || findings.defects == [Defect::Broken]);
    }
}
