//! What an answer without speech means, decided once. Servers agree on little: the status says most, the words of
//! the error the rest.

use std::{
    error::Error,
    time::{Duration, SystemTime},
};

use reqwest::{StatusCode, header::RETRY_AFTER};

use super::{
    api::{Answer, Api},
    error_body::ErrorBody,
};
use crate::SpeechError;

/// Why a server did not answer with speech.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It does not answer in this format.
    Format(SpeechError),
    /// It does not take the fields that OpenAI's API does not have.
    Extension(SpeechError),
    /// Anything else.
    Final(SpeechError),
}

/// Sorts an answer that is no success, to a text of so many characters.
pub(super) fn sort(api: &Api, characters: usize, answer: &Answer) -> Refusal {
    let status = answer.status;
    // Before anything is cut off, or a part of the key would be left.
    let error = ErrorBody::read(&api.redact(&String::from_utf8_lossy(&answer.body)));
    let said = &error.message;
    let reason =
        if said.is_empty() { format!("it answers {status}") } else { format!("it answers {status}: {said}") };
    let backend = api.name.clone();
    let retry_after = retry_after(answer, SystemTime::now());
    let unspeakable = || SpeechError::Unspeakable(format!("{backend}: {reason}"));
    Refusal::Final(match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let limit = error.limit(characters);
            SpeechError::TooLong { backend, characters, limit, reason }
        }
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => {
            if error.is_about_format() {
                return Refusal::Format(unspeakable());
            }
            if error.is_about_extensions() {
                return Refusal::Extension(unspeakable());
            }
            if error.is_about_length() {
                let limit = error.limit(characters);
                SpeechError::TooLong { backend, characters, limit, reason }
            } else if error.retryable == Some(true) {
                SpeechError::Transient { backend, reason }
            } else if error.is_about_voice_or_model() {
                SpeechError::Unavailable { backend, reason }
            } else {
                unspeakable()
            }
        }
        // A spent account says so with the same status as a busy server; no waiting helps it.
        StatusCode::TOO_MANY_REQUESTS if error.code.as_deref() == Some("insufficient_quota") => {
            SpeechError::Unavailable { backend, reason }
        }
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::SERVICE_UNAVAILABLE => SpeechError::Busy { backend, reason, retry_after },
        StatusCode::CONFLICT => SpeechError::Transient { backend, reason },
        StatusCode::NOT_IMPLEMENTED => SpeechError::Unavailable { backend, reason },
        _ if status.is_server_error() => SpeechError::Transient { backend, reason },
        // Wrong key, no right, no such call, no such voice, no such model, moved elsewhere.
        _ => SpeechError::Unavailable { backend, reason },
    })
}

/// Sorts a failure to get any answer.
pub(super) fn connection(backend: &str, error: &reqwest::Error) -> SpeechError {
    let (backend, reason) = (backend.to_owned(), innermost(error));
    if error.is_connect() || error.is_timeout() {
        SpeechError::Unreachable { backend, reason }
    } else if error.is_builder() || error.is_redirect() {
        SpeechError::Unavailable { backend, reason }
    } else {
        SpeechError::Transient { backend, reason: format!("the connection was lost: {reason}") }
    }
}

/// The cause of an error that wraps causes. The outer ones say only that there is an inner one.
pub(super) fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// `Retry-After` in seconds or as a date.
fn retry_after(answer: &Answer, now: SystemTime) -> Option<Duration> {
    let text = answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        Err(_) => {
            let date = httpdate::parse_http_date(text).ok()?;
            Some(date.duration_since(now).unwrap_or_default())
        }
    }
}
