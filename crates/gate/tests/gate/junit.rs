//! The report as JSON and as JUnit XML, the latter read by a reader that is not ours.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use rhapsode_gate::{BackendCheck, CheckId, Gate, GateReport, Outcome, Policy, Verdict, Writable, junit};
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::{gated, limits};

/// Reads JUnit XML with Python's own parser: suites, and of each case its name, kind and text.
const READER: &str = r#"
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.stdin.buffer).getroot()
assert root.tag == "testsuites", root.tag
def case(element):
    kinds = [child.tag for child in element if child.tag in ("failure", "skipped", "error")]
    assert len(kinds) <= 1, kinds
    text = "".join(element.itertext()).strip()
    return {"name": element.get("name"), "class": element.get("classname"), "time": float(element.get("time")),
            "kind": kinds[0] if kinds else "success", "text": text}
print(json.dumps([
    {"name": suite.get("name"), "tests": int(suite.get("tests")), "failures": int(suite.get("failures")),
     "cases": [case(element) for element in suite.iter("testcase")]}
    for suite in root.iter("testsuite")]))
"#;

fn read(xml: &str) -> Value {
    let mut python = Command::new("python3")
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is there, see scripts/setup");
    python.stdin.take().unwrap().write_all(xml.as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "{xml}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A report with every verdict: a backend that loads, and a folder that can be written to.
async fn report() -> GateReport {
    let loading = json!({ "error": { "message": "loading <40 %> & \u{1b}[31mwarm\u{1b}[0m \u{7}" } });
    let server = Server::but("/ready", Answer::Json(503, loading)).await;
    let folder = tempfile::tempdir().unwrap();
    let mut report = Gate::new(Policy::default(), limits())
        .check(BackendCheck::new(gated(&server.url, json!({})).await, limits()))
        .check(Writable { path: folder.path().to_owned(), what: "store".to_owned() })
        .run(&|_| {})
        .await;
    report.outcomes.push(Outcome::warn(CheckId::Clock, "clock", "a little off"));
    report
}

#[tokio::test]
async fn junit_has_a_suite_for_each_backend_and_one_for_the_machine() {
    let report = report().await;
    let suites = read(&junit(&report));
    assert_eq!(suites[0]["name"], "tts");
    assert_eq!(suites[1]["name"], "machine");
    assert_eq!(suites.as_array().unwrap().len(), 2);
    let cases = |suite: usize| suites[suite]["cases"].as_array().unwrap();
    assert_eq!(cases(0).len() + cases(1).len(), report.outcomes.len());
    assert_eq!(suites[0]["failures"], report.with(Verdict::Fail).count());
    let failure = cases(0).iter().find(|case| case["kind"] == "failure").unwrap();
    assert_eq!(failure["name"], "RHA-NET-002 the backend is ready: tts");
    let text = failure["text"].as_str().unwrap();
    assert!(text.contains("loading <40 %> &") && text.contains("remedy: wait"), "{text}");
    assert!(cases(0).iter().any(|case| case["kind"] == "skipped"));
    let warning = &cases(1)[1];
    assert_eq!(warning["kind"], "success");
    assert!(warning["text"].as_str().unwrap().starts_with("warning"), "{warning}");
}

#[tokio::test]
async fn json_reads_back_and_has_its_schema_and_the_ids() {
    let report = report().await;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["schema"], GateReport::SCHEMA);
    assert_eq!(json["verdict"], "fail");
    assert_eq!(json["outcomes"][0]["id"], "RHA-NET-001");
    assert_eq!(json["outcomes"][0]["backend"], "tts");
    assert_eq!(serde_json::from_value::<GateReport>(json).unwrap(), report);
}
