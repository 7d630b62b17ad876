//! Reach and readiness.

use std::time::Duration;

use rhapsode_gate::{CheckId, Verdict};
use rhapsode_speech::{SpeechError, ask_ready};
use serde_json::json;

use crate::server::{Answer, Server};
use crate::{check, check_server, gated, only, verdict};

/// An address where nobody is.
async fn nowhere() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_healthy_backend_passes_every_check_without_a_warning() {
    let server = Server::new(crate::server::healthy()).await;
    let options =
        json!({ "engine": "chatterbox", "model": "turbo", "revision": "r7", "accelerator": "cuda" });
    let report = check_server(&server, options).await;
    assert_eq!(report.verdict, Verdict::Pass, "{:#?}", report.outcomes);
    assert!(report.outcomes.iter().all(|outcome| outcome.verdict == Verdict::Pass), "{:#?}", report.outcomes);
    assert_eq!(server.asked("/v1/audio/speech"), 1);
    assert_eq!(report.proofs().count(), 1);
    assert!(report.outcomes.iter().all(|outcome| outcome.backend.as_deref() == Some("tts")));
}

#[tokio::test]
async fn a_foreign_server_without_a_single_optional_call_passes() {
    let server = Server::foreign().await;
    let report = check_server(&server, json!({})).await;
    assert_eq!(report.verdict, Verdict::Pass, "{:#?}", report.outcomes);
    assert_eq!(server.asked("/v1/audio/speech"), 1);
    assert_eq!(verdict(&report, CheckId::Dependencies), Verdict::Skipped);
}

#[tokio::test]
async fn a_foreign_server_that_answers_everything_with_its_page_passes() {
    let page = Answer::Text(200, "<html>the studio</html>");
    let calls = ["/ready", "/v1/capabilities", "/v1/dependencies", "/v1/audio/voices", "/v1/models"];
    let mut answers = calls.map(|call| (call, vec![page.clone()])).to_vec();
    answers.push(("/v1/audio/speech", vec![Answer::Song]));
    let server = Server::new(answers.into_iter().collect()).await;
    let report = check_server(&server, json!({})).await;
    assert_eq!(report.verdict, Verdict::Pass, "{:#?}", report.outcomes);
}

#[tokio::test]
async fn a_foreign_server_that_fails_at_calls_it_does_not_know_passes() {
    let calls = ["/v1/capabilities", "/v1/dependencies", "/v1/audio/voices"];
    let mut answers = calls.map(|call| (call, vec![Answer::Text(500, "oops")])).to_vec();
    answers.push(("/v1/audio/speech", vec![Answer::Song]));
    let server = Server::new(answers.into_iter().collect()).await;
    let report = check_server(&server, json!({})).await;
    assert_eq!(report.verdict, Verdict::Pass, "{:#?}", report.outcomes);
}

#[tokio::test]
async fn nobody_at_the_address_is_reported_once_and_the_rest_is_skipped() {
    let report = check(gated(&nowhere().await, json!({})).await).await;
    assert_eq!(verdict(&report, CheckId::Reachable), Verdict::Fail);
    assert_eq!(report.with(Verdict::Fail).count(), 1, "{:#?}", report.outcomes);
    assert_eq!(verdict(&report, CheckId::Ready), Verdict::Skipped);
    assert_eq!(verdict(&report, CheckId::Report), Verdict::Skipped);
    assert_eq!(verdict(&report, CheckId::Speech), Verdict::Skipped);
}

#[tokio::test]
async fn a_server_that_loads_is_reached_and_not_ready_with_the_phase_that_it_names() {
    let phase =
        json!({ "error": { "message": "loading the model, 40 %", "code": "loading", "retryable": true } });
    let server = Server::but("/ready", Answer::Json(503, phase)).await;
    let report = check_server(&server, json!({})).await;
    assert_eq!(verdict(&report, CheckId::Reachable), Verdict::Pass);
    let ready = only(&report, CheckId::Ready);
    assert_eq!(ready.verdict, Verdict::Fail);
    assert!(ready.seen.contains("loading the model, 40 %"), "{}", ready.seen);
    assert!(ready.remedy.contains("--wait"), "{}", ready.remedy);
    assert_eq!(server.asked("/v1/audio/speech"), 0);
    let speech = only(&report, CheckId::Speech);
    assert_eq!(speech.verdict, Verdict::Skipped);
    assert!(speech.seen.contains("RHA-NET-002"), "{}", speech.seen);
}

#[tokio::test]
async fn a_backend_that_cannot_be_opened_fails_with_the_reason() {
    let backend = gated("http://127.0.0.1:1", json!({ "api-key-file": "no/such/key" })).await;
    assert!(backend.opened.is_err());
    let report = check(backend).await;
    let ready = only(&report, CheckId::Ready);
    assert_eq!(ready.verdict, Verdict::Fail);
    assert!(ready.seen.contains("no/such/key"), "{}", ready.seen);
    assert_eq!(verdict(&report, CheckId::Speech), Verdict::Skipped);
}

#[tokio::test]
async fn the_light_probe_asks_and_does_not_have_it_speak() {
    let server = Server::new(crate::server::healthy()).await;
    let backend = gated(&server.url, json!({})).await.opened.unwrap();
    ask_ready(&*backend, Duration::from_secs(30)).await.unwrap();
    assert_eq!((server.asked("/ready"), server.asked("/v1/audio/speech")), (1, 0));
}

#[tokio::test]
async fn a_light_probe_without_an_answer_means_that_nobody_is_there() {
    let server = Server::but("/ready", Answer::Never).await;
    let backend = gated(&server.url, json!({})).await.opened.unwrap();
    let error = ask_ready(&*backend, Duration::from_millis(50)).await.unwrap_err();
    assert!(matches!(error, SpeechError::Unreachable { .. }), "{error}");
}
