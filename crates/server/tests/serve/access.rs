//! Who may call, and how much a call may carry.

use rhapsode_server::ServerOptions;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    singer::Singer,
    stage::{Stage, error, options},
};

fn song() -> Value {
    json!({ "input": "A song.", "response_format": "wav" })
}

#[tokio::test]
async fn with_a_token_only_its_holders_may_speak_or_look() {
    let options = ServerOptions { token: Some("s3cret".parse().unwrap()), ..options() };
    let stage = Stage::open(Singer::new(24_000), options).await;
    for path in ["/v1/models", "/v1/audio/voices", "/v1/capabilities", "/v1/dependencies", "/metrics", "/x"] {
        let (status, refusal, _) = error(stage.get(path).await).await;
        assert_eq!((status, &refusal["code"]), (401, &json!("invalid_api_key")), "{path}");
        assert_eq!(refusal["type"], "authentication_error");
    }
    let response = stage.request(&song()).bearer_auth("s3cre").send().await.unwrap();
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    assert_eq!(error(response).await.0, 401);
    assert_eq!(stage.singer.ended(), 0);
    let response = stage.request(&song()).bearer_auth("s3cret").send().await.unwrap();
    assert_eq!(response.status(), 200);
    for path in ["/health", "/ready"] {
        assert_eq!(stage.get(path).await.status(), 200, "whoever watches the process has no token: {path}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_its_sender_hears_it() {
    let stage = Stage::open(Singer::new(24_000), ServerOptions { body_limit: 1_000, ..options() }).await;
    for size in [1_000, 4 << 20] {
        let mut body = song();
        body["padding"] = "x".repeat(size).into();
        let (status, refusal, _) = error(stage.speak(&body).await).await;
        assert_eq!((status, &refusal["code"]), (413, &json!("body_too_large")), "{size}");
        let message = refusal["message"].as_str().unwrap();
        assert!(message.contains("1000 bytes"), "{message}");
    }
    assert_eq!(stage.speak(&song()).await.status(), 200);
}

#[tokio::test]
async fn a_client_that_sends_nothing_more_is_not_waited_for() {
    let options = ServerOptions { patience: std::time::Duration::from_millis(100), ..options() };
    let stage = Stage::open(Singer::new(24_000), options).await;
    let mut half_a_head = TcpStream::connect(stage.address).await.unwrap();
    half_a_head.write_all(b"POST /v1/audio/speech HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    half_a_head.read_to_end(&mut answer).await.unwrap();
    let mut half_a_body = TcpStream::connect(stage.address).await.unwrap();
    let head = "POST /v1/audio/speech HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    half_a_body.write_all(format!("{head}Content-Length: 90\r\n\r\n{{").as_bytes()).await.unwrap();
    answer.clear();
    half_a_body.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("body_too_slow"), "{answer}");
}
