//! What comes of the gate's checks.

use std::time::Duration;

use rhapsode_gate::{GateLimits, GateMode, Policy};

/// What comes of the checks before a job.
#[derive(Debug, Clone, PartialEq)]
pub struct GateTerms {
    /// What happens when one fails.
    pub mode: GateMode,
    /// What is allowed to fail.
    pub policy: Policy,
    /// Time that all of them together may take.
    pub time_out: Duration,
}

impl Default for GateTerms {
    fn default() -> Self {
        let (mode, policy) = (GateMode::default(), Policy::default());
        Self { mode, policy, time_out: GateLimits::default().total }
    }
}

impl GateTerms {
    pub(crate) fn limits(&self) -> GateLimits {
        GateLimits { total: self.time_out, ..GateLimits::default() }
    }
}
