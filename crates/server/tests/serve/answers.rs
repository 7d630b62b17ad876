//! What is answered to right and to wrong requests.

use serde_json::{Value, json};

use crate::{
    singer::Singer,
    stage::{Stage, error, options},
};

fn body(changes: Value) -> Value {
    let mut body = json!({ "model": "scale", "voice": "alto", "input": "A song.", "response_format": "wav" });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn every_wrong_request_is_refused_with_its_status_code_and_field() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let long = "la ".repeat(60);
    let cases = [
        (json!({ "model": "tts-1" }), 404, "model_not_found", json!("model")),
        (json!({ "voice": "tenor" }), 404, "voice_not_found", json!("voice")),
        (json!({ "voice": 7 }), 400, "invalid_value", json!("voice")),
        (json!({ "input": null }), 400, "invalid_value", json!("input")),
        (json!({ "input": ["A song."] }), 400, "invalid_value", json!("input")),
        (json!({ "input": "" }), 422, "unspeakable", json!("input")),
        (json!({ "input": " … \n" }), 422, "unspeakable", json!("input")),
        (json!({ "input": "unsingable" }), 422, "unspeakable", json!("input")),
        (json!({ "input": long }), 413, "text_too_long", json!("input")),
        (json!({ "input": "too long" }), 413, "text_too_long", json!("input")),
        (json!({ "response_format": "aac" }), 400, "unsupported_format", json!("response_format")),
        (json!({ "response_format": 3 }), 400, "invalid_value", json!("response_format")),
        (json!({ "speed": "fast" }), 400, "invalid_value", json!("speed")),
        (json!({ "speed": 9 }), 400, "invalid_value", json!("speed")),
        (json!({ "seed": -1 }), 400, "invalid_value", json!("seed")),
        (json!({ "language": "de" }), 400, "invalid_value", json!("language")),
        (json!({ "instructions": 1 }), 400, "invalid_value", json!("instructions")),
        (json!({ "parts": "h" }), 400, "invalid_value", json!("parts")),
        (json!({ "params": [] }), 400, "invalid_value", json!("params")),
        (json!({ "stream_format": "morse" }), 400, "invalid_value", json!("stream_format")),
    ];
    for (change, status, code, parameter) in cases {
        let (found, refusal, again) = error(stage.speak(&body(change.clone())).await).await;
        assert_eq!(
            (found, &refusal["code"], &refusal["param"]),
            (status, &json!(code), &parameter),
            "{change}"
        );
        assert_eq!(
            (&refusal["retryable"], &refusal["type"]),
            (&json!(false), &json!("invalid_request_error"))
        );
        assert_eq!(again, None);
    }
    let (_, refusal, _) = error(stage.speak(&body(json!({ "input": long }))).await).await;
    let message = refusal["message"].as_str().unwrap();
    assert!(message.contains("180 characters") && message.contains("at most 120"), "{message}");
}

#[tokio::test]
async fn a_backend_that_fails_is_told_apart_from_one_that_is_busy_or_gone() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let cases = [
        ("hoarse", 500, "synthesis_failed", true, None),
        ("busy", 503, "backend_busy", true, Some(7)),
        ("gone", 503, "backend_unreachable", true, Some(10)),
        ("broken", 500, "backend_unavailable", false, None),
    ];
    for (text, status, code, retryable, wanted) in cases {
        let (found, refusal, again) = error(stage.speak(&body(json!({ "input": text }))).await).await;
        assert_eq!((found, &refusal["code"], again), (status, &json!(code), wanted));
        assert_eq!(refusal["retryable"], json!(retryable));
        assert_eq!(refusal["type"], "server_error");
    }
}

#[tokio::test]
async fn what_is_no_json_is_refused_and_so_is_another_media_type() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let post = |text: &'static str, media_type: &'static str| {
        let request = stage.client.post(stage.url("/v1/audio/speech")).body(text);
        request.header("content-type", media_type).send()
    };
    for (text, media_type, status, code) in [
        ("{\"input\": ", "application/json", 400, "invalid_json"),
        ("[]", "application/json", 400, "invalid_json"),
        ("{\"input\": \"a\"}", "text/plain", 415, "unsupported_media_type"),
    ] {
        let (found, refusal, _) = error(post(text, media_type).await.unwrap()).await;
        assert_eq!((found, &refusal["code"]), (status, &json!(code)), "{text}");
    }
    let right =
        post("{\"input\": \"a song\", \"response_format\": \"pcm\"}", "Application/JSON; charset=utf-8");
    assert_eq!(right.await.unwrap().status(), 200);
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_the_known_ones_reach_the_backend() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let change = json!({
        "voice": { "id": "bass" }, "speed": 1.5, "seed": 11, "language": "en-GB", "instructions": "softly",
        "params": { "temperature": 0.7 }, "user": "somebody", "stream": true,
    });
    let response = stage.speak(&body(change)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-rhapsode-seed"], "11");
    assert!(response.headers()["x-request-id"].to_str().unwrap().starts_with("req-"));
    let asked = stage.singer.last();
    assert_eq!((asked.voice.as_str(), asked.speed, asked.seed), ("bass", 1.5, 11));
    assert_eq!((asked.language.as_str(), asked.plain_text().as_str()), ("en-GB", "A song."));
    assert_eq!(json!(asked.parameters), json!({ "temperature": 0.7, "instructions": "softly" }));
}

#[tokio::test]
async fn phonemes_reach_a_backend_that_takes_them() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let parts = json!([{ "text": "A " }, { "phonemes": { "word": "song", "phonemes": "sˈɔŋ" } }]);
    let response = stage.speak(&body(json!({ "input": "A song", "parts": parts }))).await;
    assert_eq!(response.status(), 200);
    assert_eq!(json!(stage.singer.last().text), parts);
}

#[tokio::test]
async fn text_that_the_backend_left_out_is_told_in_a_header() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let response = stage.speak(&body(json!({ "input": "A song ☃ of snow." }))).await;
    let dropped = response.headers()["x-rhapsode-text-dropped"].as_bytes();
    assert_eq!(std::str::from_utf8(dropped).unwrap(), "☃ the snowman");
    let response = stage.speak(&body(json!({}))).await;
    assert!(!response.headers().contains_key("x-rhapsode-text-dropped"));
}

#[tokio::test]
async fn the_server_says_what_it_has_and_what_it_is_made_of() {
    let stage = Stage::open(Singer::new(22_050), options()).await;
    let json = async |path: &str| -> Value { stage.get(path).await.json().await.unwrap() };
    assert_eq!(json("/health").await["status"], "ok");
    assert_eq!(json("/v1/audio/voices").await, json!({ "voices": ["alto", "bass"] }));
    let models = json("/v1/models").await;
    assert_eq!((&models["object"], &models["data"][0]["id"]), (&json!("list"), &json!("scale")));
    assert_eq!(json("/v1/models/scale").await, models["data"][0]);
    let capabilities = json!({
        "schema": 1, "name": "singer", "engine": "choir", "model": "scale", "revision": "r1", "sound_revision": 3,
        "voices": ["alto", "bass"], "languages": ["en"], "rate": 22_050, "max_concurrency": 2, "min_chars": 1,
        "max_chars": 120, "phonemes": true,
    });
    assert_eq!(json("/v1/capabilities").await, capabilities);
    let made_of = json("/v1/dependencies").await;
    assert_eq!((&made_of["schema"], &made_of["program"]["name"]), (&json!(1), &json!("rhapsode")));
    let encoders = made_of["encoders"].as_array().unwrap();
    assert_eq!(encoders.len(), 5);
    assert!(encoders.iter().all(|encoder| encoder["available"] == true), "{made_of}");
}

#[tokio::test]
async fn what_is_not_there_is_refused_in_the_same_shape() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    let (status, refusal, _) = error(stage.get("/v1/audio/songs").await).await;
    assert_eq!((status, &refusal["code"]), (404, &json!("not_found")));
    let (status, refusal, _) = error(stage.get("/v1/models/tts-1").await).await;
    assert_eq!((status, &refusal["code"]), (404, &json!("model_not_found")));
    let response = stage.get("/v1/audio/speech").await;
    assert_eq!(response.headers()["allow"], "POST");
    let (status, refusal, _) = error(response).await;
    assert_eq!((status, &refusal["code"]), (405, &json!("method_not_allowed")));
}

#[tokio::test]
async fn the_figures_count_probes_apart() {
    let stage = Stage::open(Singer::new(24_000), options()).await;
    assert_eq!(stage.figure("rhapsode_ready").await, Some(1.0));
    for text in ["A song.", "hoarse"] {
        stage.speak(&body(json!({ "input": text }))).await;
    }
    let probe = stage.request(&body(json!({}))).header("X-Rhapsode-Probe", "1");
    assert_eq!(probe.send().await.unwrap().status(), 200);
    let requests = "rhapsode_requests_total{call=\"speech\",status=";
    assert_eq!(stage.figure(&format!("{requests}\"200\"}}")).await, Some(1.0));
    assert_eq!(stage.figure(&format!("{requests}\"500\"}}")).await, Some(1.0));
    let probes = "rhapsode_probes_total{call=\"speech\",status=\"200\"}";
    assert_eq!(stage.figure(probes).await, Some(1.0));
    assert_eq!(stage.figure("rhapsode_characters_total").await, Some(7.0));
    let seconds = stage.figure("rhapsode_audio_seconds_total").await.unwrap();
    assert!((seconds - (7.0 * 0.065 + 0.2)).abs() < 1e-6, "{seconds}");
    assert_eq!(stage.figure("rhapsode_synthesis_seconds_count").await, Some(1.0));
    assert_eq!(stage.figure("rhapsode_in_flight").await, Some(0.0));
    assert_eq!(stage.figure("rhapsode_queue").await, Some(0.0));
}
