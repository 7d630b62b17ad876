//! What the parsers make of real environments and locks.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::path::{Path, PathBuf};

use rhapsode_deps::{Environment, Lock, Packages, open};

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

fn environment(path: &str) -> Environment {
    match open(&fixture(path)).unwrap().packages {
        Packages::Environment(environment) => *environment,
        other => panic!("{path} is no environment: {other:?}"),
    }
}

fn lock(path: &str) -> Lock {
    match open(&fixture(path)).unwrap().packages {
        Packages::Lock(lock) => *lock,
        other => panic!("{path} is no lock: {other:?}"),
    }
}

#[test]
fn every_requirement_of_the_reference_environments_parses() {
    let mut requirements = 0;
    for (path, distributions) in [
        ("chatterbox/pip_inspect.json", 125),
        ("chatterbox/dependencies_report.json", 125),
        ("chatterbox/dependencies_report_broken_perth.json", 124),
        ("sesame-transformers/pip_inspect.json", 62),
        ("sesame-seed-broken/pip_inspect.json", 83),
    ] {
        let environment = environment(path);
        assert_eq!(environment.distributions.len(), distributions, "{path}");
        assert!(environment.unreadable.is_empty(), "{path}: {:?}", environment.unreadable);
        for distribution in &environment.distributions {
            assert!(distribution.unparsable.is_empty(), "{path}: {distribution:?}");
            requirements += distribution.requires.len();
        }
    }
    println!("{requirements} requirements");
    assert!(requirements > 3500, "{requirements}");
}

#[test]
fn a_broken_import_is_a_probe_with_its_attribute() {
    let broken = environment("chatterbox/dependencies_report_broken_perth.json");
    let [probe] = broken.imports.as_slice() else { panic!("{:?}", broken.imports) };
    assert_eq!(probe.module, "perth");
    assert_eq!(probe.attribute.as_deref(), Some("PerthImplicitWatermarker"));
    assert_eq!(probe.error.as_deref(), Some("perth.PerthImplicitWatermarker is None or missing"));
    let whole = environment("chatterbox/dependencies_report.json");
    assert!(whole.imports.len() == 5 && whole.imports.iter().all(|probe| probe.error.is_none()));
}

#[test]
fn a_compiled_lock_has_its_versions_its_askers_and_its_options_with_their_lines() {
    let lock = lock("sesame-seed/requirements.lock.txt");
    assert!(lock.entries.iter().all(|entry| entry.version.is_some()));
    let [option] = lock.options.as_slice() else { panic!("{:?}", lock.options) };
    assert_eq!((option.name.as_str(), option.value.as_str(), option.line), ("--find-links", "WHEELS", 7));
    let aiohttp = lock.entries.iter().find(|entry| entry.name.as_ref() == "aiohttp").unwrap();
    assert_eq!(aiohttp.via, ["fsspec", "moshi"]);
    assert_eq!(aiohttp.line, Some(13));
}

#[test]
fn a_universal_lock_keeps_the_markers_of_its_entries() {
    let lock = lock("sesame-seed/requirements.universal.lock.txt");
    let bitsandbytes = lock.entries.iter().find(|entry| entry.name.as_ref() == "bitsandbytes").unwrap();
    assert!(!bitsandbytes.marker.is_true());
    assert_eq!(bitsandbytes.version.as_ref().unwrap().to_string(), "0.45.5");
}

#[test]
fn open_ranges_of_an_input_are_no_versions() {
    let lock = lock("sesame-seed/requirements.in");
    let fixed: Vec<&str> = lock
        .entries
        .iter()
        .filter(|entry| entry.version.is_some())
        .map(|entry| entry.name.as_ref())
        .collect();
    assert_eq!(
        fixed,
        [
            "torch",
            "torchvision",
            "torchaudio",
            "vector-quantize-pytorch",
            "torchtune",
            "torchao",
            "moshi",
            "einops"
        ]
    );
    assert_eq!(lock.entries.len(), 12);
}
