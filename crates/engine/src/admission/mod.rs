//! Whether a job may begin: the gate, with the backends as they were cast and with what the plan says of this machine.
//! It stands between the lookup of takes and the first request for speech.

mod estimate;
mod job;
mod machine;
mod proofs;
mod readmit;
mod terms;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use rhapsode_dispatch::{BackendPool, Outage, StopSignal};
use rhapsode_gate::{
    BackendCheck, Check, CheckId, Gate, GateMode, GateReport, GatedBackend, Outcome, Verdict,
};
use rhapsode_speech::SpeechError;
use rhapsode_store::TakeStore;
use tokio::sync::watch;

pub(crate) use estimate::{Missing, language_of};
pub(crate) use job::Applicant;
pub(crate) use machine::{JobKey, Machine, Room};
pub(crate) use readmit::readmission;
pub use terms::GateTerms;

use crate::{EngineError, Event, Listener, SECONDS_PER_CHARACTER, Settings, backoff::Backoff};
use proofs::Proofs;

/// A job at the gate.
pub(crate) struct Admission<'a> {
    pub(crate) settings: &'a Settings,
    /// What this machine must have for it.
    pub(crate) machine: Machine,
    pub(crate) store: &'a Arc<TakeStore>,
    pub(crate) stop: watch::Receiver<StopSignal>,
    pub(crate) listener: &'a dyn Listener,
}

impl Admission<'_> {
    /// Runs every check, and tells what they found; nothing is checked where the gate is off. A job that waits for
    /// backends waits here while all that is wrong is that none is there.
    ///
    /// # Errors
    /// [`EngineError::Gate`] if the gate refuses.
    pub(crate) async fn ask(
        mut self,
        backends: impl Fn() -> Vec<GatedBackend>,
        pool: Option<&BackendPool>,
    ) -> Result<Option<GateReport>, EngineError> {
        let mode = self.settings.gate.mode;
        if mode == GateMode::Off {
            return Ok(None);
        }
        let mut backoff = Backoff::new();
        let mut waiting = false;
        let report = loop {
            let report = examine(backends(), self.machine.checks(), self.settings, self.store).await;
            let reasons = match self.settings.outage {
                Outage::Wait => only_absence(&report),
                Outage::Stop => None,
            };
            let Some(reasons) = reasons.filter(|_| mode.refuses(&report)) else { break report };
            if is_hopeless(&backends()).await {
                break report;
            }
            if !waiting {
                self.listener.tell(Event::Waiting { reasons });
            }
            waiting = true;
            if backoff.wait(&mut self.stop).await.is_break() {
                break report;
            }
        };
        if waiting && !mode.refuses(&report) {
            self.listener.tell(Event::GoesOn);
        }
        self.listener.tell(Event::Gate(report.clone()));
        if mode.refuses(&report) {
            return Err(EngineError::Gate(Box::new(report)));
        }
        if let Some(pool) = pool {
            instruct(pool, &report);
        }
        Ok(Some(report))
    }
}

/// Runs the checks of these backends and of this machine.
pub(crate) async fn examine(
    backends: Vec<GatedBackend>,
    machine: Vec<Box<dyn Check>>,
    settings: &Settings,
    store: &Arc<TakeStore>,
) -> GateReport {
    let terms = &settings.gate;
    let limits = terms.limits();
    let proofs = Arc::new(Proofs::new(Arc::clone(store)));
    let checks = backends.into_iter().map(|backend| -> Box<dyn Check> {
        Box::new(BackendCheck::new(backend, limits).with_proofs(Arc::clone(&proofs) as Arc<_>))
    });
    let gate = Gate::new(terms.policy.clone(), limits).checks(checks).checks(machine);
    let mut report = gate.run(&|_| {}).await;
    spare_the_absent(&mut report);
    report
}

/// One that is not there, or not yet, is no reason to stop a job that others can do: it joins them when it comes. One that
/// is there and broken is.
fn spare_the_absent(report: &mut GateReport) {
    let absent = absent(report);
    let named = report.outcomes.iter().filter_map(|outcome| outcome.backend.clone());
    if named.collect::<BTreeSet<_>>().difference(&absent).next().is_none() {
        return;
    }
    report.excuse(|outcome| {
        is_absence(outcome).then(|| "the job goes on with the others until it is there".to_owned())
    });
}

/// Whether none of them can ever come, however long it is waited for: a wrong key, a broken configuration.
async fn is_hopeless(backends: &[GatedBackend]) -> bool {
    for backend in backends {
        let ready = match &backend.opened {
            Ok(backend) => backend.ready().await,
            Err(error) => Err(error.clone()),
        };
        if !matches!(ready, Err(SpeechError::Unavailable { .. })) {
            return false;
        }
    }
    true
}

/// Why the gate refuses, if nothing is wrong but that no backend is there.
fn only_absence(report: &GateReport) -> Option<String> {
    let mut failures = report.with(Verdict::Fail).peekable();
    failures.peek()?;
    let reasons = failures.map(|outcome| is_absence(outcome).then(|| of_backend(outcome)));
    Some(reasons.collect::<Option<Vec<_>>>()?.join("; "))
}

fn is_absence(outcome: &Outcome) -> bool {
    matches!(outcome.id, CheckId::Reachable | CheckId::Ready)
}

fn of_backend(outcome: &Outcome) -> String {
    format!("{}: {}", outcome.backend.as_deref().unwrap_or(&outcome.subject), outcome.seen)
}

/// Names of the backends that are not there, whether that is a failure or a warning.
fn absent(report: &GateReport) -> BTreeSet<String> {
    let missing =
        |outcome: &&Outcome| is_absence(outcome) && matches!(outcome.verdict, Verdict::Fail | Verdict::Warn);
    report.outcomes.iter().filter(missing).filter_map(|outcome| outcome.backend.clone()).collect()
}

/// Tells the pool what the gate saw: how fast each backend speaks, and who is to prove itself first.
fn instruct(pool: &BackendPool, report: &GateReport) {
    let member = |name: &str| pool.members().iter().position(|m| m.backend.describe().name == name);
    for proof in report.proofs() {
        if let Some(member) = member(&proof.backend) {
            let characters = (proof.seconds_of_audio / SECONDS_PER_CHARACTER).round().max(1.0) as usize;
            let took = Duration::try_from_secs_f64(proof.seconds).unwrap_or_default();
            pool.proved(member, characters, took);
        }
    }
    for name in absent(report) {
        if let Some(member) = member(&name) {
            pool.doubt(member, "it was not there when the job began");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcomes: Vec<Outcome>) -> GateReport {
        let mut report = GateReport {
            schema: GateReport::SCHEMA,
            verdict: Verdict::Pass,
            seconds: 0.0,
            outcomes,
            unused: Vec::new(),
        };
        // Judges it.
        report.excuse(|_| None);
        report
    }

    fn pass(backend: &str) -> Outcome {
        Outcome::pass(CheckId::Reachable, backend, "answers").of_backend(backend)
    }

    fn fail(id: CheckId, backend: &str) -> Outcome {
        Outcome::fail(id, backend, "nobody").of_backend(backend)
    }

    #[test]
    fn one_that_is_not_there_among_others_is_a_warning() {
        for id in [CheckId::Reachable, CheckId::Ready] {
            let mut report = report(vec![pass("a"), fail(id, "b")]);
            spare_the_absent(&mut report);
            assert_eq!(report.verdict, Verdict::Warn);
            assert!(report.outcomes[1].seen.contains("goes on"), "{:?}", report.outcomes[1]);
            assert_eq!(absent(&report), ["b".to_owned()].into());
        }
    }

    #[test]
    fn none_that_is_there_is_a_failure_that_may_be_waited_for() {
        let mut report = report(vec![fail(CheckId::Reachable, "a"), fail(CheckId::Ready, "b")]);
        spare_the_absent(&mut report);
        assert_eq!(report.verdict, Verdict::Fail);
        assert_eq!(only_absence(&report).unwrap(), "a: nobody; b: nobody");
    }

    #[test]
    fn one_that_is_there_and_broken_is_a_failure_that_no_waiting_mends() {
        let broken = fail(CheckId::Speech, "b");
        let mut report = report(vec![pass("a"), fail(CheckId::Ready, "c"), broken]);
        spare_the_absent(&mut report);
        assert_eq!(report.verdict, Verdict::Fail);
        assert_eq!(report.with(Verdict::Fail).count(), 1);
        assert_eq!(only_absence(&report), None);
    }
}
