//! What a server is made of.

use rhapsode_deps::{Packages, Question, Severity, Subject, judge, report};

use super::super::{
    check::{Check, Need},
    seen::{Fault, Seen},
    session::Session,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "dependencies",
        expected: "`GET /v1/dependencies` answers with a dependency report",
        need: Need::Own,
        without: "does not judge what the server is installed from",
        run: |session| Box::pin(readable(session)),
    },
    Check {
        id: "dependencies.sound",
        expected: "the gate finds no error in the report",
        need: Need::Own,
        without: "refuses the server at the gate, unless the finding is allowed there",
        run: |session| Box::pin(sound(session)),
    },
];

async fn read(session: &Session) -> Result<Subject, Fault> {
    let json = session.get("/v1/dependencies").await?.success()?.json()?;
    report(session.base(), &json).map_err(|error| Fault::wrong(format!("failed to {error}")))
}

async fn readable(session: &Session) -> Seen {
    Ok(match read(session).await?.packages {
        Packages::Environment(environment) => format!("{} distributions", environment.distributions.len()),
        _ => "there is no Python in it".to_owned(),
    })
}

async fn sound(session: &Session) -> Seen {
    let findings = judge(&read(session).await?, &Question::default());
    let (errors, warnings): (Vec<_>, Vec<_>) =
        findings.iter().partition(|finding| finding.severity == Severity::Error);
    let line = |finding: &&rhapsode_deps::Finding| {
        format!("{} {}: {}, expected {}", finding.rule.id(), finding.subject, finding.seen, finding.expected)
    };
    match errors.first() {
        Some(first) => Err(Fault::wrong(format!("{} errors, first {}", errors.len(), line(first)))),
        None => Ok(format!("no errors, {} warnings", warnings.len())),
    }
}
