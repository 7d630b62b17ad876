//! What answers mean, the wrong ones above all.

use std::time::Duration;

use rhapsode_speech::SpeechError;
use serde_json::json;

use crate::server::{Answer, Server};
use crate::wav::{wav, wav_saying};
use crate::{open, speak};

/// What one answer to a request for speech means.
async fn meaning_of(answer: Answer) -> SpeechError {
    let server = Server::speaking(move |_| answer.clone()).await;
    speak(&open(&server, json!({ "formats": ["wav"] })).await).await.unwrap_err()
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
async fn text_that_a_server_leaves_out_is_told() {
    let server = Server::speaking(|_| Answer::new(200, &[("X-Rhapsode-Text-Dropped", "(sic)")], wav())).await;
    let speech = speak(&open(&server, json!({})).await).await.unwrap();
    assert_eq!(speech.dropped_text.as_deref(), Some("(sic)"));
}
