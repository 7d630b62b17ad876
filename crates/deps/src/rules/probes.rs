//! What a server found when it imported what its engine uses, and what the build said of itself.

use crate::{Environment, Finding, ImportProbe, Rule, Severity, knowledge};

pub(crate) fn judge(environment: &Environment) -> Vec<Finding> {
    let mut findings: Vec<Finding> = environment.imports.iter().filter_map(failed).collect();
    let failures = environment.verification.iter().flat_map(|verification| &verification.failures);
    findings.extend(failures.map(|failure| Finding {
        rule: Rule::VerificationFailed,
        severity: Severity::Error,
        subject: "build".to_owned(),
        seen: failure.clone(),
        expected: "a build whose own verification passed".to_owned(),
        remedy: "build the backend's image again and read the end of its log".to_owned(),
        place: None,
    }));
    findings
}

fn failed(probe: &ImportProbe) -> Option<Finding> {
    let error = probe.error.as_ref()?;
    // The attribute is looked for after the import, so an import that fails says nothing of it.
    let attribute = probe.attribute.as_ref().filter(|_| !error.contains("No module named"));
    let module = &probe.module;
    let (rule, subject, expected) = match attribute {
        Some(attribute) => (
            Rule::AttributeMissing,
            format!("{module}:{attribute}"),
            format!("{module}.{attribute}, and not None"),
        ),
        None => (Rule::ImportFailed, module.clone(), format!("`import {module}` works")),
    };
    Some(Finding {
        rule,
        severity: Severity::Error,
        subject,
        seen: error.clone(),
        expected,
        remedy: knowledge::probe_remedy(module).map_or_else(
            || format!("run `python -c 'import {module}'` in the backend's environment for the whole error"),
            str::to_owned,
        ),
        place: None,
    })
}
