//! What can be done about an error of speech. Errors are sorted here and nowhere else.

use rhapsode_speech::SpeechError;

/// What can be done about an error of speech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// This backend cannot speak this chunk, another may. With no other left, give up.
    Elsewhere,
    /// Try again after a while. When that was tried often enough, give up.
    Later,
    /// The backend is of no use to any chunk; the chunk itself has nothing to answer for.
    WithoutBackend,
}

/// Sorts an error.
pub(crate) fn remedy(error: &SpeechError) -> Remedy {
    match error {
        SpeechError::Unspeakable(_) | SpeechError::TooLong { .. } => Remedy::Elsewhere,
        SpeechError::Unavailable { .. } => Remedy::WithoutBackend,
        // An error of a kind that is not known here may pass, and is tried a limited number of times.
        SpeechError::Transient { .. } | SpeechError::Busy { .. } | SpeechError::Unreachable { .. } | _ => {
            Remedy::Later
        }
    }
}
