//! The checks of one backend, a chain: everything that costs nothing side by side, and the proof of speech only after
//! none of that failed.

mod accelerator;
mod dependencies;
mod identity;
mod proof;
mod reach;
mod reference;
mod voice;

use std::{sync::Arc, time::Duration};

use rhapsode_speech::{Expectation, ProbeVoice, SharedBackend, SpeechError};
use tokio::time::{Instant, timeout_at};

use crate::{
    About, Check, CheckId, Checking, Conditions, Gate, GateLimits, GateReport, Outcome, Policy, ProofCache,
    Verdict,
};
use reach::Reach;

/// A backend that is to be checked.
#[derive(Debug)]
pub struct GatedBackend {
    /// Its name, for people.
    pub name: String,
    /// Where it is; proofs of speech are kept by it.
    pub address: String,
    /// The backend, or why it cannot be opened.
    pub opened: Result<SharedBackend, SpeechError>,
    /// What it must be, as far as somebody said so.
    pub expected: Expectation,
    /// What the job speaks with: voice, recording, language, parameters.
    pub voice: ProbeVoice,
}

/// Checks one backend.
pub struct BackendCheck {
    backend: GatedBackend,
    limits: GateLimits,
    proofs: Option<Arc<dyn ProofCache>>,
}

impl BackendCheck {
    /// A check that hears the backend speak, whatever was proved before.
    #[must_use]
    pub fn new(backend: GatedBackend, limits: GateLimits) -> Self {
        Self { backend, limits, proofs: None }
    }

    /// A check that takes a kept proof of speech that is not too old, and keeps its own.
    #[must_use]
    pub fn with_proofs(self, proofs: Arc<dyn ProofCache>) -> Self {
        Self { proofs: Some(proofs), ..self }
    }

    async fn chain(&self, conditions: &Conditions) -> Vec<Outcome> {
        let name = &self.backend.name;
        let backend = match &self.backend.opened {
            Ok(backend) => &**backend,
            Err(error) => return self.unopened(error),
        };
        let deadline = conditions.deadline;
        let began = Instant::now();
        let (ready, statement, report, reference) = tokio::join!(
            timed(deadline, backend.ready()),
            timed(deadline, backend.statement()),
            timed(deadline, backend.dependencies()),
            reference::listen(self.backend.voice.reference.clone(), deadline),
        );
        let reach = Reach::of(&ready);
        let mut outcomes = reach.judge(name, &ready);
        let statement = statement.answer.ok().and_then(Result::ok).unwrap_or_default();
        outcomes.extend(identity::judge(&self.backend, &statement, reach));
        outcomes.extend(voice::judge(&self.backend.voice, &statement, reach));
        outcomes.push(reference::judge(&reference, &statement));
        outcomes.extend(dependencies::check(&self.backend, report, reach).await);
        let took = began.elapsed().as_secs_f64();
        let complete = |outcome: Outcome| {
            let seconds = if outcome.seconds > 0.0 { outcome.seconds } else { took };
            // A failure has to name its backend before the policy is asked about it.
            Outcome { seconds, ..outcome }.of_backend(name)
        };
        let mut outcomes: Vec<Outcome> = outcomes.into_iter().map(complete).collect();
        let refused = |outcome: &&Outcome| {
            outcome.verdict == Verdict::Fail && !conditions.policy.allows(outcome, conditions.today)
        };
        let failed: Vec<&str> = outcomes.iter().filter(refused).map(|outcome| outcome.id.id()).collect();
        let speech = if failed.is_empty() {
            proof::prove(&self.backend, backend, self.limits, self.proofs.as_deref(), deadline).await
        } else {
            let why = format!("not asked to speak because of {}", failed.join(", "));
            Outcome::skipped(CheckId::Speech, name, why)
        };
        outcomes.push(speech);
        outcomes
    }

    /// What is reported of a backend that could not be opened.
    fn unopened(&self, error: &SpeechError) -> Vec<Outcome> {
        let reach = Reach::of_error(error);
        let mut outcomes = reach.judge_unopened(&self.backend.name, error);
        let reported: Vec<CheckId> = outcomes.iter().map(|outcome| outcome.id).collect();
        let rest = CheckId::all().filter(|id| *id <= CheckId::Speech && !reported.contains(id));
        let rest = rest.filter(|id| !matches!(id, CheckId::Dependency(_)));
        outcomes.extend(rest.map(|id| Outcome::skipped(id, &self.backend.name, "it is not open")));
        outcomes
    }
}

impl Check for BackendCheck {
    fn about(&self) -> About {
        let name = &self.backend.name;
        About { id: CheckId::Reachable, subject: name.clone(), backend: Some(name.clone()) }
    }

    fn run<'a>(&'a self, conditions: &'a Conditions) -> Checking<'a> {
        Box::pin(self.chain(conditions))
    }
}

/// What a backend must pass again that stopped working during a job: every check of it, and no proof of before.
pub async fn recheck(backend: GatedBackend, policy: Policy, limits: GateLimits) -> GateReport {
    Gate::new(policy, limits).check(BackendCheck::new(backend, limits)).run(&|_| {}).await
}

/// What a question brought, and how long that took.
#[derive(Debug)]
struct Timed<T> {
    /// The answer, or how long none came.
    answer: Result<Result<T, SpeechError>, Duration>,
    seconds: f64,
}

async fn timed<T>(deadline: Instant, asked: rhapsode_speech::SpeechFuture<'_, T>) -> Timed<T> {
    let began = Instant::now();
    let answer = timeout_at(deadline, asked).await.map_err(|_| began.elapsed());
    Timed { answer, seconds: began.elapsed().as_secs_f64() }
}
