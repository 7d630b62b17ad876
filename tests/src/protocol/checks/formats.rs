//! Speech, and the formats that it comes in.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::super::{
    answer::Answer,
    check::{Check, Need},
    seen::{Fault, Seen, demand},
    session::{SENTENCE, Session, sentences},
    sound::{Format, Sound},
};

/// Seconds by which a lossy format may differ from the others in length: a frame of MP3 at 16 kHz at either end.
const LOSSY: f64 = 0.15;
/// And a lossless one: resampling rounds.
const EXACT: f64 = 0.005;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "speech",
        expected: "`POST /v1/audio/speech` answers with speech in at least one format that can be decoded",
        need: Need::Always,
        without: "cannot use the server",
        run: |session| Box::pin(speech(session)),
    },
    Check {
        id: "speech.wav",
        expected: "`response_format: wav` is a WAV that tells its true length",
        need: Need::Own,
        without: "asks for the next format",
        run: |session| Box::pin(format(session, Format::Wav)),
    },
    Check {
        id: "speech.flac",
        expected: "`response_format: flac` is FLAC",
        need: Need::Own,
        without: "asks for the next format",
        run: |session| Box::pin(format(session, Format::Flac)),
    },
    Check {
        id: "speech.mp3",
        expected: "`response_format: mp3` is MP3",
        need: Need::Own,
        without: "asks for the next format",
        run: |session| Box::pin(format(session, Format::Mp3)),
    },
    Check {
        id: "speech.opus",
        expected: "`response_format: opus` is Opus in Ogg",
        need: Need::Own,
        without: "asks for the next format",
        run: |session| Box::pin(format(session, Format::Opus)),
    },
    Check {
        id: "speech.pcm",
        expected: "`response_format: pcm` is 16-bit samples at 24 kHz, or at the rate that `Content-Type` tells",
        need: Need::Own,
        without: "asks for the next format",
        run: |session| Box::pin(format(session, Format::Pcm)),
    },
    Check {
        id: "speech.default-format",
        expected: "without `response_format` it answers MP3, as OpenAI does",
        need: Need::Own,
        without: "always names the format",
        run: |session| Box::pin(default_format(session)),
    },
    Check {
        id: "speech.headers",
        expected: "the answer has `X-Request-Id` and, in `X-Rhapsode-Seed`, the seed that was used",
        need: Need::Own,
        without: "goes by the seed that it asked for",
        run: |session| Box::pin(headers(session)),
    },
    Check {
        id: "speech.events",
        expected: "`stream_format: sse` sends the sound in events, `speech.audio.done` last",
        need: Need::Own,
        without: "does not ask for events; other clients do",
        run: |session| Box::pin(events(session)),
    },
];

/// The sentence as asked for, judged.
async fn judged(session: &Session, fields: Value) -> Result<Sound, Fault> {
    let sound = session.speak(&session.body_with(SENTENCE, fields)).await?;
    sound.judged(SENTENCE, 1.0, session.options.judged)
}

async fn speech(session: &Session) -> Seen {
    Ok(judged(session, json!({})).await?.shown())
}

async fn format(session: &Session, format: Format) -> Seen {
    let asked = json!({ "response_format": format.name(), "seed": 7 });
    let answer = session.post(&session.body_with(SENTENCE, fields_for(session, asked))).await?;
    if answer.error().is_some_and(|error| error["code"] == "format_unavailable") {
        return Err(Fault::skipped(answer.shown()));
    }
    let sound = Sound::of(answer)?;
    if sound.format != format {
        return Err(Fault::absent(format!("it answers with {}", sound.format.name())));
    }
    let sound = sound.judged(SENTENCE, 1.0, session.options.judged)?;
    if !session.is_own() {
        return Ok(sound.shown());
    }
    let kind = sound.answer.header("content-type").unwrap_or_default();
    demand(kind.split(';').next() == Some(format.content_type()), || format!("Content-Type: {kind}"))?;
    if format == Format::Wav {
        let stated = sound.answer.body.get(4..8).and_then(|field| field.try_into().ok());
        let (stated, length) = (stated.map(u32::from_le_bytes), sound.answer.body.len());
        demand(stated.is_some_and(|stated| stated as usize + 8 == length), || {
            format!("its head tells {stated:?} bytes, and it has {length}")
        })?;
    }
    is_the_sentence(session, &sound).await?;
    Ok(sound.shown())
}

/// Of our servers the seed is asked for: then all formats hold the same sound.
fn fields_for(session: &Session, mut fields: Value) -> Value {
    if let (false, Some(fields)) = (session.is_own(), fields.as_object_mut()) {
        fields.remove("seed");
    }
    fields
}

/// Compares with the WAV of the same seed: its rate, and its length to the sample or as near as the format goes.
async fn is_the_sentence(session: &Session, sound: &Sound) -> Result<(), Fault> {
    let told = session.known.capabilities.as_ref().and_then(|told| told.rate);
    let rate = sound.pcm.rate.0;
    if let (Some(told), Format::Wav | Format::Flac) = (told, sound.format) {
        demand(rate == told, || format!("{rate} Hz, and the capabilities tell {told} Hz"))?;
    }
    let wav = session.body_with(SENTENCE, json!({ "response_format": "wav", "seed": 7 }));
    let (seconds, wanted) = (sound.pcm.seconds(), session.speak(&wav).await?.pcm.seconds());
    let tolerance = match sound.format {
        Format::Mp3 | Format::Opus => LOSSY,
        _ => EXACT,
    };
    demand((seconds - wanted).abs() <= tolerance, || {
        format!("{seconds:.3} s, and {wanted:.3} s as WAV with the same seed")
    })
}

async fn default_format(session: &Session) -> Seen {
    let mut body = session.body(SENTENCE);
    body.remove("response_format");
    let answer = session.post(&body).await?;
    if answer.error().is_some_and(|error| error["code"] == "format_unavailable") {
        return Err(Fault::skipped(answer.shown()));
    }
    let sound = Sound::of(answer)?;
    if sound.format == Format::Mp3 {
        return Ok(sound.shown());
    }
    Err(Fault::absent(format!("it answers with {}", sound.format.name())))
}

async fn headers(session: &Session) -> Seen {
    let sound = judged(session, json!({ "seed": 11 })).await?;
    let header = |name| sound.answer.header(name).ok_or_else(|| Fault::absent(format!("no {name}")));
    let (id, seed) = (header("x-request-id")?, header("x-rhapsode-seed")?);
    demand(seed == "11", || format!("X-Rhapsode-Seed: {seed}, where 11 was asked for"))?;
    let other = session.get("/v1/models").await?;
    let other =
        other.header("x-request-id").ok_or_else(|| Fault::absent("no X-Request-Id with /v1/models"))?;
    demand(!id.is_empty() && id != other, || format!("two requests are called {id}"))?;
    let own = judged(session, json!({})).await?;
    let told = own.answer.header("x-rhapsode-seed").and_then(|seed| seed.parse::<u64>().ok());
    demand(told.is_some(), || "without a seed in the request none is told".to_owned())?;
    Ok("both are there".to_owned())
}

async fn events(session: &Session) -> Seen {
    let text = sentences(1, session.long_text(1).len().min(200));
    let fields = json!({ "response_format": "wav", "stream_format": "sse" });
    let answer = session.post(&session.body_with(&text, fields)).await?;
    let kind = answer.header("content-type").unwrap_or_default();
    if answer.status.is_client_error()
        || (answer.status.is_success() && !kind.starts_with("text/event-stream"))
    {
        let seen =
            if answer.status.is_success() { format!("it answers with {kind}") } else { answer.shown() };
        return Err(Fault::absent(seen));
    }
    let answer = answer.success()?;
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    let data = |event: &str| event.lines().find_map(|line| line.strip_prefix("data:")).map(str::to_owned);
    let events = said.split("\n\n").filter(|event| !event.trim().is_empty());
    let events: Option<Vec<Value>> =
        events.map(|event| serde_json::from_str(data(event)?.trim()).ok()).collect();
    let mut events = events.ok_or_else(|| Fault::wrong("an event is no `data:` with JSON"))?;
    let last = events.pop().unwrap_or_default();
    demand(last["type"] == "speech.audio.done", || format!("the last event is {}", last["type"]))?;
    let mut body = Vec::new();
    for event in &events {
        demand(event["type"] == "speech.audio.delta", || format!("an event is {}", event["type"]))?;
        let piece = BASE64_STANDARD.decode(event["audio"].as_str().unwrap_or_default());
        body.extend(piece.map_err(|_| Fault::wrong("a piece of the sound is no base64"))?);
    }
    demand(events.len() > 1, || "all of the sound is in one event".to_owned())?;
    let sound = Sound::of(Answer { body, ..answer })?.judged(&text, 1.0, session.options.judged)?;
    demand(sound.format == Format::Wav, || format!("the events hold {}", sound.format.name()))?;
    Ok(format!("{} events, {}", events.len(), sound.shown()))
}
