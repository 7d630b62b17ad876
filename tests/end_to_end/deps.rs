//! `rhapsode deps`: real environments and locks, judged by the built program. What must be found in each stands in
//! `KNOWN`; no more and no fewer errors count as right.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use insta::assert_snapshot;
use rhapsode_tests::{
    Outcome, World,
    fleet::Fleet,
    program,
    speech_server::{Condition, Settings},
    workspace,
};
use serde_json::Value;

/// The gate's exit code.
const REFUSED: Option<i32> = Some(10);

fn fixtures() -> PathBuf {
    workspace().join("crates/deps/tests/fixtures")
}

/// Runs a command of `rhapsode deps` where the fixtures are, without any index of this machine.
fn deps(world: &World, arguments: &[&str]) -> Outcome {
    command(world, arguments).output().unwrap().into()
}

fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command([&["deps"], arguments].concat());
    for name in ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "VIRTUAL_ENV"] {
        command.env_remove(name);
    }
    command.env("PIP_CONFIG_FILE", "/dev/null").current_dir(fixtures());
    command
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}\n{}", outcome.stdout, outcome.stderr))
}

/// A reference environment, the Python that a lock is judged for, and its errors: rule and subject.
struct Known {
    input: &'static str,
    python: Option<&'static str>,
    errors: &'static [(&'static str, &'static str)],
}

const fn known(
    input: &'static str,
    python: Option<&'static str>,
    errors: &'static [(&'static str, &'static str)],
) -> Known {
    Known { input, python, errors }
}

const KNOWN: [Known; 11] = [
    known("chatterbox/pip_inspect.json", None, &[]),
    known("chatterbox/dependencies_report.json", None, &[]),
    known("chatterbox/dependencies_report_broken_perth.json", None, &[("RHA-DEP-009", "perth")]),
    known("sesame-transformers/pip_inspect.json", None, &[]),
    known("sesame-seed-broken/pip_inspect.json", None, &[("RHA-DEP-002", "numpy")]),
    known("sesame-seed/requirements.lock.txt", Some("3.11"), &[("RHA-DEP-012", "--find-links")]),
    known("sesame-seed/requirements.universal.lock.txt", Some("3.11"), &[]),
    known("chatterbox-014/requirements.lock.txt", Some("3.10"), &[]),
    known("chatterbox-014/requirements.lock.txt", Some("3.12"), &[]),
    known("test-venv/requirements.lock.txt", Some("3.12"), &[]),
    known("conflict/numpy2-forced.in", Some("3.10"), &[("RHA-DEP-002", "numpy")]),
];

#[test]
fn each_reference_environment_has_exactly_the_errors_that_it_is_known_to_have() {
    let world = World::new();
    for Known { input, python, errors: expected } in KNOWN {
        let mut arguments = vec!["check", input, "--format", "json"];
        if let Some(python) = python {
            arguments.extend(["--platform", "x86_64", "--python", python]);
        }
        let outcome = deps(&world, &arguments);
        let report = json(&outcome);
        let findings = report["inputs"][0]["findings"].as_array().unwrap();
        let errors: Vec<&Value> = findings.iter().filter(|finding| finding["severity"] == "error").collect();
        assert_eq!(errors.len(), expected.len(), "{input}: {errors:#?}");
        for (error, (rule, subject)) in errors.iter().zip(expected) {
            assert_eq!(error["rule"], *rule, "{input}: {error}");
            assert!(error["subject"].as_str().unwrap().contains(subject), "{input}: {error}");
        }
        assert_eq!(report["passed"], expected.is_empty());
        assert_eq!(outcome.code, if expected.is_empty() { Some(0) } else { REFUSED }, "{input}");
    }
}

#[test]
fn several_inputs_are_judged_at_once_and_one_bad_one_is_enough() {
    let world = World::new();
    let outcome = deps(
        &world,
        &["check", "chatterbox/pip_inspect.json", "sesame-seed-broken/pip_inspect.json", "--format", "json"],
    );
    assert_eq!(outcome.code, REFUSED);
    let report = json(&outcome);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["errors"], 1);
    let inputs = report["inputs"].as_array().unwrap();
    assert_eq!(inputs[0]["packages"], 125);
    assert_eq!(inputs[1]["packages"], 83);
    assert_eq!(inputs[1]["kind"], "environment");
    assert!(inputs[1]["target"]["python"].as_str().unwrap().starts_with("3."));
}

/// A command with its exit code and everything it says.
fn told(world: &World, arguments: &[&str]) -> String {
    let outcome = deps(world, arguments);
    let mut text = format!("$ rhapsode deps {}\n{}{}", arguments.join(" "), outcome.stdout, outcome.stderr);
    let _ = write!(text, "exit code {}", outcome.code.unwrap());
    text
}

fn all(world: &World, commands: &[&[&str]]) -> String {
    commands.iter().map(|arguments| told(world, arguments)).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn findings_are_told_to_people_like_this() {
    let world = World::new();
    assert_snapshot!(all(
        &world,
        &[
            &[
                "check",
                "chatterbox/dependencies_report_broken_perth.json",
                "sesame-seed-broken/pip_inspect.json"
            ],
            &["check", "conflict/numpy2-forced.in", "--python", "3.10", "--platform", "x86_64"],
        ]
    ));
}

#[test]
fn what_cannot_be_judged_is_told_like_this() {
    let world = World::new();
    assert_snapshot!(all(
        &world,
        &[
            &["check", "nowhere.json"],
            &["check", "chatterbox/pip_inspect.json", "--platform", "sparc", "--python", "3.11"],
            &["check", "sesame-seed/requirements.lock.txt", "--platform", "aarch64"],
            &["check", "sesame-seed/requirements.lock.txt", "--python", "eleven"],
            &["wheels", "chatterbox/pip_inspect.json", "--python", "3.11"],
            &["wheels", "sesame-seed/requirements.lock.txt", "--python", "3.11"],
            &["explain", "numpy"],
        ]
    ));
}

/// Real pins, with real pages in the fixtures for all but the last.
const PINS: &str = "bitsandbytes==0.45.5\nmoshi==0.2.2\nnumpy==1.25.2\nsphn==0.2.1\ntorch==2.2.0\ntorchtune==0.3.0\n\
                    pywin32==311 ; sys_platform == \"win32\"\ntqdm==4.67.1\n";

#[test]
fn wheels_that_a_platform_lacks_are_told_like_this() {
    let world = World::new();
    world.write("requirements.lock.txt", PINS);
    let pages = fixtures().join("index");
    let arguments = ["wheels", "requirements.lock.txt", "--platform", "x86_64", "--platform", "aarch64"];
    let arguments = [&arguments[..], &["--python", "3.11", "--pages", pages.to_str().unwrap()]].concat();
    let outcome = command(&world, &arguments).current_dir(world.path("")).output().unwrap();
    assert_eq!(outcome.status.code(), REFUSED);
    assert_snapshot!(String::from_utf8(outcome.stdout).unwrap());
}

#[test]
fn packages_are_explained_and_trees_and_changes_shown_like_this() {
    let world = World::new();
    assert_snapshot!(all(
        &world,
        &[
            &["explain", "numpy", "sesame-seed-broken/pip_inspect.json"],
            &["tree", "sesame-seed-broken/pip_inspect.json", "--critical", "numpy,torchtune"],
            &["diff", "sesame-transformers/pip_inspect.json", "sesame-seed-broken/pip_inspect.json"],
            // A lock of this kind says who asks in its comments, and for which versions not at all.
            &["explain", "cffi", "test-venv/requirements.lock.txt", "--python", "3.12"],
            &["tree", "test-venv/requirements.lock.txt", "--critical", "cffi", "--python", "3.12"],
        ]
    ));
}

#[test]
fn every_answer_can_be_had_as_json_with_a_version() {
    let world = World::new();
    let inspection = "sesame-seed-broken/pip_inspect.json";
    for arguments in [
        &["tree", inspection][..],
        &["tree", inspection, "--critical", "numpy"],
        &["explain", "numpy", inspection],
        &["diff", "sesame-transformers/pip_inspect.json", inspection],
        &["wheels", "sesame-seed/requirements.lock.txt", "--python", "3.11", "--pages", "index"],
    ] {
        let outcome = deps(&world, &[arguments, &["--format", "json"]].concat());
        assert_eq!(json(&outcome)["schema"], 1, "{arguments:?}");
    }
}

/// Judges a log by the standard's own schema, with a validator that we did not write.
fn validate(log: &str) {
    let world = World::new();
    let log = world.write("log.sarif", log);
    let schema = workspace().join("tests/end_to_end/sarif/sarif-schema-2.1.0.json");
    let judge = "import json, sys, warnings; warnings.simplefilter('ignore'); import jsonschema\n\
                 schema, log = (json.load(open(path)) for path in sys.argv[1:])\n\
                 kind = jsonschema.validators.validator_for(schema)\n\
                 kind.check_schema(schema)\n\
                 errors = list(kind(schema, format_checker=jsonschema.FormatChecker()).iter_errors(log))\n\
                 sys.exit('\\n'.join(e.json_path + ': ' + e.message for e in errors) or 0)";
    // Debian's Python has jsonschema; another one first on the path may not.
    let output = Command::new("/usr/bin/python3").args(["-c", judge]).args([schema, log]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn sarif_is_valid_and_names_rules_files_and_lines() {
    let world = World::new();
    let lock = "sesame-seed/requirements.lock.txt";
    let checked = deps(
        &world,
        &[
            "check",
            lock,
            "chatterbox/pip_inspect.json",
            "sesame-seed-broken/pip_inspect.json",
            "--format",
            "sarif",
        ],
    );
    assert_eq!(checked.code, REFUSED);
    validate(&checked.stdout);
    let log = json(&checked);
    let run = &log["runs"][0];
    let leaked = run["results"].as_array().unwrap().iter().find(|r| r["ruleId"] == "RHA-DEP-012").unwrap();
    assert_eq!(leaked["level"], "error");
    let place = &leaked["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], lock);
    assert_eq!(place["region"]["startLine"], 7);
    let rule = &run["tool"]["driver"]["rules"][leaked["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], "RHA-DEP-012");
    assert!(!rule["help"]["text"].as_str().unwrap().is_empty());

    let wheels = deps(
        &world,
        &[
            "wheels",
            lock,
            "--platform",
            "aarch64",
            "--python",
            "3.11",
            "--pages",
            "index",
            "--format",
            "sarif",
        ],
    );
    assert_eq!(wheels.code, REFUSED);
    validate(&wheels.stdout);
    validate(&deps(&world, &["check", "chatterbox/pip_inspect.json", "--format", "sarif"]).success().stdout);
}

#[test]
fn a_speech_server_is_judged_by_the_report_that_it_gives() {
    let report = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(fixtures().join("chatterbox").join(name)).unwrap()).unwrap()
    };
    let server = |dependencies| Settings {
        condition: Condition { dependencies, ..Condition::default() },
        ..Settings::default()
    };
    let fleet = Fleet::start([
        server(Some(report("dependencies_report.json"))),
        server(Some(report("dependencies_report_broken_perth.json"))),
        server(None),
    ]);
    let world = World::new();
    let url = |n: usize| fleet.servers()[n].url();
    let _ = deps(&world, &["check", &url(0)]).success();
    let broken = deps(&world, &["check", &format!("{}/v1/dependencies", url(1))]);
    assert_eq!(broken.code, REFUSED);
    assert!(broken.stdout.contains("RHA-DEP-009"), "{}", broken.stdout);
    let silent = deps(&world, &["check", &url(2)]);
    assert_eq!(silent.code, Some(5));
    assert!(silent.stderr.contains("no dependency report"), "{}", silent.stderr);
}

#[test]
fn a_folder_of_pages_is_an_index_when_it_is_configured_as_one() {
    let world = World::new();
    let lock = world.write("requirements.lock.txt", "moshi==0.2.2\nbitsandbytes==0.45.5\n");
    let arguments =
        ["wheels", lock.to_str().unwrap(), "--platform", "aarch64", "--python", "3.11", "--format", "json"];
    let pages = format!("file://{}", fixtures().join("index").display());
    let kinds = |outcome: Outcome| -> Vec<String> {
        let entries = json(&outcome)["entries"].as_array().unwrap().clone();
        entries.iter().map(|entry| entry["availability"][0]["kind"].as_str().unwrap().to_owned()).collect()
    };
    let configured = command(&world, &arguments).env("PIP_INDEX_URL", &pages).output().unwrap();
    assert_eq!(configured.status.code(), REFUSED);
    assert_eq!(kinds(configured.into()), ["source-only", "nothing"]);
    let file = world.write("pip.conf", format!("[global]\nindex-url = {pages}\n"));
    let configured = command(&world, &arguments).env("PIP_CONFIG_FILE", file).output().unwrap();
    assert_eq!(kinds(configured.into()), ["source-only", "nothing"]);
    // The marker that mends it.
    let lock = "moshi==0.2.2\nbitsandbytes==0.45.5 ; platform_machine == \"x86_64\"\n";
    world.write("requirements.lock.txt", lock);
    let mended = deps(&world, &[&arguments[..], &["--index", &pages]].concat()).success();
    assert_eq!(kinds(mended), ["source-only", "not-needed"]);
}

#[test]
fn a_virtual_environment_is_found_where_nothing_is_named() {
    let world = World::new();
    let made = Command::new("python3").args(["-m", "venv"]).arg(world.path(".venv")).status().unwrap();
    assert!(made.success());
    let inside = |arguments: &[&str]| -> Outcome {
        command(&world, arguments).current_dir(world.path("")).output().unwrap().into()
    };
    let _ = inside(&["check", ".venv"]).success();
    let tree = inside(&["tree"]).success();
    assert!(tree.stdout.contains("pip"), "{}", tree.stdout);
    let _ = inside(&["explain", "pip"]).success();
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let world = World::new();
    let arguments = ["check", "sesame-seed-broken/pip_inspect.json"];
    let plain = deps(&world, &arguments).stdout;
    assert!(!plain.contains('\u{1b}'));
    let coloured = command(&world, &arguments).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(coloured.stdout.contains(&0x1b));
}

/// The script beside the program, with a lock that is there and no tool of Python's.
#[test]
fn the_script_analyses_a_lock_and_ends_with_the_worst_code() {
    let world = World::new();
    let lock = world.write("requirements.lock.txt", "moshi==0.2.2\nbitsandbytes==0.45.5\n");
    let script = workspace().join("scripts/dependency/analyze");
    let run = |path: &Path| -> Outcome {
        let pages = format!("file://{}", fixtures().join("index").display());
        let mut command = Command::new(&script);
        command.arg(path).env("RHAPSODE", program()).env("PYTHON", "3.11").env("PLATFORM", "aarch64");
        command.env("PIP_INDEX_URL", pages).stdin(Stdio::null()).output().unwrap().into()
    };
    let outcome = run(&lock);
    assert_eq!(outcome.code, REFUSED, "{}\n{}", outcome.stdout, outcome.stderr);
    for step in ["== check", "== tree", "== wheels", "bitsandbytes"] {
        assert!(outcome.stdout.contains(step), "{step}: {}", outcome.stdout);
    }
    assert_eq!(run(&world.path("nowhere.in")).code, Some(2));
}
