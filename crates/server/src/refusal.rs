//! Errors as clients see them: OpenAI's shape, with a stable code and whether it is worth another try. The only
//! file that maps errors of a backend to answers.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use rhapsode_http::NotShown;
use rhapsode_speech::SpeechError;
use serde_json::json;

/// When to ask again about something that is not known to end.
const A_WHILE: Duration = Duration::from_secs(10);

/// A request that is refused, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    /// Names the reason for programs; the table in `docs/server.md` has them all.
    code: &'static str,
    message: String,
    /// The field of the request that is to blame.
    parameter: Option<&'static str>,
    /// When another try may succeed. Without it the same request fails again, or succeeds at once.
    retry_after: Option<Duration>,
    retryable: bool,
}

/// The code of a refusal, left with its answer for the log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RefusalCode(pub(crate) &'static str);

impl Refusal {
    /// A refusal of a request that will not do better unchanged.
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), parameter: None, retry_after: None, retryable: false }
    }

    /// Names the field that is to blame.
    pub(crate) fn of(self, parameter: &'static str) -> Self {
        Self { parameter: Some(parameter), ..self }
    }

    fn worth_another_try(self) -> Self {
        Self { retryable: true, ..self }
    }

    fn again_in(self, time: Duration) -> Self {
        Self { retryable: true, retry_after: Some(time), ..self }
    }

    /// A field with a value that it cannot have.
    pub(crate) fn invalid(parameter: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_value", message).of(parameter)
    }

    fn unauthorized(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message)
    }

    pub(crate) fn too_long(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "text_too_long", message).of("input")
    }

    pub(crate) fn unspeakable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unspeakable", message).of("input")
    }

    /// The client took too long to send its body.
    pub(crate) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", "the body did not come in time")
            .worth_another_try()
    }

    /// Every slot and every place in the queue is taken.
    pub(crate) fn queue_full(retry_after: Duration) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "queue_full",
            "every slot and every place in the queue is taken",
        )
        .again_in(retry_after)
    }

    /// The warm-up has not been good yet.
    pub(crate) fn not_ready(reason: impl Into<String>, retry_after: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", reason).again_in(retry_after)
    }

    /// Something went wrong on this side that may not happen again.
    pub(crate) fn failed(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, message).worth_another_try()
    }

    /// What OpenAI's clients sort errors by, beside the status.
    fn kind(&self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_server_error() => "server_error",
            _ => "invalid_request_error",
        }
    }
}

impl From<NotShown> for Refusal {
    fn from(error: NotShown) -> Self {
        Self::unauthorized(match error {
            NotShown::Missing => "this server wants a token, as `Authorization: Bearer TOKEN`",
            NotShown::Wrong => "the token is not this server's",
        })
    }
}

impl From<SpeechError> for Refusal {
    fn from(error: SpeechError) -> Self {
        let message = format!("failed to {error}");
        let server = |code| Self::new(StatusCode::INTERNAL_SERVER_ERROR, code, message.clone());
        let unavailable = |code| Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message.clone());
        match error {
            SpeechError::Unspeakable(_) => Self::unspeakable(message),
            SpeechError::TooLong { .. } => Self::too_long(message),
            SpeechError::Busy { retry_after, .. } => {
                unavailable("backend_busy").again_in(retry_after.unwrap_or(A_WHILE))
            }
            SpeechError::Unreachable { .. } => unavailable("backend_unreachable").again_in(A_WHILE),
            SpeechError::Transient { .. } => server("synthesis_failed").worth_another_try(),
            SpeechError::Unavailable { .. } => server("backend_unavailable"),
            _ => server("synthesis_failed"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": {
            "message": self.message,
            "type": self.kind(),
            "param": self.parameter,
            "code": self.code,
            "retryable": self.retryable,
        }});
        let mut response = (self.status, Json(body)).into_response();
        if let Some(time) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(whole_seconds(time)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(axum::http::header::WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(RefusalCode(self.code));
        response
    }
}

/// Seconds for `Retry-After`, which has no fractions: rounded up, and never 0, which would mean at once.
fn whole_seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(error: SpeechError) -> (u16, &'static str, bool, Option<u64>) {
        let refusal = Refusal::from(error);
        assert!(refusal.message.starts_with("failed to "), "{}", refusal.message);
        (refusal.status.as_u16(), refusal.code, refusal.retryable, refusal.retry_after.map(whole_seconds))
    }

    #[test]
    fn every_error_of_a_backend_has_its_status_and_says_whether_to_try_again() {
        let (backend, reason) = (|| "kokoro".to_owned(), || "it said so".to_owned());
        let busy = |retry_after| SpeechError::Busy { backend: backend(), reason: reason(), retry_after };
        let cases = [
            (SpeechError::Unspeakable(reason()), (422, "unspeakable", false, None)),
            (
                SpeechError::TooLong { backend: backend(), characters: 9, limit: None, reason: reason() },
                (413, "text_too_long", false, None),
            ),
            (busy(Some(Duration::from_millis(2_100))), (503, "backend_busy", true, Some(3))),
            (busy(None), (503, "backend_busy", true, Some(10))),
            (
                SpeechError::Unreachable { backend: backend(), reason: reason() },
                (503, "backend_unreachable", true, Some(10)),
            ),
            (
                SpeechError::Transient { backend: backend(), reason: reason() },
                (500, "synthesis_failed", true, None),
            ),
            (
                SpeechError::Unavailable { backend: backend(), reason: reason() },
                (500, "backend_unavailable", false, None),
            ),
        ];
        for (given, wanted) in cases {
            assert_eq!(error(given), wanted);
        }
    }

    #[test]
    fn a_client_is_never_told_to_come_back_at_once() {
        assert_eq!(whole_seconds(Duration::ZERO), 1);
        assert_eq!(whole_seconds(Duration::from_millis(1_001)), 2);
    }
}
