//! The built-in voice behind the trait, with the real voice of this user. `rhapsode voices fetch` gets it; without
//! it these tests say that they were skipped.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod skipping;

use std::{path::PathBuf, sync::Arc};

use rhapsode_audio::SampleRate;
use rhapsode_speech::{
    Backend, BackendSettings, Builtin, Call, Part, ProbeVoice, Purpose, Request, SharedBackend, SpeechError,
    expect_backend, open_backend, probe,
};
use rhapsode_voice::{SOUND_REVISION, VoicePack};
use serde_json::json;
use skipping::skip;

fn pack() -> Option<PathBuf> {
    let folder = directories::ProjectDirs::from("", "", "rhapsode")?.data_dir().join("voices").join("hibari");
    if folder.is_dir() {
        return Some(folder);
    }
    skip(&format!("there is no voice in {}, `rhapsode voices fetch` gets it", folder.display()));
    None
}

fn request(backend: &dyn Backend, text: Vec<Part>) -> Request {
    Request {
        text,
        voice: backend.describe().voices[0].clone(),
        reference: None,
        language: "en".to_owned(),
        speed: 1.0,
        parameters: Default::default(),
        seed: 3,
        generation: 0,
    }
}

fn take(seed: u64) -> Call {
    Call { seed, purpose: Purpose::Take }
}

fn words(text: &str) -> Vec<Part> {
    vec![Part::Text(text.to_owned())]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_passes_the_probe_and_is_what_it_says_it_is() {
    let Some(pack) = pack() else { return };
    let description = Builtin::description(&VoicePack::open(&pack).unwrap(), 2);
    let settings = json!({ "name": "builtin", "kind": "builtin", "workers": 2, "pack": pack });
    let settings: BackendSettings = serde_json::from_value(settings).unwrap();
    assert_eq!(expect_backend(&settings).unwrap(), description);
    let backend = open_backend(&settings).await.unwrap().remove(0);
    assert_eq!(backend.describe(), &description, "what is said without loading holds after loading");
    assert_eq!((description.name.as_str(), description.max_concurrency), ("builtin", 2));
    assert_eq!(description.identity.sound_revision, SOUND_REVISION);
    assert_eq!(description.languages, ["en"]);

    let report = probe(backend.as_ref(), &ProbeVoice::first_of(backend.as_ref())).await.unwrap();
    assert!(report.passed(), "{:?}", report.findings);
    assert!((1.5..6.0).contains(&report.seconds_of_audio), "{}", report.seconds_of_audio);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_sound_as_each_does_alone() {
    let Some(pack) = pack() else { return };
    let backend: SharedBackend = Arc::new(Builtin::open(&VoicePack::open(&pack).unwrap(), 2).unwrap());
    let texts = ["Call me Ishmael.", "Some years ago, never mind how long.", "There she blows!"];
    let mut alone = Vec::new();
    for text in texts {
        alone.push(backend.speak(&request(backend.as_ref(), words(text)), take(3)).await.unwrap());
    }
    let together: Vec<_> = texts
        .repeat(3)
        .into_iter()
        .map(|text| {
            let backend = Arc::clone(&backend);
            tokio::spawn(async move { backend.speak(&request(backend.as_ref(), words(text)), take(3)).await })
        })
        .collect();
    for (speaking, alone) in together.into_iter().zip(alone.iter().cycle()) {
        let speech = speaking.await.unwrap().unwrap();
        assert!(speech == *alone, "a request must sound the same whatever is spoken beside it");
        assert_eq!((speech.seed, speech.pcm.rate), (3, SampleRate(24_000)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phonemes_reach_the_voice_and_the_seed_is_heard() {
    let Some(pack) = pack() else { return };
    let backend = Builtin::open(&VoicePack::open(&pack).unwrap(), 1).unwrap();
    let named = |phonemes: &str| {
        let (word, phonemes) = ("Queequeg".to_owned(), phonemes.to_owned());
        let parts = vec![Part::Text("My name is ".to_owned()), Part::Phonemes { word, phonemes }];
        request(&backend, parts)
    };
    let (one, other) = (named("kwˈikwɛɡ"), named("kwˈikwəɡəlˌOz"));
    let first = backend.speak(&one, take(3)).await.unwrap().pcm;
    assert_eq!(backend.speak(&one, take(3)).await.unwrap().pcm, first);
    assert_ne!(backend.speak(&one, take(4)).await.unwrap().pcm, first);
    let longer = backend.speak(&other, take(3)).await.unwrap().pcm;
    assert!(longer.seconds() > first.seconds(), "{} and {}", longer.seconds(), first.seconds());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_spoken_is_said_to_be_the_texts_fault() {
    let Some(pack) = pack() else { return };
    let backend = Builtin::open(&VoicePack::open(&pack).unwrap(), 1).unwrap();
    let nothing = request(&backend, words("  "));
    let foreign = vec![Part::Phonemes { word: "x".to_owned(), phonemes: "€".to_owned() }];
    let other_voice = Request { voice: "somebody".to_owned(), ..request(&backend, words("Hello.")) };
    for request in [nothing, request(&backend, foreign), other_voice] {
        let error = backend.speak(&request, take(0)).await.unwrap_err();
        assert!(matches!(error, SpeechError::Unspeakable(_)), "{error}");
    }
    backend
        .speak(&request(&backend, words("Hello.")), take(0))
        .await
        .expect("a refusal must not use up the worker");
}
