//! Foreign servers over real connections: what is asked of them, what they answer, and what that means.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod support;

use std::{collections::BTreeMap, time::Duration};

use rhapsode_audio::SampleRate;
use rhapsode_speech::{
    BackendSettings, Call, Capabilities, Part, Purpose, Reference, Request, Secret, SharedBackend, Speech,
    SpeechError, expect_backend, open_backend,
};
use serde_json::{Value, json};
use support::{Answer, Heard, Server, samples, wav, wav_saying};

const TAKE: Call = Call { seed: 11, purpose: Purpose::Take };
const KEY: &str = "sk-very-secret-0815";

fn settings(url: &str, options: Value) -> BackendSettings {
    let mut all = json!({ "name": "tts", "kind": "openai", "url": url });
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

async fn open(server: &Server, options: Value) -> SharedBackend {
    let mut opened = open_backend(&settings(&server.url(), options)).await.unwrap();
    assert_eq!(opened.len(), 1);
    opened.remove(0)
}

fn request(text: &str) -> Request {
    Request {
        text: vec![Part::Text(text.to_owned())],
        voice: "ann".to_owned(),
        reference: None,
        language: "en".to_owned(),
        speed: 1.0,
        parameters: BTreeMap::new(),
        seed: 3,
        generation: 0,
    }
}

async fn speak(backend: &SharedBackend) -> Result<Speech, SpeechError> {
    backend.speak(&request("Call me Ishmael."), TAKE).await
}

/// What one answer to a request for speech means.
async fn meaning_of(answer: Answer) -> SpeechError {
    let server = Server::speaking(move |_| answer.clone()).await;
    speak(&open(&server, json!({ "formats": ["wav"] })).await).await.unwrap_err()
}

#[tokio::test]
async fn a_request_carries_all_that_decides_how_it_sounds() {
    let server = Server::speaking(|_| Answer::sound(wav())).await;
    let options = json!({ "model": "kokoro", "params": { "warmth": 0.5, "mode": "slow" } });
    let backend = open(&server, options).await;
    let mut request = request("Call me ");
    request.text.push(Part::Phonemes { word: "Ishmael".to_owned(), phonemes: "ˈɪʃmeɪəl".to_owned() });
    request.speed = 1.25;
    request.parameters.insert("mode".to_owned(), json!("fast"));
    let speech = backend.speak(&request, TAKE).await.unwrap();
    assert_eq!((speech.pcm.rate, speech.pcm.samples.len(), speech.seed), (SampleRate(24_000), 24_000, 11));
    let heard = &server.spoken()[0];
    assert_eq!(heard.method, "POST");
    assert_eq!(heard.header("x-rhapsode-probe"), None);
    assert_eq!(
        heard.body,
        json!({
            "model": "kokoro", "input": "Call me Ishmael", "voice": "ann", "response_format": "flac",
            "speed": 1.25, "seed": 11, "language": "en", "warmth": 0.5, "mode": "fast",
        })
    );
}

#[tokio::test]
async fn a_probe_is_marked() {
    let server = Server::speaking(|_| Answer::sound(wav())).await;
    let backend = open(&server, json!({})).await;
    let call = Call { purpose: Purpose::Probe, ..TAKE };
    backend.speak(&request("One."), call).await.unwrap();
    assert_eq!(server.spoken()[0].header("x-rhapsode-probe"), Some("1"));
}

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
async fn the_format_that_works_is_found_once_and_remembered() {
    let server = Server::speaking(|heard| match heard.format() {
        "flac" => Answer::new(400, &[], r#"{"error":{"message":"no flac","param":"response_format"}}"#),
        "wav" => Answer::new(422, &[], r#"{"detail":[{"loc":["body","response_format"],"msg":"no"}]}"#),
        "mp3" => Answer::sound(b"\xff\xf1\x50\x80 this is AAC"),
        "opus" => Answer::new(415, &[], "unsupported format: opus"),
        _ => Answer::sound(samples()),
    })
    .await;
    let backend = open(&server, json!({ "pcm-rate": 24000 })).await;
    for _ in 0..2 {
        assert_eq!(speak(&backend).await.unwrap().pcm.samples.len(), 24_000);
    }
    let formats: Vec<_> = server.spoken().iter().map(|heard| heard.format().to_owned()).collect();
    assert_eq!(formats, ["flac", "wav", "mp3", "opus", "pcm", "pcm"]);
}

#[tokio::test]
async fn raw_sound_is_not_asked_for_where_its_rate_would_be_a_guess() {
    let refuse = |_: &Heard| Answer::new(400, &[], r#"{"error":{"message":"no","param":"response_format"}}"#);
    let server = Server::speaking(refuse).await;
    let error = speak(&open(&server, json!({})).await).await.unwrap_err();
    assert!(matches!(error, SpeechError::Unavailable { .. }), "{error}");
    assert!(server.spoken().iter().all(|heard| heard.format() != "pcm"));
}

#[tokio::test]
async fn a_server_that_ignores_the_format_is_understood() {
    let server = Server::speaking(|_| Answer::sound(wav())).await;
    let backend = open(&server, json!({ "formats": ["mp3"] })).await;
    assert_eq!(speak(&backend).await.unwrap().pcm.samples.len(), 24_000);
}

#[tokio::test]
async fn fields_that_a_strict_server_refuses_are_left_out_from_then_on() {
    let server = Server::speaking(|heard| match heard.body.get("seed") {
        Some(_) => Answer::new(
            400,
            &[],
            r#"{"error":{"message":"Unrecognized request arguments supplied: language, seed"}}"#,
        ),
        None => Answer::sound(wav()),
    })
    .await;
    let backend = open(&server, json!({})).await;
    speak(&backend).await.unwrap();
    speak(&backend).await.unwrap();
    assert_eq!(server.spoken().len(), 3);
}

#[tokio::test]
async fn too_much_text_is_told_from_text_that_cannot_be_spoken() {
    let long = [
        (413, r#"{"error":{"message":"a text has at most 9 characters","code":"text_too_long"}}"#, Some(9)),
        (413, "", None),
        (400, r#"{"detail":"Text too long"}"#, None),
        (
            422,
            r#"{"detail":[{"loc":["body","input"],"type":"string_too_long","msg":"x","ctx":{"max_length":7}}]}"#,
            Some(7),
        ),
    ];
    for (status, body, named) in long {
        match meaning_of(Answer::new(status, &[], body)).await {
            SpeechError::TooLong { characters: 16, limit, .. } => assert_eq!(limit, named, "{body}"),
            other => panic!("{body}: {other:?}"),
        }
    }
    for (status, body) in [(400, r#"{"detail":"nothing to speak"}"#), (422, ""), (415, "")] {
        let error = meaning_of(Answer::new(status, &[], body)).await;
        assert!(matches!(error, SpeechError::Unspeakable(_)), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn what_no_waiting_helps_makes_the_server_unavailable() {
    let quota = r#"{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}"#;
    let voice = r#"{"detail":{"message":"Voice 'ann' not found. Available voices: ben"}}"#;
    for (status, body) in
        [(401, ""), (402, ""), (403, ""), (404, ""), (405, ""), (501, ""), (429, quota), (400, voice)]
    {
        let error = meaning_of(Answer::new(status, &[], body)).await;
        assert!(matches!(error, SpeechError::Unavailable { .. }), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn a_busy_server_says_when_to_come_back_in_seconds_or_by_date() {
    for status in [408, 429, 503] {
        match meaning_of(Answer::new(status, &[], "loading")).await {
            SpeechError::Busy { retry_after: None, reason, .. } => assert!(reason.contains("loading")),
            other => panic!("{status}: {other:?}"),
        }
    }
    match meaning_of(Answer::new(429, &[("Retry-After", "7")], "")).await {
        SpeechError::Busy { retry_after, .. } => assert_eq!(retry_after, Some(Duration::from_secs(7))),
        other => panic!("{other:?}"),
    }
    let date = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(3_600));
    match meaning_of(Answer::new(503, &[("Retry-After", &date)], "")).await {
        SpeechError::Busy { retry_after: Some(wait), .. } => {
            assert!((3_500..=3_600).contains(&wait.as_secs()), "{wait:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn accidents_may_not_happen_again() {
    let retryable = r#"{"error":{"message":"cuda hiccup","code":"x","retryable":true}}"#;
    let html = "<html><title>Bad gateway</title></html>";
    let answers = [
        ("500", Answer::new(500, &[], "")),
        ("502", Answer::new(502, &[], html)),
        ("retryable 400", Answer::new(400, &[], retryable)),
        ("a page", Answer::new(200, &[("Content-Type", "audio/wav")], html)),
        ("an error with 200", Answer::new(200, &[], r#"{"error":"no memory"}"#)),
        ("nothing", Answer::sound(b"")),
        ("no samples", Answer::sound(&wav_saying(36, 0)[..44])),
        ("a short body", Answer::sound(wav()).cut(10_000)),
        ("a short file", Answer::sound(&wav()[..30_000])),
        ("half a head", Answer::Bytes(b"HTTP/1.1 200 O".to_vec())),
        ("no head", Answer::Bytes(Vec::new())),
        ("junk", Answer::sound(vec![0x55; 20 << 20])),
    ];
    for (what, answer) in answers {
        let error = meaning_of(answer).await;
        assert!(matches!(error, SpeechError::Transient { .. }), "{what}: {error:?}");
        assert!(error.to_string().chars().count() < 500, "{what}: {error}");
    }
}

#[tokio::test]
async fn a_wav_with_a_wrong_length_in_its_head_is_heard_to_its_end() {
    for (riff, data) in [(0, 0), (u32::MAX, u32::MAX), (36, 0), (48_036, 48_000), (1_036, 1_000)] {
        let server = Server::speaking(move |_| Answer::sound(wav_saying(riff, data))).await;
        let speech = speak(&open(&server, json!({})).await).await.unwrap();
        assert_eq!(speech.pcm.samples.len(), 24_000, "{riff} {data}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_without_end() {
    let body = "x".repeat(3 << 20);
    let chunked =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len());
    for answer in [Answer::Bytes(chunked.into_bytes()), Answer::sound(&body)] {
        let server = Server::speaking(move |_| answer.clone()).await;
        let error = speak(&open(&server, json!({ "max-body-mib": 2 })).await).await.unwrap_err();
        assert!(error.to_string().contains("larger than 2 MiB"), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_still_a_member_and_speaks_when_it_is_back() {
    let away = Server::at("127.0.0.1:0", |_| Answer::missing()).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_ne!(port, away.port);
    let settings = settings(&format!("http://127.0.0.1:{port}"), json!({}));
    let backend = open_backend(&settings).await.unwrap().remove(0);
    let error = speak(&backend).await.unwrap_err();
    assert!(matches!(error, SpeechError::Unreachable { .. }), "{error:?}");
    assert!(matches!(backend.ready().await, Err(SpeechError::Unreachable { .. })));
    Server::at(&format!("127.0.0.1:{port}"), |_| Answer::sound(wav())).await;
    speak(&backend).await.unwrap();
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_is_unreachable() {
    let settings = settings("http://no-such-host.invalid:1", json!({}));
    let backend = open_backend(&settings).await.unwrap().remove(0);
    let error = speak(&backend).await.unwrap_err();
    assert!(matches!(error, SpeechError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn giving_up_a_request_closes_its_connection() {
    let server = Server::speaking(|_| Answer::Never).await;
    let backend = open(&server, json!({})).await;
    let gone = server.gone.clone();
    tokio::select! {
        answer = speak(&backend) => panic!("{answer:?}"),
        () = async { while server.spoken().is_empty() { tokio::task::yield_now().await } } => {}
    }
    gone.notified().await;
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

#[tokio::test]
async fn text_that_a_server_leaves_out_is_told() {
    let server = Server::speaking(|_| Answer::new(200, &[("X-Rhapsode-Text-Dropped", "(sic)")], wav())).await;
    let speech = speak(&open(&server, json!({})).await).await.unwrap();
    assert_eq!(speech.dropped_text.as_deref(), Some("(sic)"));
}

#[tokio::test]
async fn a_recording_goes_along_and_one_that_was_changed_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grandmother.wav");
    std::fs::write(&path, wav()).unwrap();
    let server = Server::speaking(|_| Answer::sound(wav())).await;
    let mut request = request("Once upon a time.");
    let blake3 = blake3::hash(&wav()).to_hex().to_string();
    request.reference = Some(Reference { path: path.clone(), blake3 });
    open(&server, json!({})).await.speak(&request, TAKE).await.unwrap();
    let body = &server.spoken()[0].body;
    assert_eq!(body["voice"], "grandmother");
    assert!(body["reference_audio"].as_str().unwrap().starts_with("UklGR"));
    std::fs::write(&path, b"another voice").unwrap();
    let error = open(&server, json!({})).await.speak(&request, TAKE).await.unwrap_err();
    assert!(error.to_string().contains("was changed"), "{error}");
}

#[tokio::test]
async fn the_key_is_sent_and_shown_nowhere() {
    let server = Server::at("127.0.0.1:0", |heard| {
        let said = heard.header("authorization").unwrap_or("nothing");
        Answer::new(401, &[], json!({ "error": { "message": format!("wrong key: {said}") } }).to_string())
    })
    .await;
    let mut settings = settings(&server.url(), json!({ "api-key-env": "TTS_KEY" }));
    assert_eq!(settings.secret_variable(), Some("TTS_KEY"));
    let missing = open_backend(&settings).await.unwrap_err().to_string();
    assert!(missing.contains("TTS_KEY"), "{missing}");
    settings.secret = Some(Secret::new(&format!("{KEY}\n")));
    let backend = open_backend(&settings).await.unwrap().remove(0);
    let error = speak(&backend).await.unwrap_err();
    assert_eq!(server.spoken()[0].header("authorization"), Some(&*format!("Bearer {KEY}")));
    assert!(error.to_string().contains("wrong key: Bearer [key]"), "{error}");
    let shown = format!(
        "{settings:?} {backend:?} {error:?} {error} {:?} {}",
        backend.ready().await.unwrap_err(),
        serde_json::to_string(&settings).unwrap()
    );
    assert!(!shown.contains("very-secret"), "{shown}");
}

#[tokio::test]
async fn the_key_may_stand_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let server = Server::speaking(|_| Answer::sound(wav())).await;
    speak(&open(&server, json!({ "api-key-file": path })).await).await.unwrap();
    assert_eq!(server.spoken()[0].header("authorization"), Some(&*format!("Bearer {KEY}")));
    let absent = settings(&server.url(), json!({ "api-key-file": folder.path().join("none") }));
    assert!(matches!(open_backend(&absent).await, Err(SpeechError::Unavailable { .. })));
}

#[tokio::test]
async fn a_file_without_certificates_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, "none").unwrap();
    let error = open_backend(&settings("https://127.0.0.1:1", json!({ "ca-file": path }))).await.unwrap_err();
    assert!(error.to_string().contains("no certificate"), "{error}");
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
