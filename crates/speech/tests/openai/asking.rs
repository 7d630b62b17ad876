//! What a request carries, and in which format its answer is asked for.

use rhapsode_audio::SampleRate;
use rhapsode_speech::{Call, Part, Purpose, Reference, SpeechError};
use serde_json::json;

use crate::server::{Answer, Heard, Server};
use crate::wav::{samples, wav};
use crate::{TAKE, open, request, speak};

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
async fn a_refusal_that_sounds_like_one_of_the_format_is_of_the_text_once_a_format_works() {
    let server = Server::speaking(|heard| match heard.body["input"].as_str() {
        Some("Call me Ishmael.") => Answer::sound(wav()),
        _ => Answer::new(400, &[], r#"{"detail":"invalid format of the text"}"#),
    })
    .await;
    let backend = open(&server, json!({})).await;
    speak(&backend).await.unwrap();
    let error = backend.speak(&request("¶"), TAKE).await.unwrap_err();
    assert!(matches!(error, SpeechError::Unspeakable(_)), "{error:?}");
    speak(&backend).await.unwrap();
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
