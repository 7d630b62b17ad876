//! What can be done about speech that did not come. Troubles are sorted here and nowhere else.

use std::{fmt, time::Duration};

use rhapsode_speech::SpeechError;

/// Why a request brought no speech. The texts fit after "failed to ".
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The backend says so.
    Speech(SpeechError),
    /// It did not answer in time.
    Late { backend: String, after: Duration },
    /// It answered without a single sample, which can be neither judged nor kept as the best there is.
    NoSound { backend: String },
    /// Its code panicked.
    Panicked { backend: String, message: String },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Speech(error) => error.fmt(f),
            Self::Late { backend, after } => {
                write!(f, "get speech from {backend}: no answer within {:.1} s", after.as_secs_f64())
            }
            Self::NoSound { backend } => write!(f, "get speech from {backend}: it returned no sound"),
            Self::Panicked { backend, message } => write!(f, "get speech from {backend}: {message}"),
        }
    }
}

/// What can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// This backend cannot speak this chunk, another may. With no other left, give up.
    Elsewhere,
    /// The backend gets shorter texts; where this one cannot be cut any more, another backend may speak it.
    Shrink { limit: Option<usize> },
    /// By another backend, or again after a while. When that was tried often enough, give up.
    Later,
    /// The same, and the backend gets fewer requests at a time.
    LaterAndSlower,
    /// The backend has no room, which says nothing of the chunk: it gets nothing until then, and fewer at a time.
    MakeRoom { retry_after: Option<Duration> },
    /// The backend gets nothing until it has proved that it works; the chunk has nothing to answer for.
    Readmit,
    /// The backend is of no use to any chunk; the chunk has nothing to answer for.
    WithoutBackend,
}

/// Sorts a trouble.
pub(crate) fn remedy(trouble: &Trouble) -> Remedy {
    match trouble {
        Trouble::Speech(SpeechError::Unspeakable(_)) => Remedy::Elsewhere,
        Trouble::Speech(SpeechError::TooLong { limit, .. }) => Remedy::Shrink { limit: *limit },
        Trouble::Speech(SpeechError::Busy { retry_after, .. }) => {
            Remedy::MakeRoom { retry_after: *retry_after }
        }
        Trouble::Speech(SpeechError::Unreachable { .. }) => Remedy::Readmit,
        Trouble::Speech(SpeechError::Unavailable { .. }) => Remedy::WithoutBackend,
        Trouble::Late { .. } => Remedy::LaterAndSlower,
        // An error of a kind that is not known here may pass, and is tried a limited number of times.
        Trouble::Speech(SpeechError::Transient { .. } | _)
        | Trouble::NoSound { .. }
        | Trouble::Panicked { .. } => Remedy::Later,
    }
}
