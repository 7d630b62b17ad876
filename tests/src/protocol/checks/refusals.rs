//! What must be refused, and how.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;

use super::super::{
    answer::{Answer, Refusal},
    check::{Check, Need},
    seen::{Fault, Seen, demand},
    session::{SENTENCE, SPEECH, Session, send},
};

/// Bytes of a body that no request needs.
const HUGE: usize = 9 << 20;

const UNSPEAKABLE: Refusal = Refusal::of(&[422, 400], &["unspeakable"]).about("input");
const MISSING: Refusal = Refusal::of(&[400, 422], &["invalid_value"]).about("input");
const NO_JSON: Refusal = Refusal::of(&[400, 422], &["invalid_json"]);

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "refusal.no-input",
        expected: "a request without `input` is refused with 400 or 422, `invalid_value`",
        need: Need::Own,
        without: "always sends a text",
        run: |session| {
            Box::pin(async {
                let mut body = session.body(SENTENCE);
                body.remove("input");
                MISSING.check(&session.post(&body).await?, session.options.level)
            })
        },
    },
    Check {
        id: "refusal.empty",
        expected: "an empty text, or one of white space, is refused with 422, `unspeakable`",
        need: Need::Own,
        without: "does not send such a text; other clients do, and some engines speak words of their own for it",
        run: |session| {
            Box::pin(async {
                let mut seen = String::new();
                for text in ["", " \n\t ", "\u{a0}\u{200b}"] {
                    seen = UNSPEAKABLE
                        .check(&session.post(&session.body(text)).await?, session.options.level)?;
                }
                Ok(seen)
            })
        },
    },
    Check {
        id: "refusal.wrong-type",
        expected: "a field of the wrong type is refused with 400 or 422, `invalid_value`, and named in `param`",
        need: Need::Own,
        without: "sends the right types",
        run: |session| Box::pin(wrong_types(session)),
    },
    Check {
        id: "refusal.voice",
        expected: "a voice that is not there is refused with 404, `voice_not_found`",
        need: Need::Own,
        without: "goes by the list of voices; a server without it may speak a book with another voice",
        run: |session| {
            let refusal = Refusal::of(&[404, 400, 422], &["voice_not_found"]).about("voice");
            Box::pin(field(session, json!({ "voice": "no-such-voice" }), refusal))
        },
    },
    Check {
        id: "refusal.voice-path",
        expected: "a voice that looks like a path is refused with 404, `voice_not_found`",
        need: Need::Own,
        without: "sends the names that are configured",
        run: |session| {
            let refusal = Refusal::of(&[404, 400, 422], &["voice_not_found"]).about("voice");
            Box::pin(field(session, json!({ "voice": "../../../../etc/passwd" }), refusal))
        },
    },
    Check {
        id: "refusal.model",
        expected: "a model that is not there is refused with 404, `model_not_found`",
        need: Need::Own,
        without: "goes by the list of models and by the capabilities",
        run: |session| {
            let refusal = Refusal::of(&[404, 400, 422], &["model_not_found"]).about("model");
            Box::pin(field(session, json!({ "model": "no-such-model" }), refusal))
        },
    },
    Check {
        id: "refusal.format",
        expected: "a format that is not there is refused with 400, `unsupported_format`",
        need: Need::Own,
        without: "decodes what comes, whatever was asked for",
        run: |session| {
            let refusal = Refusal::of(&[400, 422], &["unsupported_format"]).about("response_format");
            Box::pin(field(session, json!({ "response_format": "8-track" }), refusal))
        },
    },
    Check {
        id: "refusal.too-long",
        expected: "a text over the limit of the capabilities is refused with 413, `text_too_long`, and told the limit",
        need: Need::Own,
        without: "halves the limit for this server and splits the chunk",
        run: |session| Box::pin(too_long(session)),
    },
    Check {
        id: "refusal.json",
        expected: "a body that is no JSON object is refused with 400, `invalid_json`",
        need: Need::Own,
        without: "sends JSON",
        run: |session| Box::pin(no_json(session)),
    },
    Check {
        id: "refusal.surrogate",
        expected: "half a surrogate pair in the text is refused with 400 or 422, and is no fault of the server",
        need: Need::Own,
        without: "sends whole characters",
        run: |session| Box::pin(patched(session, "\"MARK\"", "\"Hello \\ud83d there\"")),
    },
    Check {
        id: "refusal.number",
        expected: "numbers that are none, or too large for any field, are refused with 400 or 422",
        need: Need::Own,
        without: "sends finite numbers",
        run: |session| {
            Box::pin(async {
                let mut seen = String::new();
                for fields in
                    ["\"speed\": NaN", "\"speed\": 1e999", "\"seed\": 18446744073709551616", "\"seed\": 0.5"]
                {
                    let refused = patched(session, "\"MARK\"", &format!("\"Hello.\", {fields}")).await;
                    seen = refused.map_err(|fault| fault.after(fields))?;
                }
                Ok(seen)
            })
        },
    },
    Check {
        id: "refusal.depth",
        expected: "lists within lists, a hundred thousand deep, are refused with 400 or 422",
        need: Need::Own,
        without: "sends flat JSON; somebody else could end the server",
        run: |session| {
            let deep = format!("\"Hello.\", \"x\": {}{}", "[".repeat(100_000), "]".repeat(100_000));
            Box::pin(async move { patched(session, "\"MARK\"", &deep).await })
        },
    },
    Check {
        id: "refusal.media-type",
        expected: "a body that does not call itself JSON is refused with 415, `unsupported_media_type`",
        need: Need::Own,
        without: "says what it sends; a page in a browser could make such a server speak",
        run: |session| {
            Box::pin(async {
                let body = serde_json::to_string(&session.body(SENTENCE)).unwrap_or_default();
                let answer = raw(session, body, "text/plain").await?;
                let refusal = Refusal::of(&[415, 400, 422], &["unsupported_media_type"]);
                refusal.check(&answer, session.options.level)
            })
        },
    },
    Check {
        id: "refusal.body-too-large",
        expected: "a body of 9 MiB is refused with 413, `body_too_large`",
        need: Need::Own,
        without: "sends small bodies; somebody else could fill the server's memory",
        run: |session| {
            Box::pin(async {
                let body = session.body_with("Hello.", json!({ "padding": "x".repeat(HUGE) }));
                let refusal = Refusal::of(&[413, 400], &["body_too_large"]);
                refusal.check(&session.post(&body).await?, session.options.level)
            })
        },
    },
    Check {
        id: "refusal.method",
        expected: "`GET /v1/audio/speech` is refused with 405, `method_not_allowed`, and `Allow: POST`",
        need: Need::Own,
        without: "uses the right method",
        run: |session| {
            Box::pin(async {
                let answer = session.get(SPEECH).await?;
                let refusal = Refusal::of(&[405, 404], &["method_not_allowed"]);
                let seen = refusal.check(&answer, session.options.level)?;
                let allow = answer.header("allow").unwrap_or_default();
                demand(!session.is_own() || allow.contains("POST"), || format!("Allow: {allow:?}"))?;
                Ok(seen)
            })
        },
    },
    Check {
        id: "refusal.unknown-call",
        expected: "a call that is not there is refused with 404, `not_found`",
        need: Need::Own,
        without: "takes 404, 405 and 501 of any shape for it",
        run: |session| {
            Box::pin(async {
                let answer = session.get("/v1/no/such/call").await?;
                Refusal::of(&[404, 405, 501], &["not_found"]).check(&answer, session.options.level)
            })
        },
    },
];

const JSON: &str = "application/json";

async fn field(session: &Session, fields: serde_json::Value, refusal: Refusal) -> Seen {
    let answer = session.post(&session.body_with(SENTENCE, fields)).await?;
    refusal.check(&answer, session.options.level)
}

async fn raw(session: &Session, body: String, media_type: &str) -> Result<Answer, Fault> {
    send(session.call(Method::POST, SPEECH).header(CONTENT_TYPE, media_type).body(body)).await
}

/// A request whose JSON was changed by hand.
async fn patched(session: &Session, what: &str, by: &str) -> Seen {
    let body = serde_json::to_string(&session.body("MARK")).unwrap_or_default().replace(what, by);
    let codes = &["invalid_json", "invalid_value", "unspeakable"];
    Refusal::of(&[400, 422], codes).check(&raw(session, body, JSON).await?, session.options.level)
}

async fn wrong_types(session: &Session) -> Seen {
    let cases = [
        ("input", json!(5)),
        ("voice", json!(["a"])),
        ("speed", json!("fast")),
        ("speed", json!(-1)),
        ("seed", json!("x")),
        ("seed", json!(-1)),
        ("language", json!(7)),
        ("params", json!("loud")),
        ("instructions", json!({})),
        ("response_format", json!(1)),
        ("stream_format", json!("carrier pigeon")),
    ];
    for (name, value) in &cases {
        let refusal = Refusal::of(&[400, 422], &["invalid_value"]).about(name);
        let refused = field(session, json!({ *name: value }), refusal).await;
        refused.map_err(|fault| fault.after(&format!("{name}: {value}")))?;
    }
    Ok(format!("{} of {}", cases.len(), cases.len()))
}

async fn too_long(session: &Session) -> Seen {
    let told = session.known.capabilities.as_ref().ok_or_else(|| Fault::skipped("no capabilities"))?;
    let text: String = "abc de ".chars().cycle().take(told.max_chars + 1).collect();
    let answer = session.post(&session.body(&text)).await?;
    let refusal = Refusal::of(&[413, 400, 422], &["text_too_long"]).about("input");
    let seen = refusal.check(&answer, session.options.level)?;
    let message = answer.error().map(|error| error["message"].to_string()).unwrap_or_default();
    let limit = told.max_chars.to_string();
    demand(!session.is_own() || message.contains(&limit), || format!("the limit is not told: {message}"))?;
    Ok(seen)
}

async fn no_json(session: &Session) -> Seen {
    let mut seen = String::new();
    for body in ["{\"input\": \"Hello", "", "[]", "\"Hello\"", "Hello"] {
        let answer = raw(session, body.to_owned(), JSON).await?;
        let checked = NO_JSON.check(&answer, session.options.level);
        seen = checked.map_err(|fault| fault.after(&format!("the body {body:?}")))?;
    }
    Ok(seen)
}
