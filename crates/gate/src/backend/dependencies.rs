//! What the backend is installed from, judged by its own report. A server without one is no worse for it: what cannot
//! be asked is not held against it.

use rhapsode_deps::{Accelerator, Finding, Packages, Question, Severity};
use serde_json::Value;

use super::{GatedBackend, Timed, accelerator, reach::Reach};
use crate::{CheckId, Outcome};

/// What a report says, judged.
struct Judged {
    /// How many distributions it lists; none if there is no Python.
    distributions: Option<usize>,
    findings: Vec<Finding>,
    accelerator: Option<Accelerator>,
}

/// Judges the report of a backend: whether it can be read, what is wrong in it, and what it says of the accelerator.
pub(super) async fn check(
    backend: &GatedBackend,
    report: Timed<Option<Value>>,
    reach: Reach,
) -> Vec<Outcome> {
    let name = &backend.name;
    let promised = backend.expected.accelerator.as_deref();
    let read = match report.answer {
        Ok(Ok(None)) => {
            let none = "the backend offers no dependency report";
            let mut outcomes = vec![
                Outcome::pass(CheckId::Report, name, none),
                Outcome::skipped(CheckId::Dependencies, name, none),
            ];
            outcomes.extend(accelerator::judge(name, None, promised));
            return outcomes;
        }
        Ok(Ok(Some(json))) => judged(name, json).await,
        Ok(Err(error)) => Err(error.to_string()),
        Err(waited) => Err(format!("get it: no answer within {:.0} s", waited.as_secs_f64())),
    };
    let outcomes = match (read, reach.excuse()) {
        (Ok(judged), _) => told(name, &judged, promised),
        (Err(_), Some(why)) => unread(name, Outcome::skipped(CheckId::Report, name, why), why),
        (Err(why), None) => {
            let failed = Outcome::fail(CheckId::Report, name, format!("failed to {why}")).but(
                "a dependency report",
                "see `/v1/dependencies` of the server; docs/dependency-report.md describes what it answers",
            );
            unread(name, failed, "the dependency report cannot be read")
        }
    };
    outcomes.into_iter().map(|outcome| Outcome { seconds: report.seconds, ..outcome }).collect()
}

fn unread(name: &str, report: Outcome, why: &str) -> Vec<Outcome> {
    let skipped = |id| Outcome::skipped(id, name, why);
    vec![report, skipped(CheckId::Dependencies), skipped(CheckId::AcceleratorPresent)]
}

fn told(name: &str, judged: &Judged, promised: Option<&str>) -> Vec<Outcome> {
    let seen = match judged.distributions {
        Some(distributions) => format!("{distributions} distributions"),
        None => "there is no Python in it".to_owned(),
    };
    let mut outcomes = vec![Outcome::pass(CheckId::Report, name, &seen)];
    if judged.findings.is_empty() {
        outcomes.push(Outcome::pass(CheckId::Dependencies, name, seen));
    }
    outcomes.extend(judged.findings.iter().map(outcome));
    outcomes.extend(accelerator::judge(name, judged.accelerator.as_ref(), promised));
    outcomes
}

fn outcome(finding: &Finding) -> Outcome {
    let id = CheckId::Dependency(finding.rule);
    let outcome = match finding.severity {
        Severity::Error => Outcome::fail(id, &finding.subject, &finding.seen),
        Severity::Warning => Outcome::warn(id, &finding.subject, &finding.seen),
    };
    outcome.but(&finding.expected, &finding.remedy)
}

/// Reads and judges a report on a thread for such work: an environment of 150 distributions takes milliseconds, a
/// hostile one more.
async fn judged(name: &str, json: Value) -> Result<Judged, String> {
    let name = name.to_owned();
    let judging = tokio::task::spawn_blocking(move || {
        let subject = rhapsode_deps::report(&name, &json).map_err(|error| error.to_string())?;
        let findings = rhapsode_deps::judge(&subject, &Question::default());
        let (distributions, accelerator) = match subject.packages {
            Packages::Environment(environment) => {
                (Some(environment.distributions.len()), environment.accelerator)
            }
            Packages::NoPython(accelerator) => (None, accelerator.map(|accelerator| *accelerator)),
            _ => (None, None),
        };
        Ok(Judged { distributions, findings, accelerator })
    });
    match judging.await {
        Ok(judged) => judged,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err("judge it: the program is ending".to_owned()),
        },
    }
}
