//! Wheels in folders and on indexes.

use super::*;

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
