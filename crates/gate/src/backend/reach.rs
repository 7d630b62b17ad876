//! Whether anybody answers, and whether who answers is ready.

use rhapsode_speech::SpeechError;

use super::Timed;
use crate::{CheckId, Outcome};

/// How far a backend was reached, which decides what the other answers are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It is ready.
    Ready,
    /// It answers, and is not ready.
    NotReady,
    /// It does not answer.
    Silent,
}

impl Reach {
    pub(super) fn of(ready: &Timed<()>) -> Self {
        match &ready.answer {
            Ok(Ok(())) => Self::Ready,
            Ok(Err(error)) => Self::of_error(error),
            Err(_) => Self::Silent,
        }
    }

    pub(super) fn of_error(error: &SpeechError) -> Self {
        match error {
            SpeechError::Unreachable { .. } => Self::Silent,
            _ => Self::NotReady,
        }
    }

    /// Why something was not checked; none if the backend is ready, and so has to answer.
    pub(super) fn excuse(self) -> Option<&'static str> {
        match self {
            Self::Ready => None,
            Self::NotReady => Some("it is not ready"),
            Self::Silent => Some("it does not answer"),
        }
    }

    pub(super) fn judge(self, name: &str, ready: &Timed<()>) -> Vec<Outcome> {
        let outcomes = match &ready.answer {
            Ok(Ok(())) => vec![
                Outcome::pass(CheckId::Reachable, name, "it answers"),
                Outcome::pass(CheckId::Ready, name, "it is ready"),
            ],
            Ok(Err(error)) => self.judge_unopened(name, error),
            Err(waited) => {
                let reason = format!("no answer within {:.0} s", waited.as_secs_f64());
                silent(name, reason)
            }
        };
        outcomes.into_iter().map(|outcome| Outcome { seconds: ready.seconds, ..outcome }).collect()
    }

    pub(super) fn judge_unopened(self, name: &str, error: &SpeechError) -> Vec<Outcome> {
        match error {
            SpeechError::Unreachable { reason, .. } => silent(name, reason.clone()),
            SpeechError::Busy { reason, .. } => {
                not_ready(name, reason, "wait until it is, or start with --wait")
            }
            SpeechError::Transient { reason, .. } => {
                not_ready(name, reason, "look at its log; it may come round by itself")
            }
            SpeechError::Unavailable { reason, .. } => {
                not_ready(name, reason, "mend its configuration or its installation")
            }
            other => not_ready(name, &other.to_string(), "look at its log"),
        }
    }
}

fn silent(name: &str, reason: String) -> Vec<Outcome> {
    vec![
        Outcome::fail(CheckId::Reachable, name, reason).but(
            "an answer",
            "start it, or correct its address; leave it out with --backend if it is not needed",
        ),
        Outcome::skipped(CheckId::Ready, name, "it does not answer"),
    ]
}

fn not_ready(name: &str, reason: &str, remedy: &str) -> Vec<Outcome> {
    vec![
        Outcome::pass(CheckId::Reachable, name, "it answers"),
        Outcome::fail(CheckId::Ready, name, reason).but("it is ready", remedy),
    ]
}
