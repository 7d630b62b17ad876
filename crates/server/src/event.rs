//! What happens in a server, for whoever shows or stores it. No event carries a text that was spoken.

use std::{net::SocketAddr, time::Duration};

use crate::Format;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ServerEvent {
    /// It accepts connections.
    Listening {
        /// Where.
        address: SocketAddr,
    },
    /// The warm-up was good: texts are spoken from now on.
    Ready {
        /// Seconds of speech a second of one slot.
        times_real_time: f64,
    },
    /// The warm-up failed and is tried again.
    NotReady {
        /// Why.
        reason: String,
        /// When it is tried again.
        again_in: Duration,
    },
    /// A request is over.
    Answered(Answer),
    /// No connection is accepted any more; what is in flight is finished.
    Draining,
}

/// A request that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its name, also in the answer's `X-Request-Id`.
    pub id: String,
    /// What was called.
    pub call: CallKind,
    /// Whether it was a probe, as `X-Rhapsode-Probe: 1` says.
    pub probe: bool,
    /// How it ended.
    pub outcome: Outcome,
    /// Time from the head of the request to the head of the answer.
    pub elapsed: Duration,
    /// What was spoken, if something was.
    pub spoken: Option<Spoken>,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Answered {
        /// Its HTTP status.
        status: u16,
        /// The code of the error, if it is one.
        code: Option<&'static str>,
    },
    /// The client went away before.
    Abandoned,
}

/// What was spoken.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken {
    /// Characters of the text.
    pub characters: usize,
    /// The voice.
    pub voice: String,
    /// The format of the answer.
    pub format: Format,
    /// Time in the queue.
    pub waited: Duration,
    /// Time that the backend took.
    pub synthesis: Duration,
    /// Length of the speech in seconds.
    pub seconds_of_audio: f64,
}

/// The calls of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// `POST /v1/audio/speech`.
    Speech,
    /// `GET /v1/models`, all or one.
    Models,
    /// `GET /v1/audio/voices`.
    Voices,
    /// `GET /v1/capabilities`.
    Capabilities,
    /// `GET /v1/dependencies`.
    Dependencies,
    /// `GET /health`.
    Health,
    /// `GET /ready`.
    Ready,
    /// `GET /metrics`.
    Metrics,
    /// Anything else, which is refused.
    Other,
}

impl CallKind {
    /// The call that a path belongs to.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/v1/audio/speech" => Self::Speech,
            "/v1/audio/voices" => Self::Voices,
            "/v1/capabilities" => Self::Capabilities,
            "/v1/dependencies" => Self::Dependencies,
            "/health" => Self::Health,
            "/ready" => Self::Ready,
            "/metrics" => Self::Metrics,
            path if path == "/v1/models" || path.starts_with("/v1/models/") => Self::Models,
            _ => Self::Other,
        }
    }

    /// Its name in logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Speech => "speech",
            Self::Models => "models",
            Self::Voices => "voices",
            Self::Capabilities => "capabilities",
            Self::Dependencies => "dependencies",
            Self::Health => "health",
            Self::Ready => "ready",
            Self::Metrics => "metrics",
            Self::Other => "other",
        }
    }
}

/// Hears what happens. It is told from the threads that serve, so it should be quick.
pub trait Listener: Send + Sync {
    /// Hears an event.
    fn hear(&self, event: ServerEvent);
}
