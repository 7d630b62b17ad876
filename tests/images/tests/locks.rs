//! The locks of the images, judged by the gate's own rules, and the two programs that a build takes them apart with.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use rhapsode_deps::{Lock, Packages, Question, Severity, judge, open};
use rhapsode_images_tests::{Engine, backends};

/// Every folder with a lock in it.
fn profiles() -> Vec<PathBuf> {
    let mut found = vec![backends().join("index-tts")];
    for engine in ["chatterbox", "sesame"] {
        let folder = fs::read_dir(backends().join(engine).join("profiles")).unwrap();
        found.extend(folder.map(|entry| entry.unwrap().path()));
    }
    found
}

fn lock(folder: &Path) -> Lock {
    match open(&folder.join("requirements.lock.txt")).unwrap().packages {
        Packages::Lock(lock) => *lock,
        other => panic!("{} has no lock: {other:?}", folder.display()),
    }
}

fn python(script: &str, arguments: &[&Path], options: &[&str]) -> Output {
    let mut command = Command::new("python3");
    command.arg(backends().join("locks").join(script)).args(arguments).args(options);
    command.output().unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn every_entry_of_a_lock_is_pinned_and_hashed_and_no_line_is_of_the_machine_that_made_it() {
    for profile in profiles() {
        let lock = lock(&profile);
        assert!(lock.entries.len() > 30, "{}", profile.display());
        assert!(lock.options.is_empty(), "{}: {:?}", profile.display(), lock.options);
        for entry in &lock.entries {
            assert!(entry.version.is_some(), "{}: {} is open", profile.display(), entry.name);
            assert!(!entry.hashes.is_empty(), "{}: {} has no hash", profile.display(), entry.name);
        }
    }
}

#[test]
fn the_gate_finds_nothing_wrong_with_a_lock_that_is_shipped() {
    for profile in profiles().into_iter().filter(|profile| !profile.ends_with("literal")) {
        let subject = open(&profile.join("requirements.lock.txt")).unwrap();
        let findings = judge(&subject, &Question { target: None, index: None, dead_indexes: Vec::new() });
        let errors: Vec<_> = findings.iter().filter(|one| one.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", profile.display());
    }
}

// Row 26: what nobody declares, the gate knows.
#[test]
fn the_literal_pins_of_sesame_are_refused_for_what_they_do_not_declare() {
    let subject = open(&backends().join("sesame/profiles/literal/requirements.lock.txt")).unwrap();
    let findings = judge(&subject, &Question { target: None, index: None, dead_indexes: Vec::new() });
    assert!(
        findings.iter().any(|one| one.subject == "pyarrow" && one.expected.contains("numpy>=2")),
        "{findings:#?}"
    );
    let mended = lock(&backends().join("sesame/profiles/legacy"));
    let version = |name: &str| {
        let entry = mended.entries.iter().find(|entry| entry.name.as_ref() == name).unwrap();
        entry.version.clone().unwrap().to_string()
    };
    assert_eq!((version("torchtune").as_str(), version("einops").as_str()), ("0.3.1", "0.8.0"));
    assert!(version("pyarrow").split('.').next().unwrap().parse::<u32>().unwrap() < 26);
}

// Rows 13 and 31.
#[test]
fn the_strictest_constraint_is_written_down_beside_each_lock() {
    let said = |path: &str| fs::read_to_string(backends().join(path)).unwrap();
    assert!(said("chatterbox/profiles/0.1.7/constraints.txt").contains("\nnumpy>=1.24,<2\n"));
    assert!(said("chatterbox/profiles/0.1.4/constraints.txt").contains("\nnumpy>=1.24,<1.26\n"));
    assert!(said("sesame/profiles/default/constraints.txt").contains("\nnumpy>=1.24,<2 "));
    assert!(said("sesame/profiles/legacy/constraints.txt").contains("\nnumpy>=1.24,<2 "));
    let overrides = said("sesame/profiles/legacy/overrides.txt");
    for line in ["torch==2.2.0", "torchvision==0.17.0", "torchaudio==2.2.0", "einops==0.8.0"] {
        assert!(overrides.lines().any(|one| one == line), "{line}");
    }
}

#[test]
fn every_pin_of_an_input_has_its_reason() {
    for profile in profiles().into_iter().filter(|profile| !profile.ends_with("literal")) {
        let input = fs::read_to_string(profile.join("requirements.in")).unwrap();
        for pin in input.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic())) {
            assert!(pin.contains(" # "), "{}: {pin}", profile.display());
        }
    }
}

// Row 12.
#[test]
fn the_facts_of_an_engine_try_the_operators_of_torchvision() {
    for engine in [Engine::IndexTts, Engine::Chatterbox] {
        let facts = backends().join("server/rhapsode_speech_server/dependency_facts");
        let text = fs::read_to_string(facts.join(format!("{}.json", engine.name()))).unwrap();
        assert!(text.contains("\"torchvision.ops:nms\""), "{}", engine.name());
    }
}

#[test]
fn the_parts_of_a_lock_are_the_lock() {
    for profile in profiles() {
        let out = folder("parts");
        let options =
            ["--group", "numpy=numpy", "--group", "torch=torch,torchvision,torchaudio", "--rest", "wheels"];
        let run = python("split_lock.py", &[&profile.join("requirements.lock.txt"), &out], &options);
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let names = |file: &str| -> BTreeSet<String> {
            let text = fs::read_to_string(out.join(file)).unwrap();
            let starts = text.lines().filter(|line| !line.starts_with(' '));
            starts.map(|line| line.split(['=', ' ']).next().unwrap().to_owned()).collect()
        };
        let expected: BTreeSet<String> =
            lock(&profile).entries.iter().map(|entry| entry.name.to_string()).collect();
        assert_eq!(names("pinned.txt"), expected, "{}", profile.display());
        assert!(names("numpy.txt").is_subset(&BTreeSet::from(["numpy".to_owned()])));
        let torch = ["torch", "torchaudio", "torchvision"].map(str::to_owned);
        assert_eq!(names("torch.txt"), BTreeSet::from(torch), "{}", profile.display());
        assert!(fs::read_to_string(out.join("wheels.txt")).unwrap().contains("--hash=sha256:"));
        assert!(!fs::read_to_string(out.join("wheels.pinned.txt")).unwrap().contains("--hash"));
    }
}

#[test]
fn a_part_for_another_index_has_the_hashes_of_that_index_too() {
    let out = folder("also");
    let profile = backends().join("chatterbox/profiles/0.1.7");
    let options = ["--group", "torch=torch,torchvision,torchaudio", "--also"];
    let hashes = profile.join("torch-index.hashes.txt");
    let options = [&options[..], &[hashes.to_str().unwrap()]].concat();
    let run = python("split_lock.py", &[&profile.join("requirements.lock.txt"), &out], &options);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let torch = fs::read_to_string(out.join("torch.txt")).unwrap();
    for hash in
        fs::read_to_string(&hashes).unwrap().split_whitespace().filter(|word| word.starts_with("--hash"))
    {
        assert!(torch.contains(hash), "{hash}");
    }
}

#[test]
fn a_lock_without_hashes_or_with_an_index_is_refused() {
    let out = folder("refused");
    for (text, said) in [
        ("numpy==1.26.4\n", "no hash for numpy==1.26.4"),
        ("--find-links /wheels\nnumpy==1.26.4 --hash=sha256:00\n", "carries an option"),
    ] {
        let path = out.join("requirements.lock.txt");
        fs::write(&path, text).unwrap();
        let run = python("split_lock.py", &[&path, &out.join("parts")], &[]);
        assert_eq!(run.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&run.stderr).contains(said), "{run:?}");
    }
}

// Row 15.
#[test]
fn dragged_wheels_of_numpy_go_and_two_wheels_of_a_name_end_the_build() {
    let wheels = folder("wheels");
    for name in ["numpy-2.2.6-cp311-cp311-linux_x86_64.whl", "einops-0.8.0-py3-none-any.whl"] {
        fs::write(wheels.join(name), []).unwrap();
    }
    let run = python("check_wheels.py", &[&wheels], &["--drop", "numpy"]);
    assert!(run.status.success());
    assert!(!wheels.join("numpy-2.2.6-cp311-cp311-linux_x86_64.whl").exists());
    fs::write(wheels.join("einops-0.8.2-py3-none-any.whl"), []).unwrap();
    let run = python("check_wheels.py", &[&wheels], &["--drop", "numpy"]);
    assert_eq!(run.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&run.stderr).contains("einops has 2 wheels"), "{run:?}");
}
