//! Locks, and what they are made from.

use super::*;

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
