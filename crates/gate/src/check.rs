//! What a check is to the gate. Whoever knows the plan or the encoders adds checks of their own.

use std::{future::Future, pin::Pin, sync::Arc};

use chrono::NaiveDate;
use tokio::time::Instant;

use crate::{CheckId, Outcome, Policy};

/// What a check will report on, as far as that is known before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The first of its ids; what it is reported under if it does not end.
    pub id: CheckId,
    /// What it checks, for people.
    pub subject: String,
    /// The backend that it checks; none if it checks this machine.
    pub backend: Option<String>,
}

/// What holds for every check of a run.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// When all checks must have ended. One that asks several things ends by itself at this time, with what it knows.
    pub deadline: Instant,
    /// What was allowed to fail.
    pub policy: Arc<Policy>,
    /// The day by which exceptions are judged, in UTC.
    pub today: NaiveDate,
}

/// A running check.
pub type Checking<'a> = Pin<Box<dyn Future<Output = Vec<Outcome>> + Send + 'a>>;

/// Something that must be as it should before a job starts.
pub trait Check: Send + Sync {
    /// What it checks.
    fn about(&self) -> About;

    /// Checks, and reports everything that it found, good and bad. It must not block its thread.
    fn run<'a>(&'a self, conditions: &'a Conditions) -> Checking<'a>;
}
