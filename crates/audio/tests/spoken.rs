//! The take checks on a sentence of the built-in voice, under bounds as they are learnt from that voice.

use rhapsode_audio::judge::{Bounds, Defect, Expectation, Measurements, check, judge, measure};
use rhapsode_audio::level::from_db;
use rhapsode_audio::room_tone::room_tone;
use rhapsode_audio::{Pcm, SampleRate};

const TEXT: &str = "Nay, it is an added grandeur.";

fn spoken() -> Pcm {
    let mut wav =
        hound::WavReader::new(include_bytes!("data/spoken.wav").as_slice()).expect("the file is a WAV");
    let samples: Vec<i16> = wav.samples().collect::<Result<_, _>>().expect("the file is whole");
    Pcm::from_16_bit(SampleRate(wav.spec().sample_rate), &samples)
}

fn expected() -> Expectation {
    Expectation { characters: TEXT.chars().count(), speed: 1.0 }
}

fn bounds() -> Bounds {
    Bounds {
        rate: Some(SampleRate(24_000)),
        seconds_per_character: 0.056,
        shortest_ratio: 0.83,
        shortest_slack: 0.43,
        longest_ratio: 1.17,
        longest_slack: 0.6,
        level_dbfs: Some(-25.2),
        level_within_db: 6.0,
        shortest_tail: 0.24,
        noise_below_speech_db: 45.0,
        longest_repetition: Some(0.9),
        ..Bounds::default()
    }
}

/// What is found once `fault` was done to the samples.
fn found(fault: impl FnOnce(&mut Vec<f32>)) -> Vec<Defect> {
    let mut pcm = spoken();
    fault(&mut pcm.samples);
    judge(&pcm, &expected(), &bounds()).defects
}

#[test]
fn a_good_sentence_passes() {
    assert_eq!(found(|_| ()), []);
    assert!(judge(&spoken(), &expected(), &Bounds::default()).accepted());
}

#[test]
fn another_rate_than_the_usual_is_found() {
    let pcm = Pcm { rate: SampleRate(22_050), ..spoken() };
    let findings = judge(&pcm, &expected(), &bounds());
    assert_eq!(findings.defects, [Defect::Rate]);
    assert_eq!(findings.breaches[0].to_string(), "rate (22050.00 Hz, bound 24000.00)");
}

#[test]
fn a_take_far_louder_or_quieter_than_the_others_is_found() {
    let by = |decibels: f64| {
        found(|samples| samples.iter_mut().for_each(|sample| *sample *= from_db(decibels) as f32))
    };
    assert_eq!(by(-14.0), [Defect::Level]);
    assert_eq!(by(8.0), [Defect::Level]);
    assert_eq!(by(-3.0), []);
}

#[test]
fn a_cut_between_words_is_found_by_the_silence_that_is_missing_behind_it() {
    let whole = measure(&spoken());
    let tail = whole.tail_seconds.unwrap();
    // All of the speech and 50 ms of silence: nothing but the tail tells.
    let kept = SampleRate(24_000).samples(whole.seconds - tail + 0.05);
    assert_eq!(found(|samples| samples.truncate(kept)), [Defect::NoTail]);
}

#[test]
fn noise_and_hum_that_a_clean_voice_does_not_have_are_found_40_db_below_the_speech() {
    let noise = |samples: &mut Vec<f32>| {
        let noise = room_tone(samples.len(), SampleRate(24_000), -62.0, 3);
        samples.iter_mut().zip(noise).for_each(|(sample, noise)| *sample += noise);
    };
    let hum = |samples: &mut Vec<f32>| {
        let amplitude = from_db(-62.0) * std::f64::consts::SQRT_2;
        for (n, sample) in samples.iter_mut().enumerate() {
            *sample += (amplitude * (std::f64::consts::TAU * 50.0 * n as f64 / 24_000.0).sin()) as f32;
        }
    };
    assert!(found(noise).contains(&Defect::Noisy));
    assert!(found(hum).contains(&Defect::Noisy));
    let mut pcm = spoken();
    hum(&mut pcm.samples);
    assert!(judge(&pcm, &expected(), &Bounds::default()).accepted(), "a voice that hums may");
}

#[test]
fn a_sound_that_comes_again_and_again_is_a_stuck_loop_and_once_again_is_not() {
    let again = |times: usize| {
        let mut pcm = spoken();
        let sound = pcm.samples[18_000..18_000 + 9_137].to_vec();
        for number in 0..times {
            let gain = if number % 2 == 0 { 0.92 } else { 1.05 };
            let louder = sound.iter().map(|sample| sample * gain);
            pcm.samples.splice(27_137..27_137, louder.collect::<Vec<_>>());
        }
        let any_length = Expectation { characters: 0, speed: 1.0 };
        judge(&pcm, &any_length, &bounds()).defects
    };
    assert_eq!(again(5), [Defect::StuckLoop]);
    assert_eq!(again(1), []);
}

#[test]
fn a_buzz_in_the_middle_of_a_sentence_is_a_stuck_loop() {
    let buzz = |n: usize| if n % 200 < 40 { 0.12 } else { -0.03 };
    let defects = found(|samples| {
        samples.splice(27_137..27_137, (0..48_000).map(buzz));
    });
    assert!(defects.contains(&Defect::StuckLoop), "{defects:?}");
}

#[test]
fn takes_measured_by_an_earlier_version_are_read_and_pass() {
    let stored = r#"{"seconds": 2.375, "speech-seconds": 1.6, "peak-dbfs": -8.0, "loudest-dbfs": -16.0,
        "speech-dbfs": -25.0, "quietest-dbfs": -120.0, "end-dbfs": -120.0, "offset": 0.0, "clipped-run": 0,
        "hole-seconds": 0.1, "not-finite": 0}"#;
    let measured: Measurements = serde_json::from_str(stored).unwrap();
    assert_eq!((measured.rate, measured.tail_seconds, measured.repetition_seconds), (None, None, None));
    assert_eq!(check(&measured, &expected(), &bounds()), []);
}

#[test]
fn a_word_or_two_may_end_without_the_usual_silence() {
    let measured = Measurements { seconds: 0.6, speech_seconds: 0.5, tail_seconds: Some(0.1), ..quiet_end() };
    let bounds = Bounds { shortest_tail: 0.24, ..Bounds::default() };
    let defects = |characters| check(&measured, &Expectation { characters, speed: 1.0 }, &bounds);
    assert_eq!(defects(2), []);
    assert!(defects(12).iter().any(|breach| breach.defect == Defect::NoTail));
}

/// What a good take measures at its loudest and at its end.
fn quiet_end() -> Measurements {
    Measurements {
        loudest_dbfs: -12.0,
        speech_dbfs: -20.0,
        quietest_dbfs: -90.0,
        end_dbfs: -90.0,
        ..Measurements::default()
    }
}
