//! Nights that were lost to dependencies, each as it happened, and each rule's verdict.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

use std::{collections::BTreeMap, path::Path};

use pep440_rs::Version;
use pep508_rs::{PackageName, Requirement};
use rhapsode_deps::{
    Availability, Distribution, Environment, Finding, ImportProbe, IndexFile, Kind, Lock, Packages, Pin,
    Pinned, Provenance, Question, Rule, SavedPages, Severity, Subject, Target, Tier, Verification, WheelFile,
    WheelFolder, coverage, diff, explain, judge, open, read, satisfies, tree,
};

fn name(text: &str) -> PackageName {
    text.parse().unwrap()
}

fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn target(python: &str, platform: &str) -> Target {
    Target::cpython(&version(python), platform.parse().unwrap())
}

/// `numpy 2.2.6`, with what it asks for.
fn distribution(label: &str, requires: &[&str]) -> Distribution {
    let (name, version) = label.split_once(' ').unwrap();
    Distribution {
        name: self::name(name),
        version: self::version(version),
        requires: requires.iter().map(|text| text.parse().unwrap()).collect(),
        unparsable: Vec::new(),
        requires_python: None,
        extras: Vec::new(),
        provenance: Provenance::Index,
        metadata_path: None,
        shadowed: false,
    }
}

fn environment(distributions: Vec<Distribution>) -> Environment {
    Environment { distributions, ..Environment::new(target("3.11.7", "linux-x86_64")) }
}

fn subject(environment: Environment) -> Subject {
    Subject { name: "environment".to_owned(), packages: Packages::Environment(Box::new(environment)) }
}

fn findings(environment: Environment) -> Vec<Finding> {
    judge(&subject(environment), &Question::default())
}

fn lock(text: &str) -> Subject {
    read(Kind::Requirements, "requirements.lock.txt", text.as_bytes()).unwrap()
}

fn entries(subject: &Subject) -> &Lock {
    let Packages::Lock(lock) = &subject.packages else { panic!("no lock") };
    lock
}

fn folder(wheels: &[&str]) -> Subject {
    let wheels = wheels.iter().map(|file_name| {
        let mut parts = file_name.split('-');
        let label = format!("{} {}", parts.next().unwrap(), parts.next().unwrap());
        WheelFile { file_name: (*file_name).to_owned(), distribution: distribution(&label, &[]) }
    });
    let folder = WheelFolder {
        path: "wheels".into(),
        wheels: wheels.collect(),
        sources: Vec::new(),
        unreadable: Vec::new(),
    };
    Subject { name: "wheels".to_owned(), packages: Packages::Wheels(Box::new(folder)) }
}

/// Rule, severity and subject of each finding.
fn told(findings: &[Finding]) -> Vec<(Rule, Severity, &str)> {
    findings.iter().map(|finding| (finding.rule, finding.severity, finding.subject.as_str())).collect()
}

use Severity::{Error, Warning};

#[test]
fn numpy_1_25_2_and_2_2_6_in_one_wheel_directory_are_one_error() {
    let two = folder(&[
        "numpy-1.25.2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "numpy-2.2.6-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
    ]);
    let found = judge(&two, &Question::default());
    assert_eq!(told(&found), [(Rule::TwoWheels, Error, "numpy")]);
    assert!(found[0].seen.contains("numpy-1.25.2") && found[0].seen.contains("numpy-2.2.6"));
}

#[test]
fn wheels_of_one_name_for_other_pythons_and_platforms_are_no_error() {
    let apart = folder(&[
        "numpy-1.25.2-cp310-cp310-manylinux2014_x86_64.whl",
        "numpy-2.2.6-cp311-cp311-manylinux2014_x86_64.whl",
        "numpy-2.2.6-cp311-cp311-manylinux2014_aarch64.whl",
        "numpy-2.2.6-cp311-cp311-win_amd64.whl",
        "safetensors-0.5.3-cp38-abi3-manylinux2014_x86_64.whl",
        "safetensors-0.5.3-cp38-abi3-manylinux_2_28_x86_64.whl",
    ]);
    assert_eq!(told(&judge(&apart, &Question::default())), []);
    let builds = folder(&["x-1.0-1-py3-none-any.whl", "x-1.0-2-py3-none-any.whl"]);
    assert_eq!(told(&judge(&builds, &Question::default())), [(Rule::TwoWheels, Error, "x")]);
    let stable =
        folder(&["x-1.0-cp38-abi3-manylinux2014_x86_64.whl", "x-2.0-cp311-cp311-manylinux2014_x86_64.whl"]);
    assert_eq!(told(&judge(&stable, &Question::default())), [(Rule::TwoWheels, Error, "x")]);
}

#[test]
fn chatterbox_0_1_4_with_accelerate_and_numpy_2_is_explained_before_a_build() {
    let forced = lock("chatterbox-tts==0.1.4\naccelerate==1.10.1\nnumpy==2.2.6\n");
    let found = judge(&forced, &Question::default());
    let conflict = found.iter().find(|finding| finding.rule == Rule::OutsideRange).unwrap();
    assert_eq!((conflict.severity, conflict.subject.as_str()), (Error, "numpy"));
    assert_eq!(conflict.expected, "numpy>=1.24.0,<1.26.0, by chatterbox-tts 0.1.4");
    assert_eq!(conflict.place.as_ref().unwrap().line, Some(3));

    let pages =
        SavedPages::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/index")).unwrap();
    let question = Question { index: Some(&pages), ..Question::default() };
    let explanation = explain(&forced, &name("numpy"), &question).unwrap();
    assert_eq!(explanation.there, ["2.2.6"]);
    assert_eq!(explanation.asked[0].by, "chatterbox-tts 0.1.4");
    assert!(!explanation.asked[0].met);
    assert_eq!(explanation.asked[1].by, "accelerate 1.10.1");
    assert!(explanation.asked[1].met);
    assert_eq!(explanation.pin, Pinned::Change { version: "1.25.2".to_owned() });
    assert!(explanation.lesson.contains("strictest constraint"));

    let settled = lock("chatterbox-tts==0.1.4\naccelerate==1.10.1\nnumpy==1.25.2\n");
    assert!(judge(&settled, &Question::default()).iter().all(|finding| finding.rule != Rule::OutsideRange));
}

#[test]
fn perth_broken_by_setuptools_82_is_told_with_its_remedy() {
    let mut broken =
        environment(vec![distribution("resemble-perth 1.0.1", &[]), distribution("setuptools 82.0.1", &[])]);
    assert_eq!(told(&findings(broken.clone())), [(Rule::Undeclared, Warning, "resemble-perth")]);
    broken.imports.push(ImportProbe {
        module: "perth".to_owned(),
        attribute: Some("PerthImplicitWatermarker".to_owned()),
        error: Some("perth.PerthImplicitWatermarker is None or missing".to_owned()),
    });
    let found = findings(broken);
    assert_eq!(
        told(&found),
        [
            (Rule::AttributeMissing, Error, "perth:PerthImplicitWatermarker"),
            (Rule::Undeclared, Warning, "resemble-perth")
        ]
    );
    assert!(found[0].remedy.contains("setuptools<82"));
    let whole =
        environment(vec![distribution("resemble-perth 1.0.1", &[]), distribution("setuptools 81.0.0", &[])]);
    assert_eq!(told(&findings(whole)), []);
}

#[test]
fn torchtune_broken_by_an_undeclared_pyarrow_is_told_with_its_remedy() {
    let installed = |pyarrow: &str| {
        environment(vec![
            distribution("torchtune 0.3.0", &["datasets", "numpy<=1.26.4"]),
            distribution("datasets 5.0.1", &["pyarrow>=21.0.0", "numpy>=1.17"]),
            distribution(pyarrow, &[]),
            distribution("numpy 1.26.4", &[]),
            distribution("torch 2.2.0", &[]),
            distribution("torchao 0.1", &[]),
            distribution("torchvision 0.17.0", &[]),
        ])
    };
    let mut broken = installed("pyarrow 26.0.1");
    broken.imports.push(ImportProbe {
        module: "torchtune".to_owned(),
        attribute: None,
        error: Some("ImportError: pyarrow requires NumPy 2.0 or newer, found 1.26.4".to_owned()),
    });
    let found = findings(broken);
    assert_eq!(
        told(&found),
        [(Rule::ImportFailed, Error, "torchtune"), (Rule::Undeclared, Warning, "pyarrow")]
    );
    assert!(found[0].remedy.contains("pyarrow<26"), "{}", found[0].remedy);
    assert_eq!(found[1].remedy, "choose another version of pyarrow: what others ask for excludes numpy>=2");
    assert_eq!(told(&findings(installed("pyarrow 25.0.0"))), []);
}

#[test]
fn torchtune_without_llama3_2_and_a_torchvision_without_nms_have_their_remedies() {
    let mut broken = environment(Vec::new());
    for (module, attribute, error) in [
        ("torchtune.models.llama3_2", None, "No module named 'torchtune.models.llama3_2'"),
        ("torchvision.ops", Some("nms"), "operator torchvision::nms does not exist"),
    ] {
        broken.imports.push(ImportProbe {
            module: module.to_owned(),
            attribute: attribute.map(str::to_owned),
            error: Some(error.to_owned()),
        });
    }
    let found = findings(broken);
    assert_eq!(
        told(&found),
        [
            (Rule::ImportFailed, Error, "torchtune.models.llama3_2"),
            (Rule::AttributeMissing, Error, "torchvision.ops:nms")
        ]
    );
    assert!(found[0].remedy.contains("torchtune>=0.3.1"));
    assert!(found[1].remedy.contains("0.21.0 goes with torch 2.6.0"));
}

#[test]
fn two_numpy_dist_infos_are_one_error_and_a_layered_environment_is_none() {
    let copy = |label: &str, folder: &str, shadowed| Distribution {
        metadata_path: Some(Path::new(folder).join("numpy.dist-info")),
        shadowed,
        ..distribution(label, &[])
    };
    let asker = || distribution("torchtune 0.4.0", &["numpy"]);
    let doubled = vec![asker(), copy("numpy 1.26.4", "venv/a", false), copy("numpy 2.2.6", "venv/a", false)];
    let found = findings(environment(doubled));
    assert_eq!(told(&found), [(Rule::InstalledTwice, Error, "numpy")]);
    assert_eq!(found[0].seen, "numpy 1.26.4 and 2.2.6");
    let layered = vec![asker(), copy("numpy 1.26.4", "venv", false), copy("numpy 2.2.6", "system", true)];
    assert_eq!(told(&findings(environment(layered))), [(Rule::InstalledTwice, Warning, "numpy")]);
}

#[test]
fn two_point_two_with_cu121_satisfies_two_point_two() {
    assert!(satisfies(&version("2.2.0+cu121"), &"==2.2.0".parse().unwrap()));
    let mut pinned = environment(vec![
        distribution("torch 2.2.0+cu121", &[]),
        distribution("torchaudio 2.2.0+cu121", &["torch==2.2.0"]),
    ]);
    pinned.pins.push(Pin {
        requirement: "torch==2.2.0".parse().unwrap(),
        tier: Tier::Critical,
        reason: None,
    });
    pinned.locked = Some(BTreeMap::from([
        (name("torch"), version("2.2.0")),
        (name("torchaudio"), version("2.2.0+cu121")),
    ]));
    assert_eq!(told(&findings(pinned)), []);
}

#[test]
fn the_forked_lock_is_no_false_alarm() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/forked/uv.lock");
    let forked = open(&path).unwrap();
    assert_eq!(told(&judge(&forked, &Question::default())), []);
    let on = |platform: &str| {
        let question = Question { target: Some(target("3.11", platform)), ..Question::default() };
        let found = judge(&forked, &question);
        found.into_iter().map(|finding| (finding.rule, finding.subject)).collect::<Vec<_>>()
    };
    assert_eq!(on("linux-x86_64"), []);
    let lacking = [(Rule::NoWheel, "torch".to_owned()), (Rule::SourceOnly, "pynini".to_owned())];
    assert_eq!(on("linux-aarch64"), lacking);
}

#[test]
fn entries_of_a_lock_that_meet_on_one_platform_are_an_error_and_forks_are_not() {
    let versions = |text: &str| {
        let found = judge(&lock(text), &Question::default());
        let told = found.iter().filter(|finding| finding.rule == Rule::InstalledTwice);
        told.map(|finding| finding.severity).collect::<Vec<_>>()
    };
    assert_eq!(versions("torch==2.6.0\ntorch==2.7.0\n"), [Error]);
    let forked = "torch==2.6.0 ; sys_platform == 'darwin'\ntorch==2.7.0 ; sys_platform != 'darwin'\n";
    assert_eq!(versions(forked), []);
    let named_apart = "torch==2.6.0 ; sys_platform == 'darwin'\ntorch==2.7.0 ; platform_system == 'Linux'\n";
    assert_eq!(versions(named_apart), []);
    let meeting = "torch==2.6.0 ; python_version < '3.12'\ntorch==2.7.0 ; sys_platform == 'linux'\n";
    assert_eq!(versions(meeting), [Error]);
}

#[test]
fn moshi_on_aarch64_cannot_be_had_and_a_marker_mends_it() {
    let pages =
        SavedPages::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/index")).unwrap();
    let rules = |text: &str, platform: &str| {
        let question =
            Question { target: Some(target("3.11", platform)), index: Some(&pages), ..Question::default() };
        let found = judge(&lock(text), &question);
        let about = found.into_iter().filter(|finding| finding.subject == "bitsandbytes");
        about.map(|finding| (finding.rule, finding.severity)).collect::<Vec<_>>()
    };
    let plain = "moshi==0.2.2\nbitsandbytes==0.45.5\n";
    assert_eq!(rules(plain, "linux-aarch64"), [(Rule::NoWheel, Error)]);
    assert_eq!(rules(plain, "linux-x86_64"), []);
    let higher = "moshi==0.2.2\nbitsandbytes==0.46.0\n";
    assert_eq!(rules(higher, "linux-aarch64"), [(Rule::OutsideRange, Error)]);
    let overridden = "moshi==0.2.2\nbitsandbytes==0.45.5 ; platform_machine == 'x86_64'\n";
    assert_eq!(rules(overridden, "linux-aarch64"), []);
    assert_eq!(rules(overridden, "linux-x86_64"), []);
    assert_eq!(rules("moshi==0.2.2\n", "linux-aarch64"), [(Rule::Missing, Error)]);
    let overridden = lock(overridden);
    let coverage = coverage(entries(&overridden), &[target("3.11", "aarch64")], &pages);
    assert_eq!(coverage.rows[1].targets, [Availability::NotNeeded]);
}

#[test]
fn extras_are_followed_through_others_and_through_their_own() {
    let installed = |more: Vec<Distribution>| {
        let mut all = vec![
            distribution("client 1.0", &["requests[Socks]", "pkg[all]"]),
            distribution("requests 2.34.2", &["idna", "pysocks>=1.5.6 ; extra == 'socks'"]),
            distribution("idna 3.20", &[]),
            distribution(
                "pkg 1.0",
                &["pkg[a,b] ; extra == 'all'", "deep ; extra == 'b'", "other ; extra == 'c'"],
            ),
        ];
        all.extend(more);
        environment(all)
    };
    assert_eq!(
        told(&findings(installed(Vec::new()))),
        [(Rule::Missing, Error, "deep"), (Rule::Missing, Error, "pysocks")]
    );
    let whole = installed(vec![distribution("pysocks 1.7.1", &[]), distribution("deep 1.0", &[])]);
    assert_eq!(told(&findings(whole)), []);
    let mut asked_for = environment(vec![distribution("pkg 1.0", &["other ; extra == 'c'"])]);
    asked_for.requested.push("pkg[c]".parse::<Requirement>().unwrap());
    let found = findings(asked_for);
    assert_eq!(told(&found), [(Rule::Missing, Error, "other")]);
    assert_eq!(found[0].expected, "other, by pkg 1.0[c]");
}

#[test]
fn markers_are_evaluated_for_the_environment_that_is_reported() {
    let asker = || {
        distribution(
            "torch 2.6.0",
            &["triton==3.2.0 ; platform_machine == 'x86_64'", "pywin32 ; os_name == 'nt'"],
        )
    };
    let jetson =
        Environment { distributions: vec![asker()], ..Environment::new(target("3.10", "linux-aarch64")) };
    assert_eq!(told(&findings(jetson)), []);
    assert_eq!(told(&findings(environment(vec![asker()]))), [(Rule::Missing, Error, "triton")]);
}

#[test]
fn a_pre_release_of_python_counts_as_its_release() {
    let asker = Distribution {
        requires_python: Some(">=3.14".parse().unwrap()),
        ..distribution(
            "engine 1.0",
            &["backport ; python_version < '3.14'", "audioop-lts ; python_version >= '3.13'"],
        )
    };
    let preview = Environment {
        distributions: vec![asker, distribution("audioop-lts 0.2.2", &[])],
        ..Environment::new(target("3.14.0rc2", "linux-x86_64"))
    };
    assert_eq!(told(&findings(preview)), []);
}

#[test]
fn a_distribution_for_another_python_is_an_error() {
    let asker = Distribution {
        requires_python: Some(">=3.12".parse().unwrap()),
        ..distribution("networkx 3.7", &[])
    };
    let found = findings(environment(vec![asker]));
    assert_eq!(told(&found), [(Rule::PythonTooOld, Error, "networkx")]);
    assert_eq!(found[0].seen, "Python 3.11.7");
}

#[test]
fn pins_are_as_severe_as_their_tier() {
    let mut pinned =
        environment(vec![distribution("transformers 4.30.0", &[]), distribution("torch 2.6.0", &[])]);
    let pin = |text: &str, tier| Pin {
        requirement: text.parse().unwrap(),
        tier,
        reason: Some("it is the core".to_owned()),
    };
    pinned.pins = vec![
        pin("torch==2.2.0", Tier::Critical),
        pin("moshi==0.2.2", Tier::Specific),
        pin("transformers>=4.31.0", Tier::Minimum),
        pin("triton==2.2.0 ; platform_machine == 'aarch64'", Tier::Critical),
    ];
    let found = findings(pinned);
    assert_eq!(
        told(&found),
        [
            (Rule::PinBroken, Error, "moshi"),
            (Rule::PinBroken, Error, "torch"),
            (Rule::PinBroken, Warning, "transformers"),
        ]
    );
    assert_eq!(found[1].expected, "torch==2.2.0, a critical pin of the backend: it is the core");
}

#[test]
fn drift_is_told_for_each_distribution_that_is_missing_changed_or_extra() {
    let mut drifted = environment(vec![
        distribution("torch 2.6.0+cpu", &[]),
        distribution("numpy 2.2.6", &[]),
        distribution("rich 15.0.0", &[]),
        distribution("pip 25.0", &[]),
    ]);
    let record = BTreeMap::from([
        (name("torch"), version("2.6.0+cu124")),
        (name("numpy"), version("2.2.6")),
        (name("einops"), version("0.8.0")),
    ]);
    drifted.locked = Some(record.clone());
    let expected = |rule| [(rule, Error, "einops"), (rule, Error, "torch"), (rule, Warning, "rich")];
    assert_eq!(told(&findings(drifted.clone())), expected(Rule::Drift));
    drifted.locked = None;
    drifted.built = Some(record);
    assert_eq!(told(&findings(drifted)), expected(Rule::ArtifactDiffers));
}

#[test]
fn a_failed_verification_and_unreadable_metadata_are_errors_and_told_once() {
    let mut broken = environment(vec![distribution("engine 1.0", &["numpy"])]);
    broken.verification =
        Some(Verification { failures: vec!["torch.cuda.is_available() is False".to_owned()] });
    broken.unreadable = vec![("numpy-2.2.6.dist-info".to_owned(), "METADATA is empty".to_owned())];
    assert_eq!(
        told(&findings(broken)),
        [(Rule::Unreadable, Error, "numpy-2.2.6.dist-info"), (Rule::VerificationFailed, Error, "build")]
    );
}

#[test]
fn a_dead_index_a_leaked_host_and_a_public_index_have_each_their_verdict() {
    let found = judge(
        &lock(
            "--index-url https://pypi.jetson-ai-lab.dev/jp6/cu126\n--extra-index-url http://10.0.0.7/simple\n\
             --extra-index-url https://torch.example.org/whl/cu124\n--trusted-host 10.0.0.7\n--prefer-binary\n\
             --no-binary moshi\nnumpy==1.26.4 --hash=sha256:00\n",
        ),
        &Question::default(),
    );
    assert_eq!(
        told(&found),
        [
            (Rule::LeakedOption, Error, "--extra-index-url"),
            (Rule::LeakedOption, Error, "--trusted-host"),
            (Rule::DeadIndex, Error, "--index-url"),
            (Rule::LeakedOption, Warning, "--extra-index-url"),
        ]
    );
    assert!(found[2].remedy.contains("jetson-ai-lab.io/jp6/cu126"));
    let own = Question { dead_indexes: vec!["torch.example.org".to_owned()], ..Question::default() };
    let told_dead = judge(&lock("-i https://torch.example.org/whl/cu124\nnumpy==1.26.4\n"), &own);
    assert!(told_dead.iter().any(|finding| finding.rule == Rule::DeadIndex));
}

#[test]
fn an_open_version_and_a_missing_hash_are_errors_only_where_pip_refuses_them() {
    let rules = |text: &str| {
        let found = judge(&lock(text), &Question::default());
        found.iter().map(|finding| (finding.rule, finding.severity)).collect::<Vec<_>>()
    };
    assert_eq!(rules("numpy==1.26.4\nidna>=3\n"), [(Rule::Unpinned, Warning), (Rule::Unhashed, Warning)]);
    assert_eq!(
        rules("numpy==1.26.4 --hash=sha256:00\nidna>=3\n"),
        [(Rule::Unpinned, Error), (Rule::Unhashed, Error)]
    );
    assert_eq!(rules("numpy==1.26.4 --hash=sha256:00\n"), []);
}

#[test]
fn a_lock_that_is_older_than_its_input_is_a_warning() {
    let mut stale = lock("numpy==1.26.4 --hash=sha256:00\n");
    let Packages::Lock(lock) = &mut stale.packages else { panic!("no lock") };
    lock.newer_inputs.push("requirements.in".into());
    assert_eq!(
        told(&judge(&stale, &Question::default())),
        [(Rule::StaleLock, Warning, "requirements.lock.txt")]
    );
}

#[test]
fn a_fault_that_shows_on_some_pythons_is_a_warning_until_one_is_asked_for() {
    let text = "chatterbox-tts==0.1.7\nnumpy==1.26.4\n";
    let outside = |question: &Question<'_>| {
        let found = judge(&lock(text), question);
        let told = found.iter().filter(|finding| finding.rule == Rule::OutsideRange);
        told.map(|finding| (finding.severity, finding.expected.clone())).collect::<Vec<_>>()
    };
    let expected = |ending: &str| format!("numpy>=2.0.0, by chatterbox-tts 0.1.7{ending}");
    assert_eq!(outside(&Question::default()), [(Warning, expected(", on Python 3.13 and 3.14"))]);
    let asked = |python| Question { target: Some(target(python, "linux-x86_64")), ..Question::default() };
    assert_eq!(outside(&asked("3.13")), [(Error, expected(""))]);
    assert_eq!(outside(&asked("3.11")), []);
}

#[test]
fn an_open_input_that_no_version_can_meet_is_an_error() {
    let input = read(Kind::Requirements, "requirements.in", b"chatterbox-tts==0.1.4\nnumpy>=2\n").unwrap();
    let found = judge(&input, &Question::default());
    assert_eq!(told(&found), [(Rule::OutsideRange, Error, "numpy")]);
    let input = read(Kind::Requirements, "requirements.in", b"chatterbox-tts==0.1.4\nnumpy>=1.25\n").unwrap();
    assert_eq!(told(&judge(&input, &Question::default())), []);
}

#[test]
fn requirements_that_exclude_each_other_cannot_be_pinned() {
    let stuck = subject(environment(vec![
        distribution("old 1.0", &["numpy<2"]),
        distribution("new 1.0", &["numpy>=2"]),
        distribution("numpy 2.2.6", &[]),
    ]));
    let explanation = explain(&stuck, &name("numpy"), &Question::default()).unwrap();
    let between = vec!["numpy<2, by old 1.0".to_owned(), "numpy>=2, by new 1.0".to_owned()];
    assert_eq!(explanation.pin, Pinned::Impossible { between });
    let found = judge(&stuck, &Question::default());
    assert!(found[0].remedy.contains("no version of numpy suits all"), "{}", found[0].remedy);
    assert!(explain(&stuck, &name("scipy"), &Question::default()).is_none());
}

#[test]
fn an_explanation_names_the_way_that_leads_to_each_asker() {
    let installed = subject(environment(vec![
        distribution("engine 1.0", &["torchtune"]),
        distribution("torchtune 0.4.0", &["datasets"]),
        distribution("datasets 5.0.1", &["numpy>=1.17"]),
        distribution("numpy 1.26.4", &[]),
    ]));
    let explanation = explain(&installed, &name("numpy"), &Question::default()).unwrap();
    assert_eq!(explanation.asked[0].path, ["engine", "torchtune", "datasets"]);
    assert_eq!(explanation.pin, Pinned::Keep { version: "1.26.4".to_owned() });
}

#[test]
fn a_tree_ends_where_a_circle_closes_and_critical_ones_lead_up() {
    let circle = subject(environment(vec![
        distribution("engine 1.0", &["torch"]),
        distribution("torch 2.6.0", &["functorch"]),
        distribution("functorch 1.0", &["torch>=3"]),
    ]));
    let whole = tree(&circle, &[], &Question::default());
    let [engine] = whole.roots.as_slice() else { panic!("{whole:#?}") };
    let torch = &engine.branches[0];
    let back = &torch.branches[0].branches[0];
    assert_eq!((back.name.as_str(), back.seen, back.met), ("torch", true, false));
    assert!(back.branches.is_empty());
    let critical = tree(&circle, &[name("torch")], &Question::default());
    let askers: Vec<&str> = critical.critical[0].branches.iter().map(|branch| branch.name.as_str()).collect();
    assert_eq!(askers, ["engine", "functorch"]);
}

#[test]
fn a_difference_names_versions_with_their_direction_and_requirements_that_matter() {
    let before = subject(environment(vec![
        distribution("torch 2.6.0+cpu", &[]),
        distribution("numpy 2.2.6", &[]),
        distribution("engine 1.0", &["numpy"]),
        distribution("gone 1.0", &[]),
    ]));
    let after = subject(environment(vec![
        distribution("torch 2.6.0+cu124", &[]),
        distribution("numpy 1.26.4", &[]),
        distribution("engine 1.1", &["numpy<2"]),
        distribution("new 1.0", &[]),
    ]));
    let changes = diff(&before, &after, &Question::default());
    let json = serde_json::to_value(&changes).unwrap();
    assert_eq!(json["added"][0]["name"], "new");
    assert_eq!(json["removed"][0]["name"], "gone");
    let directions: Vec<_> = changes
        .changed
        .iter()
        .map(|change| (change.name.as_str(), serde_json::to_value(change.direction).unwrap()))
        .collect();
    assert_eq!(directions, [("engine", "up".into()), ("numpy", "down".into()), ("torch", "build".into())]);
    assert_eq!(changes.requirements.len(), 1);
    assert_eq!(changes.requirements[0].to.as_deref(), Some("numpy<2"));
    assert!(diff(&before, &before, &Question::default()).is_empty());
}

#[test]
fn a_version_taken_back_can_be_had_by_its_pin_and_is_never_proposed() {
    let file = |name: &str, yanked| IndexFile { name: name.to_owned(), yanked, ..IndexFile::default() };
    let index = BTreeMap::from([(
        name("engine"),
        vec![
            file("engine-1.0-py3-none-any.whl", true),
            file("engine-1.1-py3-none-win_amd64.whl", false),
            file("engine-1.2-py3-none-any.whl", true),
            file("engine-1.3rc1-py3-none-any.whl", false),
            file("engine-1.4-py3-none-any.whl", false),
        ],
    )]);
    let at = |pin: &str| {
        let pinned = lock(&format!("engine=={pin}\n"));
        coverage(entries(&pinned), &[target("3.11", "linux-x86_64")], &index).rows[0].targets[0].clone()
    };
    assert_eq!(at("1.0"), Availability::Wheel { file: "engine-1.0-py3-none-any.whl".to_owned() });
    assert_eq!(at("1.1"), Availability::Nothing { instead: Some("1.4".to_owned()) });
}
