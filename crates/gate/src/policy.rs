//! What a user allows to fail: an exception has a reason that is shown whenever it is used, and a day on which it ends,
//! so that none is forgotten.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{CheckId, GateReport, Lowered, Outcome, Verdict};

/// What happens when the gate fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateMode {
    /// The job does not start.
    #[default]
    Enforce,
    /// It starts on the user's word.
    Warn,
    /// Nothing is checked.
    Off,
}

impl GateMode {
    /// Whether a job must not start after this report.
    #[must_use]
    pub fn refuses(self, report: &GateReport) -> bool {
        self == Self::Enforce && report.verdict == Verdict::Fail
    }
}

/// An exception: a check that may fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lowering {
    /// The check.
    pub check: CheckId,
    /// The backend for which it may fail; for all if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// What it may fail for, such as `numpy`; for everything if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Why.
    pub reason: Reason,
    /// The last day on which it holds, in UTC: `2027-01-31`.
    pub until: NaiveDate,
}

/// Why something is allowed: a text with something in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason(String);

impl Reason {
    /// A reason, if the text has something in it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| de::Error::custom("an exception needs a reason, this one is empty"))
    }
}

/// All that is allowed to fail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Policy(Vec<Lowering>);

impl Policy {
    /// A policy with these exceptions.
    #[must_use]
    pub fn new(lowerings: Vec<Lowering>) -> Self {
        Self(lowerings)
    }

    /// The exceptions.
    #[must_use]
    pub fn lowerings(&self) -> &[Lowering] {
        &self.0
    }

    /// Whether this outcome may be what it is, failure or not.
    #[must_use]
    pub fn allows(&self, outcome: &Outcome, today: NaiveDate) -> bool {
        self.exception(outcome).is_some_and(|lowering| lowering.until >= today)
    }

    /// A failure as a warning, if that was allowed and still is.
    pub(crate) fn apply(&self, outcome: Outcome, today: NaiveDate) -> Outcome {
        match self.exception(&outcome) {
            Some(Lowering { until, .. }) if outcome.verdict == Verdict::Fail && *until < today => {
                let remedy = format!("{} (the exception for this ended on {until})", outcome.remedy);
                Outcome { remedy: remedy.trim_start().to_owned(), ..outcome }
            }
            Some(Lowering { reason, until, .. }) if outcome.verdict == Verdict::Fail => {
                let lowered = Some(Lowered { reason: reason.0.clone(), until: *until });
                Outcome { verdict: Verdict::Warn, lowered, ..outcome }
            }
            _ => outcome,
        }
    }

    /// The exception for what an outcome is about; of several the one that holds longest.
    fn exception(&self, outcome: &Outcome) -> Option<&Lowering> {
        self.0.iter().filter(|lowering| lowering.fits(outcome)).max_by_key(|lowering| lowering.until)
    }

    /// The exceptions that nothing needed, after they were applied to these outcomes. Those that have ended are not
    /// counted among them: where they are needed the failure says so, and where they are not they do no harm.
    pub(crate) fn unused(&self, outcomes: &[Outcome], today: NaiveDate) -> Vec<Lowering> {
        let needed = |lowering: &Lowering| {
            outcomes.iter().any(|outcome| {
                (outcome.lowered.is_some() || outcome.verdict == Verdict::Fail) && lowering.fits(outcome)
            })
        };
        let holding = self.0.iter().filter(|lowering| lowering.until >= today);
        holding.filter(|lowering| !needed(lowering)).cloned().collect()
    }
}

impl Lowering {
    fn fits(&self, outcome: &Outcome) -> bool {
        self.check == outcome.id
            && self.backend.as_ref().is_none_or(|backend| outcome.backend.as_ref() == Some(backend))
            && self.subject.as_ref().is_none_or(|subject| outcome.subject == *subject)
    }
}
