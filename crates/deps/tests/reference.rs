//! Real environments and locks, each with exactly the errors that it has: verified with Python's own `packaging`.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

use std::path::{Path, PathBuf};

use rhapsode_deps::{
    Availability, Finding, Question, Rule, SavedPages, Severity, Subject, Target, coverage, judge, open,
};

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

fn subject(path: &str) -> Subject {
    open(&fixture(path)).unwrap()
}

fn target(python: &str, platform: &str) -> Target {
    Target::cpython(&python.parse().unwrap(), platform.parse().unwrap())
}

fn errors(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

/// Rule and subject of each error of a file, judged by itself.
fn errors_of(path: &str) -> Vec<(Rule, String)> {
    errors_for(path, &Question::default())
}

fn errors_for(path: &str, question: &Question<'_>) -> Vec<(Rule, String)> {
    let findings = judge(&subject(path), question);
    let told = errors(&findings).into_iter().map(|finding| (finding.rule, finding.subject.clone()));
    told.collect()
}

#[test]
fn healthy_environments_have_no_error() {
    for path in [
        "chatterbox/pip_inspect.json",
        "chatterbox/dependencies_report.json",
        "sesame-transformers/pip_inspect.json",
    ] {
        assert_eq!(errors_of(path), [], "{path}");
    }
}

#[test]
fn a_broken_perth_is_one_error_with_its_remedy() {
    let findings = judge(&subject("chatterbox/dependencies_report_broken_perth.json"), &Question::default());
    let [error] = errors(&findings)[..] else { panic!("{findings:#?}") };
    assert_eq!(
        (error.rule, error.subject.as_str()),
        (Rule::AttributeMissing, "perth:PerthImplicitWatermarker")
    );
    assert!(error.remedy.contains("setuptools<82"), "{}", error.remedy);
}

#[test]
fn a_numpy_too_new_for_torchtune_is_one_error_that_names_both() {
    let findings = judge(&subject("sesame-seed-broken/pip_inspect.json"), &Question::default());
    let [error] = errors(&findings)[..] else { panic!("{findings:#?}") };
    assert_eq!((error.rule, error.subject.as_str()), (Rule::OutsideRange, "numpy"));
    assert_eq!(error.seen, "numpy 2.2.6");
    assert_eq!(error.expected, "numpy<=1.26.4, by torchtune 0.3.0");
    assert!(error.remedy.contains("`numpy>=1.26.0,<=1.26.4`"), "{}", error.remedy);
}

#[test]
fn the_sesame_lock_has_its_leaked_folder_and_is_consistent_where_it_was_made_for() {
    let leak = [(Rule::LeakedOption, "--find-links".to_owned())];
    assert_eq!(errors_of("sesame-seed/requirements.lock.txt"), leak);
    let question = Question { target: Some(target("3.11", "linux-x86_64")), ..Question::default() };
    assert_eq!(errors_for("sesame-seed/requirements.lock.txt", &question), leak);
    assert_eq!(errors_for("sesame-seed/requirements.universal.lock.txt", &question), []);
}

#[test]
fn on_aarch64_the_sesame_locks_lack_a_file_and_have_two_sources() {
    let pages = SavedPages::open(&fixture("index")).unwrap();
    for path in ["sesame-seed/requirements.lock.txt", "sesame-seed/requirements.universal.lock.txt"] {
        let question = Question {
            target: Some(target("3.11", "linux_aarch64")),
            index: Some(&pages),
            ..Question::default()
        };
        let findings = judge(&subject(path), &question);
        let of = |rule| {
            let told = findings.iter().filter(move |finding| finding.rule == rule);
            told.map(|finding| finding.subject.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(of(Rule::NoWheel), ["bitsandbytes"], "{path}");
        assert_eq!(of(Rule::SourceOnly), ["moshi", "sphn"], "{path}");
        let nothing = findings.iter().find(|finding| finding.rule == Rule::NoWheel).unwrap();
        assert!(nothing.remedy.contains("bitsandbytes 0.46.0 can be had"), "{}", nothing.remedy);
        assert!(nothing.place.as_ref().unwrap().line.is_some());
    }
}

#[test]
fn the_old_chatterbox_lock_is_sound_on_python_3_10_and_builds_numpy_on_3_12() {
    let path = "chatterbox-014/requirements.lock.txt";
    assert_eq!(errors_of(path), []);
    let pages = SavedPages::open(&fixture("index")).unwrap();
    let source_only = |python: &str| {
        let question =
            Question { target: Some(target(python, "x86_64")), index: Some(&pages), ..Question::default() };
        let findings = judge(&subject(path), &question);
        assert_eq!(errors(&findings), Vec::<&Finding>::new(), "{python}");
        let told = findings.into_iter().filter(|finding| finding.rule == Rule::SourceOnly);
        told.map(|finding| finding.subject).collect::<Vec<_>>()
    };
    assert_eq!(source_only("3.10"), ["pkuseg"]);
    assert_eq!(source_only("3.12"), ["numpy", "pkuseg"]);
}

#[test]
fn the_lock_of_the_tests_has_no_error() {
    assert_eq!(errors_of("test-venv/requirements.lock.txt"), []);
}

#[test]
fn a_forced_numpy_2_is_one_error_before_anything_is_installed() {
    let findings = judge(&subject("conflict/numpy2-forced.in"), &Question::default());
    let [error] = errors(&findings)[..] else { panic!("{findings:#?}") };
    assert_eq!((error.rule, error.subject.as_str()), (Rule::OutsideRange, "numpy"));
    assert_eq!(error.seen, "numpy 2.2.6");
    assert_eq!(error.expected, "numpy>=1.24.0,<1.26.0, by chatterbox-tts 0.1.4");
    assert!(error.remedy.contains("no version of numpy suits all"), "{}", error.remedy);
}

#[test]
fn the_coverage_of_a_lock_names_the_file_that_an_installer_takes() {
    let pages = SavedPages::open(&fixture("index")).unwrap();
    let rhapsode_deps::Packages::Lock(lock) = subject("sesame-seed/requirements.lock.txt").packages else {
        panic!("no lock");
    };
    let targets = [target("3.11", "aarch64"), target("3.11", "x86_64"), target("3.13", "aarch64")];
    let coverage = coverage(&lock, &targets, &pages);
    let row = |name: &str| {
        let row = coverage.rows.iter().find(|row| row.name.as_ref() == name).unwrap();
        row.targets.clone()
    };
    let wheel = |file: &str| Availability::Wheel { file: file.to_owned() };
    let source = |file: &str| Availability::SourceOnly { file: file.to_owned() };
    assert_eq!(
        row("torch"),
        [
            wheel("torch-2.2.0-cp311-cp311-manylinux2014_aarch64.whl"),
            wheel("torch-2.2.0-cp311-cp311-manylinux1_x86_64.whl"),
            Availability::Nothing { instead: Some("2.6.0".to_owned()) },
        ]
    );
    assert_eq!(row("sphn")[0], source("sphn-0.2.1.tar.gz"));
    assert_eq!(row("sphn")[1], wheel("sphn-0.2.1-cp311-cp311-manylinux_2_24_x86_64.whl"));
    assert_eq!(row("moshi"), vec![source("moshi-0.2.2.tar.gz"); 3]);
    assert_eq!(row("accelerate")[0], Availability::Unknown);
}
