//! Requests that are refused, with a line that says why.

use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use rhapsode_http::NotShown;

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It was sent to a name that is not this page's.
    Host,
    /// Another site sent it.
    CrossSite,
    /// Nothing can be changed here.
    ReadOnly,
    /// It shows no token, or another.
    Token(NotShown),
    /// There is no such thing.
    Unknown,
    /// The book is not at a step at which that can be wished.
    Step(String),
    /// As many pages are kept up to date as may be.
    Full,
    /// The queue cannot be read or written.
    Failed(String),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, text) = match self {
            Self::Host => (
                StatusCode::MISDIRECTED_REQUEST,
                "This page is asked for by an address, by localhost, or by a name given with --http-name.".to_owned(),
            ),
            Self::CrossSite => (StatusCode::FORBIDDEN, "Another site sent this request.".to_owned()),
            Self::ReadOnly => (
                StatusCode::FORBIDDEN,
                "This page only shows. To change the queue from here, give the watcher a token with --http-token-file."
                    .to_owned(),
            ),
            Self::Token(NotShown::Missing) => {
                (StatusCode::UNAUTHORIZED, "This wants a token, as Authorization: Bearer TOKEN.".to_owned())
            }
            Self::Token(NotShown::Wrong) => {
                (StatusCode::UNAUTHORIZED, "The token is not this page's.".to_owned())
            }
            Self::Unknown => (StatusCode::NOT_FOUND, "There is no such thing here.".to_owned()),
            Self::Step(text) => (StatusCode::CONFLICT, text),
            Self::Full => (
                StatusCode::SERVICE_UNAVAILABLE,
                "As many pages are kept up to date as may be; reload to see what changed.".to_owned(),
            ),
            Self::Failed(text) => (StatusCode::INTERNAL_SERVER_ERROR, format!("Failed to {text}.")),
        };
        let mut response = (status, text).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("30"));
        }
        response
    }
}
