//! The gate over real connections and real files: every check with each of its verdicts.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod dependencies;
mod documentation;
mod hanging;
mod identity;
mod junit;
mod machine;
mod policy;
mod proof;
mod reach;
mod reference;
mod server;
mod voice;

use std::{collections::BTreeMap, time::Duration};

use rhapsode_gate::{
    BackendCheck, CheckId, Gate, GateLimits, GateReport, GatedBackend, Outcome, Policy, Verdict,
};
use rhapsode_speech::{BackendSettings, ProbeVoice, open_backend};
use serde_json::{Value, json};
use server::Server;

/// Settings of a backend at this address.
fn settings(url: &str, options: Value) -> BackendSettings {
    let mut all = json!({ "name": "tts", "kind": "openai", "url": url, "formats": ["wav"] });
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn voice() -> ProbeVoice {
    ProbeVoice {
        voice: "ann".to_owned(),
        reference: None,
        language: "en-GB".to_owned(),
        parameters: BTreeMap::new(),
    }
}

/// A backend as the engine hands it in.
async fn gated(url: &str, options: Value) -> GatedBackend {
    let settings = settings(url, options);
    GatedBackend {
        name: settings.name.clone(),
        address: settings.address(),
        opened: open_backend(&settings).await.map(|mut opened| opened.remove(0)),
        expected: settings.expectation(),
        voice: voice(),
    }
}

fn limits() -> GateLimits {
    GateLimits { total: Duration::from_secs(30), ..GateLimits::default() }
}

/// What the gate says of a backend.
async fn check(backend: GatedBackend) -> GateReport {
    Gate::new(Policy::default(), limits()).check(BackendCheck::new(backend, limits())).run(&|_| {}).await
}

/// What the gate says of a server with these options.
async fn check_server(server: &Server, options: Value) -> GateReport {
    check(gated(&server.url, options).await).await
}

/// The one outcome of a check.
fn only(report: &GateReport, id: CheckId) -> &Outcome {
    let mut outcomes = report.outcomes.iter().filter(|outcome| outcome.id == id);
    let outcome = outcomes.next().unwrap_or_else(|| panic!("no {id} in {:#?}", report.outcomes));
    assert_eq!(outcomes.next(), None);
    outcome
}

fn verdict(report: &GateReport, id: CheckId) -> Verdict {
    only(report, id).verdict
}
