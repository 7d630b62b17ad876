//! `rhapsode stack verify`: what a build must prove once it runs. The gate's checks, the versions that matter, and a
//! sentence that is spoken now, whatever was proved a while ago.

use std::{fmt::Write, process::ExitCode, time::Duration};

use rhapsode_engine::{
    Settings,
    gate::{Outcome, Verdict},
    speech::{ProbeVoice, SharedBackend, open_backend, speak_probe},
};
use serde_json::Value;

use super::{
    super::{Context, print},
    Stack,
    containers::{self, Container},
    gate::{self, Word},
};
use crate::{
    args::stack::StackNames,
    failure::{Failure, Kind},
    findings,
};

/// Distributions whose versions are told: what an engine stands or falls with.
const TOLD: [&str; 6] = ["torch", "torchaudio", "torchvision", "numpy", "transformers", "accelerate"];

/// `/health` is answered at once, or something is wrong.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Whether a check passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Pass,
    Fail,
}

/// What was verified of a container, a line each.
#[derive(Debug, Default)]
struct Verified {
    lines: Vec<(Check, &'static str, String)>,
}

pub(super) async fn run(stack: &Stack, names: &StackNames, context: &Context) -> Result<ExitCode, Failure> {
    let services = stack.file.select(&names.names)?;
    let containers = containers::of(stack, &services)?;
    let settings = gate::settings(context)?;
    let (mut text, mut failed) = (String::new(), false);
    for service in services {
        let of_it: Vec<&Container> = containers.iter().filter(|one| one.service == service).collect();
        if of_it.is_empty() {
            let _ = writeln!(
                text,
                "{service}\n  FAIL  {:<12} `rhapsode stack start {service}` starts it\n",
                "not created"
            );
            failed = true;
        }
        for container in of_it {
            let (verified, word) = match stack.file.port(service) {
                Some(_) => verify(container, &settings).await?,
                None => (Verified::of_no_server(container), None),
            };
            failed |=
                verified.has_failed() || word.as_ref().is_some_and(|word| word.verdict() == Verdict::Fail);
            text.push_str(&block(container, &verified, word.as_ref()));
        }
    }
    let printed = print(text.trim_end())?;
    Ok(if failed { Kind::Gate.into() } else { printed })
}

async fn verify(container: &Container, settings: &Settings) -> Result<(Verified, Option<Word>), Failure> {
    let mut verified = Verified::default();
    let (Some(url), true) = (&container.url, container.is_running()) else {
        verified.fail("container", format!("{}, and has to run", container.state));
        return Ok((verified, None));
    };
    match health(url).await {
        Ok(()) => verified.pass("health", "200 OK".to_owned()),
        Err(reason) => verified.fail("health", reason),
    }
    let word = gate::ask(container, settings).await?;
    let backend = match gate::backend(container) {
        Some(backend) => open_backend(&backend).await.ok().and_then(|opened| opened.into_iter().next()),
        None => None,
    };
    if let Some(backend) = backend {
        let report = backend.dependencies().await.ok().flatten().unwrap_or_default();
        verified.lines.extend(told(&report).map(|(name, seen)| (Check::Pass, name, seen)));
        verified.speak(&backend).await;
    }
    Ok((verified, word))
}

async fn health(url: &str) -> Result<(), String> {
    // A proxy is for other machines.
    let client = reqwest::Client::builder().no_proxy().timeout(AT_ONCE).build();
    let client = client.map_err(|error| error.to_string())?;
    let answer = client.get(format!("{url}/health")).send().await;
    let status = answer.map_err(|_| "no answer".to_owned())?.status();
    if status.is_success() { Ok(()) } else { Err(status.to_string()) }
}

/// What a dependency report says of the build: Python, the versions that matter, and what it computes on.
fn told(report: &Value) -> impl Iterator<Item = (&'static str, String)> {
    let python = report["environment"]["python_full_version"].as_str().map(str::to_owned);
    let empty = Vec::new();
    let installed = report["distributions"].as_array().unwrap_or(&empty);
    let version = |name: &&str| {
        let of = installed.iter().find(|distribution| distribution["name"] == **name)?;
        Some(format!("{name} {}", of["version"].as_str()?))
    };
    let versions: Vec<String> = TOLD.iter().filter_map(version).collect();
    let accelerator = &report["accelerator"];
    let parts = [("", "device"), ("", "name"), ("CUDA ", "cuda"), ("driver ", "driver")];
    let part = |(word, key): (&str, &str)| Some(format!("{word}{}", accelerator[key].as_str()?));
    let computes: Vec<String> = parts.into_iter().filter_map(part).collect();
    let lines = [
        ("python", python.unwrap_or_default()),
        ("versions", versions.join(", ")),
        ("accelerator", computes.join(", ")),
    ];
    lines.into_iter().filter(|(_, seen)| !seen.is_empty())
}

impl Verified {
    /// What can be said of a service that nobody asks anything: that it runs.
    fn of_no_server(container: &Container) -> Self {
        let mut verified = Self::default();
        if container.is_running() {
            verified.pass("container", container.state.clone());
        } else {
            verified.fail("container", format!("{}, and has to run", container.state));
        }
        verified
    }

    fn pass(&mut self, name: &'static str, seen: String) {
        self.lines.push((Check::Pass, name, seen));
    }

    fn fail(&mut self, name: &'static str, seen: String) {
        self.lines.push((Check::Fail, name, seen));
    }

    fn has_failed(&self) -> bool {
        self.lines.iter().any(|(check, ..)| *check == Check::Fail)
    }

    /// Has a sentence spoken: proofs that are kept do not count after a build.
    async fn speak(&mut self, backend: &SharedBackend) {
        match speak_probe(&**backend, &ProbeVoice::first_of(&**backend), 0).await {
            Ok(report) if report.passed() => {
                let (seconds, pace) = (report.seconds_of_audio, report.times_real_time());
                self.pass("speech", format!("{seconds:.1} s, {pace:.1} times real time"));
            }
            Ok(report) => {
                let breaches: Vec<String> =
                    report.findings.breaches.iter().map(ToString::to_string).collect();
                self.fail("speech", breaches.join(", "));
            }
            Err(error) => self.fail("speech", format!("failed to {error}")),
        }
    }
}

fn block(container: &Container, verified: &Verified, word: Option<&Word>) -> String {
    let url = container.url.as_deref().unwrap_or_default();
    let mut text = format!("{}  {}  {url}", container.service, container.image).trim_end().to_owned();
    text.push('\n');
    for (check, name, seen) in &verified.lines {
        let verdict = if *check == Check::Pass { "pass" } else { "FAIL" };
        let _ = writeln!(text, "  {verdict}  {name:<12} {seen}");
    }
    if let Some(word) = word {
        let verdict = match word.verdict() {
            Verdict::Fail => "FAIL",
            Verdict::Warn => "WARN",
            _ => "pass",
        };
        let count = word.outcomes.iter().filter(|outcome| outcome.verdict != Verdict::Skipped).count();
        let _ = writeln!(text, "  {verdict}  {:<12} {count} checks", "gate");
        let bad = |outcome: &&Outcome| matches!(outcome.verdict, Verdict::Fail | Verdict::Warn);
        for outcome in word.outcomes.iter().filter(bad) {
            let _ = writeln!(text, "      {}", findings::line(outcome));
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_build_its_python_its_versions_and_its_accelerator_are_told() {
        let report = json!({
            "environment": { "python_full_version": "3.11.7" },
            "distributions": [
                { "name": "numpy", "version": "1.26.4" }, { "name": "torch", "version": "2.6.0+cu124" },
                { "name": "idna", "version": "3.10" },
            ],
            "accelerator": { "required": "cuda", "device": "cuda", "name": "Orin", "cuda": "12.4", "driver": null },
        });
        let told: Vec<_> = told(&report).collect();
        let wanted = [
            ("python", "3.11.7"),
            ("versions", "torch 2.6.0+cu124, numpy 1.26.4"),
            ("accelerator", "cuda, Orin, CUDA 12.4"),
        ];
        assert_eq!(told, wanted.map(|(name, seen)| (name, seen.to_owned())));
        assert_eq!(super::told(&Value::Null).count(), 0);
    }
}
