//! What the parsers make of dependency reports and of the artifacts of a build.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::{fs, path::Path};

use rhapsode_deps::{DepsError, Environment, Packages, Platform, Tier, open, report};
use serde_json::{Value, json};

fn environment(report_json: &Value) -> Environment {
    match report("http://127.0.0.1:5125", report_json).unwrap().packages {
        Packages::Environment(environment) => *environment,
        other => panic!("no environment: {other:?}"),
    }
}

fn artifacts(path: &Path) -> Environment {
    match open(path).unwrap().packages {
        Packages::Environment(environment) => *environment,
        other => panic!("no environment: {other:?}"),
    }
}

/// The example of `docs/dependency-report.md`.
fn example() -> Value {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dependency-report.md"))
            .unwrap();
    let start = page.find("```json\n").unwrap() + "```json\n".len();
    let end = start + page[start..].find("```").unwrap();
    serde_json::from_str(&page[start..end]).unwrap()
}

#[test]
fn the_example_of_the_page_is_a_report_and_nothing_of_it_is_passed_over() {
    let environment = environment(&example());
    assert_eq!(environment.target.markers.python_full_version().to_string(), "3.11.7");
    assert!(matches!(environment.target.platform, Some(Platform::Linux { glibc: (2, 36), .. })));
    let tiers: Vec<Tier> = environment.pins.iter().map(|pin| pin.tier).collect();
    assert_eq!(tiers, [Tier::Critical, Tier::Specific, Tier::Minimum]);
    assert!(environment.pins[1].reason.is_some());
    let accelerator = environment.accelerator.unwrap();
    assert_eq!(accelerator.required.as_deref(), Some("cuda"));
    assert_eq!(accelerator.capability, Some((8, 7)));
    assert_eq!(accelerator.architectures, ["sm_80", "sm_87", "compute_90"]);
    assert_eq!((accelerator.cuda, accelerator.driver_cuda), (Some((12, 4)), Some((12, 4))));
    assert_eq!(accelerator.driver.as_deref(), Some("550.54"));
    assert!(environment.verification.unwrap().failures.is_empty());
    assert_eq!(environment.built.unwrap().len(), 1);
    assert_eq!(environment.locked.unwrap().len(), 1);
    assert_eq!(environment.requested[0].to_string(), "chatterbox-tts==0.1.7");
    let numpy: Vec<bool> =
        environment.distributions.iter().filter(|d| d.name.as_ref() == "numpy").map(|d| d.shadowed).collect();
    assert_eq!(numpy, [false, true], "the copy of `duplicates` is one of its own");
}

#[test]
fn a_server_without_python_has_nothing_to_judge() {
    let rust = json!({
        "schema": 1, "program": {"name": "rhapsode", "version": "0.1.0"},
        "platform": {"system": "linux", "machine": "x86_64"},
        "python": null, "accelerator": null, "distributions": [], "encoders": [],
    });
    let subject = report("http://127.0.0.1:5123", &rust).unwrap();
    assert!(matches!(subject.packages, Packages::NoPython(None)));
}

#[test]
fn copies_are_distributions_of_their_own_whether_listed_or_told_apart() {
    let told = |distributions: Value, duplicates: Value| -> Vec<(String, bool)> {
        let report = json!({"python": "3.11.7", "distributions": distributions, "duplicates": duplicates});
        let environment = environment(&report);
        environment.distributions.iter().map(|d| (d.version.to_string(), d.shadowed)).collect()
    };
    let one = json!({"name": "numpy", "version": "1.26.4"});
    let two = json!({"name": "NumPy", "version": "2.2.6", "shadowed": true});
    let both = [("1.26.4".to_owned(), false), ("2.2.6".to_owned(), true)];
    assert_eq!(told(json!([one, two]), json!({})), both);
    assert_eq!(told(json!([one, two]), json!({"numpy": ["1.26.4", "2.2.6"]})), both);
    assert_eq!(
        told(json!([one]), json!({"numpy": ["1.26.4", {"version": "2.2.6", "location": "/x"}]})),
        both
    );
    assert_eq!(told(json!([]), json!({"numpy": ["1.26.4", "2.2.6"]})), both);
}

#[test]
fn reports_that_say_null_or_little_are_reports_and_broken_ones_are_errors() {
    let little = json!({"python": "3.12.1", "distributions": [{"name": "a", "version": "1", "requires_dist": null}],
        "pins": null, "imports": null, "duplicates": null, "requested": null, "unknown": {"key": 1}});
    assert_eq!(environment(&little).distributions.len(), 1);
    let unreadable = json!({"python": "3.12.1", "distributions": [{"name": "a", "version": "one"}]});
    assert_eq!(environment(&unreadable).unreadable[0].0, "a");
    for broken in [
        json!({"schema": 2}),
        json!({"distributions": [{"name": "a", "version": "1"}]}),
        json!({"distributions": "many"}),
        json!({"python": "three"}),
        json!({"python": "3.12.1", "pins": [{"requirement": "a=>", "tier": "critical"}]}),
        json!({"python": "3.12.1", "pins": [{"requirement": "a", "tier": "nice"}]}),
        json!([]),
    ] {
        let error = report("http://127.0.0.1:5125", &broken).unwrap_err();
        assert!(matches!(error, DepsError::Malformed { .. }), "{broken}: {error}");
        assert!(error.to_string().starts_with("read http://127.0.0.1:5125: "), "{error}");
    }
}

#[test]
fn the_artifacts_of_a_build_are_one_environment() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/chatterbox");
    let environment = artifacts(&fixture);
    assert_eq!(environment.distributions.len(), 125);
    assert_eq!(environment.imports.len(), 5, "the report tells most, and is read first");
    let built = environment.built.unwrap();
    assert_eq!(built.len(), 125);
    for distribution in &environment.distributions {
        assert_eq!(built[&distribution.name], distribution.version);
    }
}

#[test]
fn a_tree_beside_notes_is_an_environment_of_the_python_that_the_notes_tell() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sesame-seed-broken");
    let folder = tempfile::tempdir().unwrap();
    let artifacts_folder = folder.path().join("dependency_artifacts");
    let notes = folder.path().join("environment_info");
    fs::create_dir_all(&artifacts_folder).unwrap();
    fs::create_dir_all(&notes).unwrap();
    fs::copy(fixture.join("dependency_tree.json"), artifacts_folder.join("dependency_tree.json")).unwrap();
    fs::copy(fixture.join("frozen_deps.txt"), notes.join("frozen_deps.txt")).unwrap();
    fs::write(artifacts_folder.join("requirements.lock.txt"), "numpy==1.26.4\nsix==1 ; os_name == 'nt'\n")
        .unwrap();
    let text =
        "Python: 3.12.1\nPlatform: Linux-5.15.0-tegra-aarch64-with-glibc2.35\nTorch: 2.2.0\nCUDA: 12.2\n";
    fs::write(notes.join("environment.txt"), text).unwrap();
    let environment = artifacts(&artifacts_folder);
    assert_eq!(environment.target.markers.platform_machine(), "aarch64");
    assert_eq!(environment.target.markers.python_version().to_string(), "3.12");
    assert!(matches!(environment.target.platform, Some(Platform::Linux { glibc: (2, 35), .. })));
    assert_eq!(environment.accelerator.unwrap().cuda, Some((12, 2)));
    assert_eq!(environment.locked.unwrap().len(), 1, "what is locked for Windows is not locked here");
    let torchtune = environment.distributions.iter().find(|d| d.name.as_ref() == "torchtune").unwrap();
    assert!(torchtune.requires.iter().any(|requirement| requirement.to_string() == "numpy<=1.26.4"));
    assert_eq!(environment.built.unwrap().len(), environment.distributions.len());
}
