//! Runs every check side by side. None can hang the others or tear them down, and none is left out of the report.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

use crate::{
    About, Check, Conditions, GateReport, Outcome, Policy,
    machine::{Moment, jump},
};

/// How long checks have to end by themselves once their time is over.
const GRACE: Duration = Duration::from_secs(1);

/// How long the gate may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateLimits {
    /// Time for all checks together.
    pub total: Duration,
    /// Age of a kept proof of speech that still counts.
    pub proof_age: Duration,
}

impl Default for GateLimits {
    /// A minute, and a quarter of an hour.
    fn default() -> Self {
        Self { total: Duration::from_secs(60), proof_age: Duration::from_secs(15 * 60) }
    }
}

/// What a running gate tells.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// A check began.
    Started(&'a About),
    /// A check ended.
    Ended(&'a About, &'a [Outcome]),
}

/// The checks of a job.
pub struct Gate {
    policy: Policy,
    limits: GateLimits,
    checks: Vec<Arc<dyn Check>>,
}

impl Gate {
    /// A gate without checks, which everything passes.
    #[must_use]
    pub fn new(policy: Policy, limits: GateLimits) -> Self {
        Self { policy, limits, checks: Vec::new() }
    }

    /// With one more check.
    #[must_use]
    pub fn check(mut self, check: impl Check + 'static) -> Self {
        self.checks.push(Arc::new(check));
        self
    }

    /// With more checks.
    #[must_use]
    pub fn checks(mut self, checks: impl IntoIterator<Item = Box<dyn Check>>) -> Self {
        self.checks.extend(checks.into_iter().map(Arc::from));
        self
    }

    /// Runs every check, within [`GateLimits::total`] and a second.
    pub async fn run(self, tell: &(dyn Fn(Progress<'_>) + Send + Sync)) -> GateReport {
        let began = Moment::now();
        let started = Instant::now();
        let conditions = Conditions {
            deadline: started + self.limits.total,
            policy: Arc::new(self.policy),
            today: DateTime::<Utc>::from(SystemTime::now()).date_naive(),
        };
        let abouts: Vec<About> = self.checks.iter().map(|check| check.about()).collect();
        let mut found: Vec<Option<Vec<Outcome>>> = vec![None; abouts.len()];

        let (mut running, mut places) = (JoinSet::new(), HashMap::new());
        for (place, check) in self.checks.into_iter().enumerate() {
            tell(Progress::Started(&abouts[place]));
            let conditions = conditions.clone();
            let task = running.spawn(async move { check.run(&conditions).await });
            places.insert(task.id(), place);
        }
        let cut_off = conditions.deadline + GRACE;
        // Whatever is left at the end is dropped with the set.
        while let Ok(Some(ended)) = timeout_at(cut_off, running.join_next_with_id()).await {
            let (task, outcomes) = match ended {
                Ok((task, outcomes)) => (task, Ok(outcomes)),
                Err(error) => (error.id(), Err(error)),
            };
            let place = places[&task];
            let about = &abouts[place];
            let took = started.elapsed().as_secs_f64();
            let outcomes = outcomes.unwrap_or_else(|_| vec![about.broke()]);
            let outcomes = about.reported(outcomes, took, &conditions);
            tell(Progress::Ended(about, &outcomes));
            found[place] = Some(outcomes);
        }

        let mut outcomes = Vec::new();
        for (place, (found, about)) in found.into_iter().zip(&abouts).enumerate() {
            let found = found.unwrap_or_else(|| {
                let took = started.elapsed().as_secs_f64();
                let outcomes = about.reported(vec![about.silent(self.limits.total)], took, &conditions);
                tell(Progress::Ended(about, &outcomes));
                outcomes
            });
            outcomes.extend(found.into_iter().map(|outcome| (place, outcome)));
        }
        outcomes.extend(jump(began, Moment::now()).map(|outcome| (abouts.len(), outcome)));
        outcomes.sort_by_key(|(place, outcome)| match outcome.backend {
            Some(_) => (false, *place, outcome.id, 0),
            None => (true, 0, outcome.id, *place),
        });
        let outcomes: Vec<Outcome> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        let unused = conditions.policy.unused(&outcomes, conditions.today);
        GateReport::new(outcomes, unused, started.elapsed().as_secs_f64())
    }
}

impl About {
    /// What is reported of a check that panicked.
    fn broke(&self) -> Outcome {
        Outcome::fail(self.id, &self.subject, "the check itself broke down")
            .but("an answer", "this is an error of rhapsode: report it, and allow it until it is mended")
    }

    /// What is reported of a check that did not end.
    fn silent(&self, limit: Duration) -> Outcome {
        let seen = format!("it did not answer within {} s", limit.as_secs_f64());
        Outcome::fail(self.id, &self.subject, seen)
            .but("an answer", "see what keeps it busy; a longer time-out may be set for the gate")
    }

    /// The outcomes of a check, with what it need not know.
    fn reported(&self, mut outcomes: Vec<Outcome>, took: f64, conditions: &Conditions) -> Vec<Outcome> {
        if outcomes.is_empty() {
            outcomes.push(Outcome::skipped(self.id, &self.subject, "there is nothing to check"));
        }
        let complete = |outcome: Outcome| {
            let outcome = Outcome {
                backend: outcome.backend.or_else(|| self.backend.clone()),
                seconds: if outcome.seconds > 0.0 { outcome.seconds } else { took },
                ..outcome
            };
            conditions.policy.apply(outcome, conditions.today)
        };
        outcomes.into_iter().map(complete).collect()
    }
}
