//! What a run of the gate found, whole.

use serde::{Deserialize, Serialize};

use crate::{Lowering, Outcome, Proof, Verdict};

/// What a run of the gate found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// Version of this structure, [`GateReport::SCHEMA`].
    pub schema: u32,
    /// [`Verdict::Fail`] if any outcome is, else [`Verdict::Warn`] if any is, else [`Verdict::Pass`].
    pub verdict: Verdict,
    /// Seconds that all of it took.
    pub seconds: f64,
    /// Everything that was found: the backends in the order in which they were added, then this machine; within each in
    /// the order of the table.
    pub outcomes: Vec<Outcome>,
    /// Exceptions that nothing needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<Lowering>,
}

impl GateReport {
    /// The version that this program writes.
    pub const SCHEMA: u32 = 1;

    pub(crate) fn new(outcomes: Vec<Outcome>, unused: Vec<Lowering>, seconds: f64) -> Self {
        let mut report = Self { schema: Self::SCHEMA, verdict: Verdict::Pass, seconds, outcomes, unused };
        report.judge();
        report
    }

    /// Outcomes with this verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.verdict == verdict)
    }

    /// Outcomes of this backend.
    pub fn of_backend<'a>(&'a self, backend: &'a str) -> impl Iterator<Item = &'a Outcome> {
        self.outcomes.iter().filter(move |outcome| outcome.backend.as_deref() == Some(backend))
    }

    /// How the backends that were heard speak.
    pub fn proofs(&self) -> impl Iterator<Item = &Proof> {
        self.outcomes.iter().filter_map(|outcome| outcome.proof.as_ref())
    }

    /// Makes warnings of those failures for which `why` has a reason to go on without what failed; it is added to what
    /// was seen.
    pub fn excuse(&mut self, why: impl Fn(&Outcome) -> Option<String>) {
        for outcome in self.outcomes.iter_mut().filter(|outcome| outcome.verdict == Verdict::Fail) {
            if let Some(why) = why(outcome) {
                outcome.verdict = Verdict::Warn;
                outcome.seen = format!("{}; {why}", outcome.seen);
            }
        }
        self.judge();
    }

    fn judge(&mut self) {
        let any = |verdict| self.outcomes.iter().any(|outcome| outcome.verdict == verdict);
        self.verdict = [Verdict::Fail, Verdict::Warn].into_iter().find(|v| any(*v)).unwrap_or(Verdict::Pass);
    }
}
