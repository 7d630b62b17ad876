//! What a server is as a member of a pool: who it is, what it can do, whether it is there.

use std::time::Duration;

use rhapsode_audio::SampleRate;
use rhapsode_speech::{Capabilities, Part, SpeechError, expect_backend, open_backend};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::wav::wav;
use crate::{TAKE, open, request, settings, speak};

fn capabilities() -> Capabilities {
    Capabilities {
        schema: Capabilities::SCHEMA,
        name: "studio".to_owned(),
        engine: "hibari".to_owned(),
        model: "af_heart".to_owned(),
        revision: "abc".to_owned(),
        sound_revision: 2,
        voices: vec!["ann".to_owned(), "ben".to_owned()],
        languages: vec!["en".to_owned(), "fr".to_owned()],
        rate: Some(24_000),
        max_concurrency: 2,
        min_chars: 5,
        max_chars: 250,
        phonemes: true,
        min_reference_ms: None,
    }
}

#[tokio::test]
async fn a_server_that_says_what_it_can_do_is_taken_at_its_word() {
    let server = Server::at("127.0.0.1:0", |heard| match heard.path.as_str() {
        "/v1/capabilities" => Answer::new(200, &[], serde_json::to_vec(&capabilities()).unwrap()),
        "/v1/audio/speech" => Answer::sound(wav()),
        _ => Answer::missing(),
    })
    .await;
    let backend = open(&server, json!({ "max-concurrency": 8, "max-chars": 600, "voice": "ben" })).await;
    let description = backend.describe();
    let identity = &description.identity;
    assert_eq!((&*description.name, &*identity.engine, &*identity.model), ("tts", "hibari", "af_heart"));
    assert_eq!((&*identity.revision, identity.sound_revision), ("abc", 2));
    assert_eq!((description.max_concurrency, description.min_chars, description.max_chars), (2, 5, 250));
    assert_eq!(description.voices, ["ben", "ann"]);
    assert_eq!((description.rate, description.phonemes), (Some(SampleRate(24_000)), true));

    let mut request = request("Call me ");
    request.text.push(Part::Phonemes { word: "Ishmael".to_owned(), phonemes: "ˈɪʃmeɪəl".to_owned() });
    request.parameters.insert("warmth".to_owned(), json!(0.5));
    backend.speak(&request, TAKE).await.unwrap();
    let body = &server.spoken()[0].body;
    assert_eq!((&body["params"], &body["warmth"]), (&json!({ "warmth": 0.5 }), &Value::Null));
    assert_eq!(body["model"], "af_heart");
    assert_eq!(
        body["parts"],
        json!([{ "text": "Call me " }, { "phonemes": { "word": "Ishmael", "phonemes": "ˈɪʃmeɪəl" } }])
    );
}

#[tokio::test]
async fn a_foreign_server_is_what_the_configuration_says_with_the_voices_that_it_lists() {
    let server = Server::at("127.0.0.1:0", |heard| match heard.path.as_str() {
        "/v1/audio/voices" => Answer::new(200, &[], r#"{"voices":["ann","ben"]}"#),
        _ => Answer::missing(),
    })
    .await;
    let backend = open(&server, json!({ "model": "m" })).await;
    let expected = expect_backend(&settings(&server.url(), json!({ "model": "m" }))).unwrap();
    assert_eq!(backend.describe().voices, ["ann", "ben"]);
    assert_eq!(backend.describe().identity, expected.identity);
    assert_eq!(expected.identity.revision, server.url());
    assert_eq!(backend.describe().max_chars, 400);
}

#[test]
fn servers_with_equal_models_and_voices_are_different_engines_unless_they_are_said_to_be_one() {
    let identity = |url: &str, options: Value| expect_backend(&settings(url, options)).unwrap().identity;
    let plain = |url: &str| identity(url, json!({ "model": "m", "voice": "v" }));
    assert_ne!(plain("http://one:80"), plain("http://two:80"));
    assert_eq!(plain("http://one:80"), plain("http://one/v1/"));
    let named = |url: &str| identity(url, json!({ "model": "m", "identity": "kokoro 1.0" }));
    assert_eq!(named("http://one:80"), named("http://two:80"));
    let warm = |warmth: f64| identity("http://one", json!({ "params": { "warmth": warmth } }));
    assert_ne!(warm(0.5), warm(0.6));
}

#[tokio::test]
async fn a_server_that_is_away_is_still_a_member_and_speaks_when_it_is_back() {
    let port = std::net::TcpListener::bind("127.0.0.5:0").unwrap().local_addr().unwrap().port();
    let settings = settings(&format!("http://127.0.0.5:{port}"), json!({}));
    let backend = open_backend(&settings).await.unwrap().remove(0);
    let error = speak(&backend).await.unwrap_err();
    assert!(matches!(error, SpeechError::Unreachable { .. }), "{error:?}");
    assert!(matches!(backend.ready().await, Err(SpeechError::Unreachable { .. })));
    Server::at(&format!("127.0.0.5:{port}"), |_| Answer::sound(wav())).await;
    speak(&backend).await.unwrap();
}

#[tokio::test]
async fn one_of_our_servers_that_was_away_is_asked_in_its_own_way_once_it_is_ready() {
    let port = std::net::TcpListener::bind("127.0.0.6:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.6:{port}");
    let backend =
        open_backend(&settings(&url, json!({ "params": { "warmth": 1 } }))).await.unwrap().remove(0);
    let identity = backend.describe().identity.clone();
    let server = Server::at(&format!("127.0.0.6:{port}"), |heard| match heard.path.as_str() {
        "/v1/capabilities" => Answer::new(200, &[], serde_json::to_vec(&capabilities()).unwrap()),
        "/ready" => Answer::new(200, &[], ""),
        "/v1/audio/speech" => Answer::sound(wav()),
        _ => Answer::missing(),
    })
    .await;
    backend.ready().await.unwrap();
    speak(&backend).await.unwrap();
    let body = &server.spoken()[0].body;
    assert_eq!((&body["model"], &body["params"]), (&json!("af_heart"), &json!({ "warmth": 1 })));
    assert_eq!(body.get("warmth"), None);
    assert_eq!(backend.describe().identity, identity);
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_is_unreachable() {
    let settings = settings("http://no-such-host.invalid:1", json!({}));
    let backend = open_backend(&settings).await.unwrap().remove(0);
    let error = speak(&backend).await.unwrap_err();
    assert!(matches!(error, SpeechError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn readiness_is_asked_for_where_it_can_be_told() {
    let ready = |status, body: &'static str| async move {
        let server = Server::at("127.0.0.1:0", move |heard| match heard.path.as_str() {
            "/ready" => Answer::new(status, &[("Retry-After", "2")], body),
            _ => Answer::missing(),
        })
        .await;
        open(&server, json!({})).await.ready().await
    };
    ready(200, "").await.unwrap();
    ready(404, "").await.unwrap();
    match ready(503, r#"{"error":{"message":"loading the model"}}"#).await {
        Err(SpeechError::Busy { retry_after: Some(wait), reason, .. }) => {
            assert_eq!(wait, Duration::from_secs(2));
            assert!(reason.contains("loading the model"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(ready(401, "").await, Err(SpeechError::Unavailable { .. })));
}

#[test]
fn options_that_make_no_sense_are_refused_by_name() {
    let cases = [
        (json!({ "speling": 1 }), "unknown field `speling`"),
        (json!({ "max-chars": 0 }), "max-chars"),
        (json!({ "formats": ["aac"] }), "unknown variant `aac`"),
        (json!({ "formats": ["pcm"] }), "pcm-rate"),
        (json!({ "time-out": -1.0 }), "time-out"),
        (json!({ "price-per-million-chars": -1.0 }), "price"),
    ];
    for (options, named) in cases {
        let error = expect_backend(&settings("http://tts", options)).unwrap_err();
        assert!(matches!(error, SpeechError::Unavailable { .. }));
        assert!(error.to_string().contains(named), "{error}");
    }
}
