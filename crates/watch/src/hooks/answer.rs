//! What came of telling a hook.

use std::time::{Duration, SystemTime};

use reqwest::{Response, StatusCode, header::RETRY_AFTER};

/// The longest wait that a server may ask for.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);
/// Bytes of an answer that are told.
const TOLD: usize = 200;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The news was taken in.
    Taken,
    /// This news was not, for a reason of its own; other news may be.
    Refused(String),
    /// No news is taken in at the moment.
    Away {
        reason: String,
        /// How long to wait at least, if it was said.
        wait: Option<Duration>,
    },
}

impl Answer {
    pub(super) fn away(reason: impl Into<String>) -> Self {
        Self::Away { reason: reason.into(), wait: None }
    }

    /// The answer that a request without an answer is. The address is left out: it may have a token in it.
    pub(super) fn unreachable(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let mut reason = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(deeper) = source {
            reason = deeper.to_string();
            source = deeper.source();
        }
        Self::away(if error.is_timeout() { "it took too long to answer".to_owned() } else { reason })
    }

    /// What a server's answer means.
    pub(super) async fn of(response: Response) -> Self {
        let status = response.status();
        if status.is_success() {
            return Self::Taken;
        }
        let wait = response.headers().get(RETRY_AFTER).and_then(|value| retry_after(value.to_str().ok()?));
        let text = beginning(response).await;
        let reason =
            if text.is_empty() { format!("it says {status}") } else { format!("it says {status}: {text}") };
        match status {
            // These say something of the news and not of the server or the way to it.
            StatusCode::BAD_REQUEST
            | StatusCode::CONFLICT
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => Self::Refused(reason),
            _ => Self::Away { reason, wait },
        }
    }
}

/// Seconds, or a date.
fn retry_after(value: &str) -> Option<Duration> {
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let date = httpdate::parse_http_date(value.trim()).ok()?;
            date.duration_since(SystemTime::now()).unwrap_or_default()
        }
    };
    Some(wait.min(LONGEST))
}

/// The first words of an answer, in one line.
async fn beginning(mut response: Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < TOLD {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            _ => break,
        }
    }
    bytes.truncate(TOLD);
    let text = String::from_utf8_lossy(&bytes);
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_in_seconds_or_by_a_date_when_to_come_again() {
        assert_eq!(retry_after("7"), Some(Duration::from_secs(7)));
        assert_eq!(retry_after("999999999"), Some(LONGEST));
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(60));
        let wait = retry_after(&date).unwrap();
        assert!((Duration::from_secs(50)..=Duration::from_secs(60)).contains(&wait), "{wait:?}");
        assert_eq!(retry_after("soon"), None);
    }
}
