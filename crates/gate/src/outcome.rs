//! What a check found.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{CheckId, Proof};

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// All is well.
    Pass,
    /// Not run, or without an answer to give, because of something that another check reports.
    Skipped,
    /// Worth knowing; the job starts.
    Warn,
    /// The job does not start.
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The check.
    pub id: CheckId,
    /// What the check is about, in a few words.
    pub title: String,
    /// The backend that was checked; none if it was this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// What was checked: a backend, a voice, a distribution, a folder, a format.
    pub subject: String,
    /// What it says.
    pub verdict: Verdict,
    /// What is there.
    pub seen: String,
    /// What should be there. Empty if it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub expected: String,
    /// What to do about it. Empty if nothing is to be done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remedy: String,
    /// Seconds that the check took.
    pub seconds: f64,
    /// The exception that made a failure a warning, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowered: Option<Lowered>,
    /// How the backend spoke, if it was heard to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// The exception that made a failure a warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lowered {
    /// Why, in the words of whoever allowed it.
    pub reason: String,
    /// The last day on which it holds.
    pub until: NaiveDate,
}

impl Outcome {
    /// All is well with the subject, and this is what is there.
    #[must_use]
    pub fn pass(id: CheckId, subject: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(id, subject, Verdict::Pass, seen)
    }

    /// Not run, and this is why.
    #[must_use]
    pub fn skipped(id: CheckId, subject: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(id, subject, Verdict::Skipped, why)
    }

    /// Something that is worth knowing.
    #[must_use]
    pub fn warn(id: CheckId, subject: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(id, subject, Verdict::Warn, seen)
    }

    /// Something that keeps a job from starting.
    #[must_use]
    pub fn fail(id: CheckId, subject: impl Into<String>, seen: impl Into<String>) -> Self {
        Self::new(id, subject, Verdict::Fail, seen)
    }

    /// With what should have been seen, and what to do.
    #[must_use]
    pub fn but(self, expected: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { expected: expected.into(), remedy: remedy.into(), ..self }
    }

    /// Of this backend.
    #[must_use]
    pub fn of_backend(self, backend: impl Into<String>) -> Self {
        Self { backend: Some(backend.into()), ..self }
    }

    fn new(id: CheckId, subject: impl Into<String>, verdict: Verdict, seen: impl Into<String>) -> Self {
        Self {
            id,
            title: id.title().to_owned(),
            backend: None,
            subject: subject.into(),
            verdict,
            seen: seen.into(),
            expected: String::new(),
            remedy: String::new(),
            seconds: 0.0,
            lowered: None,
            proof: None,
        }
    }
}
