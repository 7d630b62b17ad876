//! Answers requests as a speech server does, or as one does that fails.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use http_body_util::BodyExt;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    header,
};
use serde_json::{Value, json};

use super::{
    Condition, End, Fault, Manners, Proof, Song,
    counts::Tally,
    encoding::{Lengths, Lossy, float_wav, lossy, pcm, wav},
    faults::shorter_limit,
    running::{Order, Shared},
};

/// How long a server is away after it refused connections or died.
const AWAY: Duration = Duration::from_millis(300);
/// Answers that are given before one that is out of order, and how long it waits for them.
const OVERTAKEN_BY: u64 = 2;
const OVERTAKEN_WITHIN: Duration = Duration::from_millis(500);

type Answer = Response<Sent>;

/// Answers a request.
pub(crate) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    if request.uri().path() == "/counts" {
        let counts = shared.counter.lock().to_json(shared.settings.slots);
        return Ok(say(StatusCode::OK, &counts));
    }
    shared.counter.lock().requests += 1;
    let path = request.uri().path().to_owned();
    Ok(match (request.method(), path.as_str()) {
        (&Method::POST, "/v1/audio/speech") => speech(&shared, request).await,
        (&Method::GET, path) => catalogue(&shared, path),
        _ => error(StatusCode::NOT_FOUND, "not_found", "there is no such call"),
    })
}

fn catalogue(shared: &Shared, path: &str) -> Answer {
    let settings = &shared.settings;
    let own = settings.manners == Manners::Own;
    let condition = shared.condition();
    match path {
        "/v1/models" => say(
            StatusCode::OK,
            &json!({"object": "list", "data": [{"id": settings.model, "object": "model"}]}),
        ),
        "/v1/audio/voices" => say(StatusCode::OK, &json!({"voices": settings.voices})),
        "/ready" if condition.phase.is_some() => {
            let phase = condition.phase.unwrap_or_default();
            let status = StatusCode::SERVICE_UNAVAILABLE;
            say(
                status,
                &json!({"status": "loading", "phase": phase, "error": {"message": phase, "code": "loading",
                "type": "server_error", "param": null, "retryable": true}}),
            )
        }
        "/v1/dependencies" if condition.dependencies.is_some() => {
            say(StatusCode::OK, &condition.dependencies.unwrap_or_default())
        }
        "/health" | "/ready" if own => say(StatusCode::OK, &json!({"status": "ok"})),
        "/v1/capabilities" if own => say(
            StatusCode::OK,
            &json!({
                "schema": 1, "name": settings.model, "engine": "songs", "model": settings.model, "revision": settings.timbre,
                "sound_revision": 0, "voices": settings.voices, "languages": settings.languages, "rate": settings.rate,
                "max_concurrency": settings.slots, "min_chars": 1, "max_chars": settings.max_chars, "phonemes": false,
            }),
        ),
        _ => error(StatusCode::NOT_FOUND, "not_found", "there is no such call"),
    }
}

async fn speech(shared: &Arc<Shared>, request: Request<Incoming>) -> Answer {
    let probe = request.headers().get("x-rhapsode-probe").is_some_and(|value| value == "1");
    let Ok(body) = request.into_body().collect().await else {
        return error(StatusCode::BAD_REQUEST, "invalid_body", "the body breaks off");
    };
    let Ok(body) = serde_json::from_slice::<Value>(&body.to_bytes()) else {
        return error(StatusCode::BAD_REQUEST, "invalid_body", "the body is no JSON");
    };
    let text = body["input"].as_str().unwrap_or_default().to_owned();
    let settings = &shared.settings;
    let Condition { proof, stumbles_at, .. } = shared.condition();
    let proof = if probe { proof } else { Proof::Sung };
    let stumbles = !probe && stumbles_at.is_some_and(|words| text.contains(&words));
    let plan = settings.faults.as_ref().filter(|_| !probe);
    let wanted = body["response_format"].as_str().unwrap_or("mp3").to_owned();
    // What a server refuses whatever the weather is refused before a fault can strike.
    let refusal = if !settings.voices.iter().any(|voice| body["voice"] == voice.as_str()) {
        Some(error(StatusCode::NOT_FOUND, "voice_not_found", "there is no such voice"))
    } else if text.trim().is_empty() {
        Some(error(StatusCode::UNPROCESSABLE_ENTITY, "empty_text", "there is nothing to speak"))
    } else if !matches!(wanted.as_str(), "wav" | "pcm" | "mp3" | "opus") {
        let message = "response_format must be one of wav, pcm, mp3, opus";
        Some(error(StatusCode::BAD_REQUEST, "unsupported_response_format", message))
    } else if text.chars().count() > shared.max_chars.load(Ordering::Relaxed) {
        Some(too_long(shared))
    } else {
        None
    };
    let fault = if refusal.is_none() { plan.and_then(|plan| plan.draw(&text)) } else { None };
    // A server that cannot prove itself could not speak a book either, but here only the proof is struck.
    let fault = match proof {
        Proof::Sung if stumbles => Some(Fault::ShorterText),
        Proof::Sung => fault,
        Proof::Silent => Some(Fault::Silence),
        Proof::Refused => Some(Fault::InternalError),
        Proof::Unanswered => Some(Fault::Never),
    };
    let speed = body["speed"].as_f64().unwrap_or(1.0);
    let tally = shared.counter.asked(&text, probe, fault, body);
    if let Some(refusal) = refusal.or_else(|| refusal_by(fault, shared, &text)) {
        tally.end(End::Failed, Duration::ZERO);
        return refusal;
    }
    sing(shared, &text, speed, &wanted, fault, tally).await
}

/// Refuses a text for its length, now in this manner and now in that.
fn too_long(shared: &Shared) -> Answer {
    let limit = shared.max_chars.load(Ordering::Relaxed);
    let message = format!("input is too long: at most {limit} characters");
    let mut turn = shared.refused.lock().expect("no thread panics while it refuses");
    *turn = turn.wrapping_add(1);
    let status = [StatusCode::PAYLOAD_TOO_LARGE, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::BAD_REQUEST];
    error(status[usize::from(*turn) % status.len()], "text_too_long", &message)
}

/// The faults that are told before any work is done.
fn refusal_by(fault: Option<Fault>, shared: &Shared, text: &str) -> Option<Answer> {
    let busy = |status: StatusCode, seconds: Option<u64>| {
        let mut answer = error(status, "busy", "all slots are in use");
        if let Some(seconds) = seconds {
            answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        answer
    };
    Some(match fault? {
        Fault::Unavailable => busy(StatusCode::SERVICE_UNAVAILABLE, None),
        Fault::UnavailableForASecond => busy(StatusCode::SERVICE_UNAVAILABLE, Some(1)),
        Fault::TooMany => busy(StatusCode::TOO_MANY_REQUESTS, None),
        Fault::TooManyForASecond => busy(StatusCode::TOO_MANY_REQUESTS, Some(1)),
        Fault::ShorterLimit => {
            shared.max_chars.fetch_min(shorter_limit(text.chars().count()), Ordering::Relaxed);
            too_long(shared)
        }
        _ => return None,
    })
}

async fn sing(
    shared: &Arc<Shared>,
    text: &str,
    speed: f64,
    wanted: &str,
    fault: Option<Fault>,
    tally: Tally,
) -> Answer {
    let settings = &shared.settings;
    let Ok(slot) = shared.slots.acquire().await else {
        return error(StatusCode::SERVICE_UNAVAILABLE, "closed", "the server ends");
    };
    let began = Instant::now();
    let _busy = Busy { tally: &tally, began };
    let service = Duration::from_secs_f64(settings.seconds_per_character * text.chars().count() as f64);
    let song = Song::of(text, &settings.timbre, settings.pace / speed.max(0.1));
    let (answer, end) = reply(shared, text, &song, wanted, fault);
    let time = match fault {
        Some(Fault::Slow) => service * 10 + Duration::from_millis(200),
        Some(Fault::InternalError | Fault::Dies | Fault::RefusesConnections) => service / 2,
        Some(Fault::Never) => std::future::pending().await,
        _ => service,
    };
    // The timer wakes up to a millisecond late.
    tokio::time::sleep_until((began + time.saturating_sub(Duration::from_micros(500))).into()).await;
    match fault {
        Some(Fault::Dies) => {
            let _ = shared.orders.send(Order::Die(AWAY));
            return std::future::pending().await;
        }
        Some(Fault::RefusesConnections) => {
            let _ = shared.orders.send(Order::Close(AWAY));
        }
        Some(Fault::OutOfOrder) => {
            let mut answered = shared.answered.subscribe();
            let enough = *answered.borrow() + OVERTAKEN_BY;
            let _ = tokio::time::timeout(OVERTAKEN_WITHIN, answered.wait_for(|now| *now >= enough)).await;
        }
        _ => {}
    }
    drop(slot);
    shared.answered.send_modify(|answered| *answered += 1);
    drop(_busy);
    if end == End::Answered {
        shared.counter.lock().songs.insert(song.hash, (text.to_owned(), song));
    }
    tally.end(end, service);
    answer
}

/// Counts the time of a slot when it is given back, however that comes.
struct Busy<'a> {
    tally: &'a Tally,
    began: Instant,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.tally.busy(self.began.elapsed());
    }
}

/// The answer, and whether it is the sound of the text.
fn reply(shared: &Shared, text: &str, song: &Song, wanted: &str, fault: Option<Fault>) -> (Answer, End) {
    let settings = &shared.settings;
    let rate = settings.rate;
    let samples = song.samples(rate);
    let whole = |kind: &'static str, bytes: Bytes| (sound(kind, Sent::whole(bytes)), End::Answered);
    let wrong = |kind: &'static str, bytes: Bytes| (sound(kind, Sent::whole(bytes)), End::Failed);
    let right = || wav(&samples, rate, Lengths::Right);
    let Some(fault) = fault else {
        return match wanted {
            "wav" => whole("audio/wav", right()),
            "mp3" => whole("audio/mpeg", lossy(song.hash, &samples, rate, Lossy::Mp3)),
            "opus" => whole("audio/ogg", lossy(song.hash, &samples, rate, Lossy::Opus)),
            _ => whole("audio/pcm", pcm(&samples).into()),
        };
    };
    match fault {
        Fault::InternalError => (
            error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "CUDA error: an illegal memory access was encountered"),
            End::Failed,
        ),
        Fault::HalfBody => (sound("audio/wav", Sent::half(right(), Stated::Length)), End::Failed),
        Fault::HalfStream => (sound("audio/wav", Sent::half(right(), Stated::Nothing)), End::Failed),
        Fault::WrongType => whole("text/plain; charset=utf-8", right()),
        Fault::HtmlPage => wrong(
            "text/html",
            Bytes::from_static(b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n"),
        ),
        Fault::ZeroLength => whole("audio/wav", wav(&samples, rate, Lengths::Both(0))),
        Fault::EndlessLength => whole("audio/wav", wav(&samples, rate, Lengths::Both(u32::MAX))),
        Fault::FirstPieceLength => whole("audio/wav", wav(&samples, rate, Lengths::FirstPiece)),
        Fault::TooLongLength => wrong("audio/wav", wav(&samples, rate, Lengths::TooLong)),
        Fault::NoSamples => wrong("audio/wav", wav(&[], rate, Lengths::Right)),
        Fault::NoBytes => wrong("audio/wav", Bytes::new()),
        Fault::NotANumber => wrong("audio/wav", float_wav(&spoilt(&samples, f32::NAN), rate)),
        Fault::Infinite => wrong("audio/wav", float_wav(&spoilt(&samples, f32::INFINITY), rate)),
        Fault::Silence => wrong("audio/wav", wav(&vec![0.0; samples.len()], rate, Lengths::Right)),
        Fault::WrongText | Fault::ShorterText => {
            let times = if fault == Fault::WrongText { text.chars().count() * 2 } else { 1 };
            let other = Song::of(&"la ".repeat(times), &settings.timbre, settings.pace);
            wrong("audio/wav", wav(&other.samples(rate), rate, Lengths::Right))
        }
        Fault::Mp3 => whole("audio/mpeg", lossy(song.hash, &samples, rate, Lossy::Mp3)),
        Fault::Opus => whole("audio/ogg", lossy(song.hash, &samples, rate, Lossy::Opus)),
        Fault::Junk => wrong("audio/wav", junk()),
        _ => whole("audio/wav", right()),
    }
}

/// The samples with one of them spoilt.
fn spoilt(samples: &[f32], with: f32) -> Vec<f32> {
    let mut samples = samples.to_vec();
    let middle = samples.len() / 2;
    samples[middle] = with;
    samples
}

/// 20 MB in which no format is found.
fn junk() -> Bytes {
    let mut state = 0x9e37_79b9_u32;
    let byte = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(byte).take(20_000_000).collect::<Vec<_>>().into()
}

fn sound(kind: &'static str, body: Sent) -> Answer {
    let mut answer = Response::new(body);
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    answer
}

fn say(status: StatusCode, value: &Value) -> Answer {
    let mut answer = sound("application/json", Sent::whole(value.to_string().into()));
    *answer.status_mut() = status;
    answer
}

fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    let retryable = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
    let kind = if status.is_server_error() { "server_error" } else { "invalid_request_error" };
    let error =
        json!({"message": message, "type": kind, "param": null, "code": code, "retryable": retryable});
    say(status, &json!({ "error": error }))
}

/// Whether a body that breaks off said how long it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stated {
    Length,
    Nothing,
}

/// The body of an answer: all of it, or the first half and then the end of the connection.
#[derive(Debug)]
pub(crate) struct Sent {
    bytes: Option<Bytes>,
    stated: Option<u64>,
    breaks_off: bool,
}

impl Sent {
    fn whole(bytes: Bytes) -> Self {
        Self { stated: Some(bytes.len() as u64), bytes: Some(bytes), breaks_off: false }
    }

    fn half(bytes: Bytes, stated: Stated) -> Self {
        let length = bytes.len();
        let stated = (stated == Stated::Length).then_some(length as u64);
        Self { bytes: Some(bytes.slice(..length / 2)), stated, breaks_off: true }
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))));
        }
        let broken = || Err(std::io::Error::other("the answer breaks off"));
        Poll::Ready(std::mem::take(&mut self.breaks_off).then(broken))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.as_ref().is_none_or(Bytes::is_empty) && !self.breaks_off
    }

    fn size_hint(&self) -> SizeHint {
        self.stated.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
