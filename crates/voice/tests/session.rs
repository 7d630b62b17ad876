//! The voice as its users meet it: sessions that speak.

#![allow(clippy::unwrap_used, reason = "in a test a panic is the verdict")]

use std::{sync::Arc, thread};

use rhapsode_voice::{Fragment, Voice, VoiceError, VoicePack};

fn voice() -> Arc<Voice> {
    let dirs = directories::ProjectDirs::from("", "", "rhapsode").expect("there is a home");
    let pack = VoicePack::open(&dirs.data_dir().join("voices/hibari"))
        .unwrap_or_else(|error| panic!("run `rhapsode voices fetch` first: failed to {error}"));
    Voice::open(&pack).unwrap()
}

const SENTENCE: [Fragment<'_>; 1] = [Fragment::Text("The tide clerk, Mr Umblefrost, wrote it all down.")];

#[test]
fn the_same_seed_gives_the_same_samples_in_every_session() {
    let voice = voice();
    let first = voice.session().speak(&SENTENCE, 1.0, 42).unwrap();
    assert_eq!(first.rate, voice.sample_rate());
    assert!((2.0..6.0).contains(&first.seconds()), "{} s", first.seconds());
    let mut used = voice.session();
    used.speak(&[Fragment::Text("Something else before.")], 1.3, 1).unwrap();
    assert_eq!(used.speak(&SENTENCE, 1.0, 42).unwrap(), first);
    assert_ne!(used.speak(&SENTENCE, 1.0, 43).unwrap(), first);
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let voice = Arc::clone(&voice);
            thread::spawn(move || voice.session().speak(&SENTENCE, 1.0, 42).unwrap())
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), first);
    }
}

#[test]
fn speed_changes_the_length_and_has_limits() {
    let mut session = voice().session();
    let normal = session.speak(&SENTENCE, 1.0, 0).unwrap().seconds();
    let fast = session.speak(&SENTENCE, 1.6, 0).unwrap().seconds();
    let slow = session.speak(&SENTENCE, 0.7, 0).unwrap().seconds();
    assert!((1.4..1.8).contains(&(normal / fast)), "{normal} s against {fast} s");
    assert!((0.6..0.8).contains(&(normal / slow)), "{normal} s against {slow} s");
    for speed in [0.49, 2.01, 0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(matches!(session.speak(&SENTENCE, speed, 0), Err(VoiceError::Speed { .. })), "{speed}");
    }
}

#[test]
fn given_phonemes_are_spoken_as_they_stand() {
    let mut session = voice().session();
    let by_text = session.speak(&[Fragment::Text("Hello there.")], 1.0, 5).unwrap();
    let by_phonemes = session.speak(&[Fragment::Phonemes("həlˈO ðˈɛɹ.")], 1.0, 5).unwrap();
    assert_eq!(by_text, by_phonemes);
    let mixed = [Fragment::Text("Hello "), Fragment::Phonemes("ðˈɛɹ"), Fragment::Text(".")];
    assert_eq!(session.speak(&mixed, 1.0, 5).unwrap(), by_text);
}

#[test]
fn phonemes_outside_of_the_alphabet_are_named() {
    let mut session = voice().session();
    let error = session.speak(&[Fragment::Phonemes("hɛl\u{1e30}")], 1.0, 0).unwrap_err();
    assert!(matches!(error, VoiceError::UnknownPhoneme { character: '\u{1e30}', .. }), "{error}");
}

#[test]
fn what_cannot_be_spoken_is_an_error_and_not_silence() {
    let mut session = voice().session();
    for text in ["", " \n", "\u{200b}", "***"] {
        let error = session.speak(&[Fragment::Text(text)], 1.0, 0).unwrap_err();
        assert!(matches!(error, VoiceError::Unspeakable { .. }), "{text:?}: {error}");
    }
}

#[test]
fn a_sentence_without_end_is_spoken_in_parts() {
    let mut session = voice().session();
    let endless = "and the sea rolled on, ".repeat(40);
    let pcm = session.speak(&[Fragment::Text(&endless)], 1.0, 0).unwrap();
    assert!((40.0..90.0).contains(&pcm.seconds()), "{} s", pcm.seconds());
    assert!(pcm.samples.iter().all(|sample| sample.is_finite() && sample.abs() < 2.0));
}
