//! `POST /v1/audio/speech`: from the body of a request to the sound of its answer.

use std::{convert::Infallible, sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use rhapsode_speech::Call;
use serde_json::json;

use crate::{
    Spoken,
    refusal::Refusal,
    request::{Delivery, SpeechCall},
    routes::{Service, purpose},
};

/// What is read and thrown away of a body that is too large, so that its sender comes to hear the answer.
const OVERRUN: usize = 8 << 20;

/// Bytes of sound in one event.
const EVENT_BYTES: usize = 24 << 10;

/// The call.
pub(crate) async fn speech(
    State(service): State<Arc<Service>>,
    request: Request,
) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    check_media_type(&head.headers)?;
    let reading = read(body, service.options.body_limit);
    let body = tokio::time::timeout(service.options.patience, reading);
    let body = body.await.map_err(|_| Refusal::too_slow())??;
    let call = SpeechCall::parse(&body, service.describe())?;
    service.readiness.check()?;

    let place = service.queue.enter().map_err(|full| Refusal::queue_full(full.retry_after))?;
    let arrived = Instant::now();
    let turn = place.turn().await;
    let waited = arrived.elapsed();
    let asked = Call { seed: call.request.seed, purpose: purpose(&head.headers) };
    let speech = service.backend.speak(&call.request, asked).await?;
    let synthesis = turn.finish();
    if speech.pcm.samples.is_empty() {
        return Err(Refusal::failed("synthesis_failed", "the backend gave no sound"));
    }

    let spoken = Spoken {
        characters: call.request.plain_text().chars().count(),
        voice: call.request.voice,
        format: call.format,
        waited,
        synthesis,
        seconds_of_audio: speech.pcm.seconds(),
    };
    let sound = call.format.encode(speech.pcm, service.ffmpeg()).await?;
    let mut response = match call.delivery {
        Delivery::Audio => ([(header::CONTENT_TYPE, call.format.content_type())], sound).into_response(),
        Delivery::Sse => events(sound),
    };
    let headers = response.headers_mut();
    headers.insert("x-rhapsode-seed", HeaderValue::from(speech.seed));
    if let Some(dropped) = speech.dropped_text.as_deref().and_then(header_text) {
        headers.insert("x-rhapsode-text-dropped", dropped);
    }
    response.extensions_mut().insert(spoken);
    Ok(response)
}

/// A page in a browser can send anything but JSON to any address without being asked; so nothing else is taken.
fn check_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let message = "the body must be JSON, with `Content-Type: application/json`";
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message))
}

async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut pieces = body.into_data_stream();
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| {
            Refusal::new(StatusCode::BAD_REQUEST, "body_broken", format!("failed to read the body: {error}"))
        })?;
        length += piece.len();
        if length <= limit {
            bytes.extend_from_slice(&piece);
        } else if length > limit + OVERRUN {
            break;
        }
    }
    if length <= limit {
        return Ok(bytes);
    }
    let message = format!("the body has more than {limit} bytes");
    Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message))
}

/// The sound as OpenAI's server-sent events.
fn events(sound: Bytes) -> Response {
    let pieces: Vec<Bytes> = (0..sound.len())
        .step_by(EVENT_BYTES)
        .map(|at| sound.slice(at..sound.len().min(at + EVENT_BYTES)))
        .collect();
    let sounds = pieces
        .into_iter()
        .map(|piece| json!({ "type": "speech.audio.delta", "audio": BASE64_STANDARD.encode(piece) }));
    // Nothing here counts tokens, and clients expect the figures.
    let usage = json!({ "input_tokens": 0, "output_tokens": 0, "total_tokens": 0 });
    let done = json!({ "type": "speech.audio.done", "usage": usage });
    let lines = sounds.chain([done]).map(|event| Ok::<_, Infallible>(format!("data: {event}\n\n")));
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    (headers, Body::from_stream(stream::iter(lines))).into_response()
}

/// A text as it can stand in a header: UTF-8 in one line.
fn header_text(text: &str) -> Option<HeaderValue> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    HeaderValue::from_bytes(line.trim().as_bytes()).ok()
}
