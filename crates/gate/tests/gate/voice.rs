//! Voice and language.

use rhapsode_gate::{CheckId, GateReport, Verdict};
use serde_json::json;

use crate::server::{Answer, Server};
use crate::{check, gated, only, verdict, voice};

async fn with_voice(server: &Server, name: &str) -> GateReport {
    let mut backend = gated(&server.url, json!({})).await;
    backend.voice.voice = name.to_owned();
    check(backend).await
}

/// A foreign server that lists voices.
async fn kokoro() -> Server {
    let voices = Answer::Json(200, json!({ "voices": ["af_bella", "af_sky"] }));
    let answers = [("/v1/audio/voices", vec![voices]), ("/v1/audio/speech", vec![Answer::Song])];
    Server::new(answers.into_iter().collect()).await
}

#[tokio::test]
async fn a_voice_that_is_not_there_fails_and_those_that_are_are_named() {
    let server = Server::new(crate::server::healthy()).await;
    let report = with_voice(&server, "zoe").await;
    let outcome = only(&report, CheckId::Voice);
    assert_eq!((outcome.verdict, outcome.subject.as_str()), (Verdict::Fail, "zoe"));
    assert_eq!(outcome.seen, "it has ann, ben");
    assert_eq!(server.asked("/v1/audio/speech"), 0);
}

#[tokio::test]
async fn a_foreign_server_has_what_it_lists_and_mixtures_of_it() {
    for (name, expected) in [
        ("af_sky", Verdict::Pass),
        ("af_bella+af_sky", Verdict::Pass),
        ("af_bella(2)+af_sky(1)", Verdict::Pass),
        ("alloy", Verdict::Warn),
        ("af_bella+nobody", Verdict::Fail),
        ("bm_george", Verdict::Fail),
    ] {
        let report = with_voice(&kokoro().await, name).await;
        assert_eq!(verdict(&report, CheckId::Voice), expected, "{name}");
    }
}

#[tokio::test]
async fn a_voice_that_the_configuration_names_is_not_doubted() {
    let server = kokoro().await;
    let mut backend = gated(&server.url, json!({ "voice": "af_secret" })).await;
    backend.voice.voice = "af_secret".to_owned();
    assert_eq!(verdict(&check(backend).await, CheckId::Voice), Verdict::Pass);
}

#[tokio::test]
async fn a_language_that_is_not_spoken_fails_whatever_its_region() {
    let server = Server::new(crate::server::healthy()).await;
    for (language, expected) in
        [("en-GB", Verdict::Pass), ("FR", Verdict::Pass), ("und", Verdict::Pass), ("de-AT", Verdict::Fail)]
    {
        let mut backend = gated(&server.url, json!({})).await;
        backend.voice.language = language.to_owned();
        assert_eq!(verdict(&check(backend).await, CheckId::Language), expected, "{language}");
    }
}

#[tokio::test]
async fn a_program_that_does_not_say_its_languages_speaks_them_all() {
    let settings = serde_json::from_value(json!({ "name": "tts", "kind": "command", "command": ["true"] }));
    let settings: rhapsode_speech::BackendSettings = settings.unwrap();
    let backend = rhapsode_gate::GatedBackend {
        name: "tts".to_owned(),
        address: settings.address(),
        opened: rhapsode_speech::open_backend(&settings).await.map(|mut opened| opened.remove(0)),
        expected: settings.expectation(),
        voice: rhapsode_speech::ProbeVoice {
            voice: "default".to_owned(),
            language: "pl".to_owned(),
            ..voice()
        },
    };
    let report = check(backend).await;
    assert_eq!(verdict(&report, CheckId::Voice), Verdict::Pass);
    assert_eq!(verdict(&report, CheckId::Language), Verdict::Pass);
    assert_eq!(verdict(&report, CheckId::Speech), Verdict::Fail, "{report:#?}");
}
