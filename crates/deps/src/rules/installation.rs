//! What is judged of an environment.

use super::{Graph, pins, probes, requirements, twice};
use crate::{Environment, Finding, Rule, Severity};

pub(crate) fn judge(environment: &Environment) -> Vec<Finding> {
    let graph = Graph::of_environment(environment);
    let mut findings = requirements::judge_environment(environment, &graph);
    findings.extend(twice::in_environment(environment));
    findings.extend(pins::judge(environment, &graph));
    findings.extend(probes::judge(environment));
    findings.extend(unreadable(&environment.unreadable));
    findings.extend(unparsable(environment));
    findings
}

/// Metadata that cannot be read: nobody can say what such a distribution needs, and importers that look its version
/// up fail.
pub(crate) fn unreadable(unreadable: &[(String, String)]) -> impl Iterator<Item = Finding> {
    unreadable.iter().map(|(name, reason)| Finding {
        rule: Rule::Unreadable,
        severity: Severity::Error,
        subject: name.clone(),
        seen: reason.clone(),
        expected: "metadata that can be read".to_owned(),
        remedy: "remove it and install it again".to_owned(),
        place: None,
    })
}

/// A requirement that is not PEP 508 cannot be checked. Installers skip it too, so it is no error.
fn unparsable(environment: &Environment) -> impl Iterator<Item = Finding> {
    environment.distributions.iter().filter(|distribution| !distribution.shadowed).flat_map(|distribution| {
        distribution.unparsable.iter().map(|(requirement, reason)| Finding {
            rule: Rule::Unreadable,
            severity: Severity::Warning,
            subject: distribution.name.to_string(),
            seen: format!("`{requirement}`: {reason}"),
            expected: format!(
                "a requirement as PEP 508 has it, by {} {}",
                distribution.name, distribution.version
            ),
            remedy: format!("look for a newer {}", distribution.name),
            place: None,
        })
    })
}
