//! Whether another rhapsode is at the job. The lock is the store's; who holds it is asked through a closure.

use std::{fmt, sync::Arc};

use super::{about, blocking};
use crate::{About, Check, CheckId, Checking, Conditions, Outcome};

type Holder = dyn Fn() -> Result<Option<String>, String> + Send + Sync;

/// Whether another rhapsode is at the job.
#[derive(Clone)]
pub struct JobLock {
    job: String,
    holder: Arc<Holder>,
}

impl JobLock {
    /// A check of the job of this name. `holder` says who else is at it, or why that cannot be told.
    pub fn new(
        job: impl Into<String>,
        holder: impl Fn() -> Result<Option<String>, String> + Send + Sync + 'static,
    ) -> Self {
        Self { job: job.into(), holder: Arc::new(holder) }
    }
}

impl fmt::Debug for JobLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobLock").field("job", &self.job).finish_non_exhaustive()
    }
}

impl Check for JobLock {
    fn about(&self) -> About {
        about(CheckId::JobLock, &self.job)
    }

    fn run<'a>(&'a self, _: &'a Conditions) -> Checking<'a> {
        let Self { job, holder } = self.clone();
        blocking(move || {
            vec![match holder() {
                Ok(None) => Outcome::pass(CheckId::JobLock, job, "nobody else is at it"),
                Ok(Some(holder)) => Outcome::fail(CheckId::JobLock, job, holder)
                    .but("nobody else at it", "wait until it is done, or stop it"),
                Err(why) => Outcome::warn(CheckId::JobLock, job, format!("it cannot be told: {why}"))
                    .but("nobody else at it", "see that no other rhapsode makes this book"),
            }]
        })
    }
}
