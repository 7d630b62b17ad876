//! What the backend's own report says.

use rhapsode_deps::Rule;
use rhapsode_gate::{CheckId, Outcome, Verdict};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::{check_server, only, verdict};

fn numpy(version: &str) -> Value {
    json!([
        { "name": "numpy", "version": version, "requires_dist": [] },
        { "name": "torch", "version": "2.6.0+cu124", "requires_dist": ["numpy<2"] },
    ])
}

#[tokio::test]
async fn a_broken_requirement_fails_with_its_rule_and_the_backend_is_not_asked_to_speak() {
    let server = Server::reporting("distributions", numpy("2.2.6")).await;
    let report = check_server(&server, json!({})).await;
    let failures: Vec<_> = report.with(Verdict::Fail).collect();
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert_eq!(failures[0].id, CheckId::Dependency(Rule::OutsideRange));
    assert!(failures[0].seen.contains("2.2.6"), "{}", failures[0].seen);
    assert!(failures[0].expected.contains("<2"), "{}", failures[0].expected);
    assert!(!failures[0].remedy.is_empty());
    assert_eq!(verdict(&report, CheckId::Report), Verdict::Pass);
    assert_eq!(server.asked("/v1/audio/speech"), 0);
}

#[tokio::test]
async fn an_import_that_fails_in_the_server_fails_the_gate() {
    let imports = json!([{ "module": "perth:PerthImplicitWatermarker", "ok": false, "error": "it is None" }]);
    let server = Server::reporting("imports", imports).await;
    let report = check_server(&server, json!({})).await;
    let failure = report.with(Verdict::Fail).next().unwrap();
    assert!(failure.id.id().starts_with("RHA-DEP-00"), "{failure:?}");
}

#[tokio::test]
async fn a_report_that_cannot_be_read_fails_and_says_what_it_describes() {
    for answer in [
        Answer::Json(500, json!({ "error": { "message": "no metadata" } })),
        Answer::Json(200, json!(["numpy"])),
        Answer::Text(200, "numpy 1.26"),
        Answer::Json(200, json!({ "distributions": [{ "name": "numpy", "version": "1" }] })),
    ] {
        let server = Server::but("/v1/dependencies", answer.clone()).await;
        let report = check_server(&server, json!({})).await;
        assert_eq!(verdict(&report, CheckId::Report), Verdict::Fail, "{answer:?}");
        assert_eq!(verdict(&report, CheckId::Dependencies), Verdict::Skipped);
    }
}

#[tokio::test]
async fn a_server_without_python_passes() {
    let report = json!({ "schema": 1, "python": null, "accelerator": null, "distributions": [] });
    let server = Server::but("/v1/dependencies", Answer::Json(200, report)).await;
    let report = check_server(&server, json!({})).await;
    assert_eq!(report.verdict, Verdict::Pass, "{:#?}", report.outcomes);
    assert!(only(&report, CheckId::Report).seen.contains("no Python"));
}

#[tokio::test]
async fn an_accelerator_that_is_absent_unused_or_not_built_for_fails() {
    let accelerator = |device: Value, capability: &str| {
        json!({
            "required": "cuda", "device": device, "capability": capability,
            "architectures": ["sm_80", "sm_90"], "cuda": "12.4", "driver_cuda": "12.4",
        })
    };
    for (told, expected) in [
        (accelerator(Value::Null, "9.0"), CheckId::AcceleratorPresent),
        (accelerator(json!("cpu"), "9.0"), CheckId::Fallback),
        (accelerator(json!("cuda"), "12.0"), CheckId::Architecture),
    ] {
        let server = Server::reporting("accelerator", told).await;
        let report = check_server(&server, json!({})).await;
        let failed: Vec<CheckId> = report.with(Verdict::Fail).map(|outcome| outcome.id).collect();
        assert_eq!(failed, [expected]);
        assert_eq!(server.asked("/v1/audio/speech"), 0);
    }
}

#[tokio::test]
async fn a_gpu_that_only_the_configuration_promises_must_be_used() {
    let cpu = json!({ "required": null, "device": "cpu" });
    let server = Server::reporting("accelerator", cpu).await;
    let promised = check_server(&server, json!({ "accelerator": "cuda" })).await;
    assert_eq!(verdict(&promised, CheckId::Fallback), Verdict::Fail);
    assert_eq!(check_server(&server, json!({})).await.verdict, Verdict::Pass);
}

/// What the gate says of a backend with this report.
async fn failures(report: &str) -> Vec<Outcome> {
    let report = serde_json::from_str(report).unwrap();
    let server = Server::but("/v1/dependencies", Answer::Json(200, report)).await;
    check_server(&server, json!({})).await.with(Verdict::Fail).cloned().collect()
}

#[tokio::test]
async fn a_real_environment_of_125_distributions_passes() {
    let report = include_str!("../../../deps/tests/fixtures/chatterbox/dependencies_report.json");
    assert_eq!(failures(report).await, []);
}

#[tokio::test]
async fn a_real_environment_with_a_broken_import_fails_for_that_alone() {
    let report =
        include_str!("../../../deps/tests/fixtures/chatterbox/dependencies_report_broken_perth.json");
    let failures = failures(report).await;
    assert_eq!(failures.len(), 1, "{failures:#?}");
    assert!(failures[0].subject.contains("perth"), "{failures:?}");
    assert!(failures[0].remedy.contains("setuptools<82"), "{failures:?}");
}
