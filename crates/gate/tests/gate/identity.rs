//! Engine, model and revision.

use rhapsode_gate::{CheckId, Verdict};
use serde_json::json;

use crate::server::{Answer, Server, capabilities, healthy};
use crate::{check, check_server, gated, only, verdict};

#[tokio::test]
async fn another_engine_model_or_revision_than_the_configured_one_fails_and_is_not_asked_to_speak() {
    for (option, said) in [("engine", "chatterbox"), ("model", "turbo"), ("revision", "r7")] {
        let server = Server::new(healthy()).await;
        let report = check_server(&server, json!({ option: "another" })).await;
        let identity = only(&report, CheckId::Identity);
        assert_eq!(identity.verdict, Verdict::Fail, "{option}");
        assert_eq!(identity.expected, format!("{option} another"));
        assert!(identity.seen.contains(said), "{}", identity.seen);
        assert_eq!(server.asked("/v1/audio/speech"), 0);
    }
}

#[tokio::test]
async fn a_revision_that_the_server_does_not_know_is_a_warning() {
    let server = Server::capable_of("revision", json!("")).await;
    let report = check_server(&server, json!({ "revision": "r7" })).await;
    assert_eq!(verdict(&report, CheckId::Identity), Verdict::Warn);
    assert_eq!(report.verdict, Verdict::Warn);
}

#[tokio::test]
async fn a_server_that_became_another_engine_since_it_was_opened_fails() {
    let mut answers = healthy();
    let mut other = capabilities();
    other["model"] = json!("multilingual");
    answers.insert("/v1/capabilities", vec![Answer::Json(200, capabilities()), Answer::Json(200, other)]);
    let server = Server::new(answers).await;
    let report = check(gated(&server.url, json!({})).await).await;
    let identity = only(&report, CheckId::Identity);
    assert_eq!(identity.verdict, Verdict::Fail);
    assert!(identity.seen.contains("multilingual") && identity.expected.contains("turbo"), "{identity:?}");
}

#[tokio::test]
async fn another_server_at_the_address_that_says_nothing_of_itself_fails() {
    let mut answers = healthy();
    answers.insert(
        "/v1/capabilities",
        vec![Answer::Json(200, capabilities()), Answer::Json(404, json!({ "detail": "Not Found" }))],
    );
    let server = Server::new(answers).await;
    let report = check(gated(&server.url, json!({})).await).await;
    assert_eq!(verdict(&report, CheckId::Identity), Verdict::Fail);
}

#[tokio::test]
async fn a_foreign_server_that_lists_the_model_passes_and_one_that_lists_others_is_a_warning() {
    for (listed, expected) in [("kokoro", Verdict::Pass), ("tts-1", Verdict::Warn)] {
        let models = Answer::Json(200, json!({ "data": [{ "id": listed }] }));
        let answers = [("/v1/models", vec![models]), ("/v1/audio/speech", vec![Answer::Song])];
        let server = Server::new(answers.into_iter().collect()).await;
        let report = check_server(&server, json!({ "model": "kokoro" })).await;
        assert_eq!(verdict(&report, CheckId::Identity), expected);
        assert_eq!(verdict(&report, CheckId::Speech), Verdict::Pass);
    }
}

#[tokio::test]
async fn what_a_foreign_server_cannot_confirm_is_a_warning() {
    let server = Server::foreign().await;
    let report = check_server(&server, json!({ "engine": "chatterbox" })).await;
    assert_eq!(verdict(&report, CheckId::Identity), Verdict::Warn);
}
