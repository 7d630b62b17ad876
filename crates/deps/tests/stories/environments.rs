//! Environments: what is installed, and what its server says of it.

use super::*;

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
fn an_onnx_that_asks_for_any_ml_dtypes_and_needs_a_new_one_is_told() {
    let installed = |onnx: &str, ml_dtypes: &str| {
        environment(vec![
            distribution("s3tokenizer 0.3.0", &["onnx"]),
            distribution(onnx, &["ml_dtypes", "numpy>=1.22"]),
            distribution(ml_dtypes, &["numpy>1.20"]),
            distribution("numpy 1.25.2", &[]),
        ])
    };
    let found = findings(installed("onnx 1.19.0", "ml-dtypes 0.2.0"));
    assert_eq!(told(&found), [(Rule::Undeclared, Warning, "onnx")]);
    assert!(found[0].remedy.contains("ml-dtypes>=0.5"), "{}", found[0].remedy);
    assert_eq!(told(&findings(installed("onnx 1.19.0", "ml-dtypes 0.5.4"))), []);
    assert_eq!(told(&findings(installed("onnx 1.18.0", "ml-dtypes 0.2.0"))), []);
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
