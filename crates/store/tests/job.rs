//! What the job directory promises.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use rhapsode_store::{FILE_VERSION, JobDir, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    chapters: Vec<String>,
    seconds: f64,
}

fn plan() -> Plan {
    Plan { chapters: vec!["Loomings".to_owned()], seconds: 0.1 + 0.2 }
}

fn job() -> (tempfile::TempDir, JobDir) {
    let work = tempfile::tempdir().unwrap();
    let job = JobDir::open(work.path(), "Moby-Dick", &[0x5a; 32]).unwrap();
    (work, job)
}

#[test]
fn the_directory_is_named_after_title_and_source() {
    let (work, job) = job();
    assert_eq!(job.path(), work.path().join(".rhapsode").join("moby-dick-5a5a5a5a"));
    assert!(job.tracks_dir().is_dir());
}

#[test]
fn json_comes_back_with_its_version_beside_it() {
    let (_work, job) = job();
    assert_eq!(job.read_json::<Plan>("plan.json").unwrap(), None);
    job.write_json("plan.json", &plan()).unwrap();
    assert_eq!(job.read_json("plan.json").unwrap(), Some(plan()));
    let text = fs::read_to_string(job.path().join("plan.json")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["version"], json!(FILE_VERSION));
    assert_eq!(value["chapters"], json!(["Loomings"]));
}

#[test]
fn a_map_with_numbers_as_keys_can_be_written() {
    let (_work, job) = job();
    let takes: BTreeMap<u32, String> = [(0, "a".to_owned()), (1, "b".to_owned())].into();
    job.write_json("selections.json", &takes).unwrap();
    assert_eq!(job.read_json("selections.json").unwrap(), Some(takes));
}

#[test]
fn what_is_not_an_object_is_refused_and_the_old_file_stays() {
    let (_work, job) = job();
    job.write_json("plan.json", &plan()).unwrap();
    assert!(job.write_json("plan.json", &[1, 2, 3]).is_err());
    assert_eq!(job.read_json("plan.json").unwrap(), Some(plan()));
}

#[test]
fn a_newer_version_is_refused_and_never_overwritten() {
    let (_work, job) = job();
    let newer = r#"{ "version": 7, "chapters": 12 }"#;
    fs::write(job.path().join("plan.json"), newer).unwrap();
    let is_newer = |e: &StoreError| matches!(e, StoreError::Newer { found: 7, known: FILE_VERSION, .. });
    assert!(job.read_json::<Plan>("plan.json").is_err_and(|e| is_newer(&e)));
    assert!(job.read_or_discard::<Plan>("plan.json").is_err_and(|e| is_newer(&e)));
    assert!(job.write_json("plan.json", &plan()).is_err_and(|e| is_newer(&e)));
    assert_eq!(fs::read_to_string(job.path().join("plan.json")).unwrap(), newer);
}

#[test]
fn a_torn_file_is_an_error_or_discarded_as_the_caller_chooses() {
    let (_work, job) = job();
    job.write_json("plan.json", &plan()).unwrap();
    let whole = fs::read(job.path().join("plan.json")).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 2] {
        fs::write(job.path().join("plan.json"), &whole[..length]).unwrap();
        assert!(matches!(job.read_json::<Plan>("plan.json"), Err(StoreError::Corrupt { .. })), "{length}");
        assert_eq!(job.read_or_discard::<Plan>("plan.json").unwrap(), None);
        assert_eq!(fs::read(job.path().join("plan.json.corrupt")).unwrap(), &whole[..length]);
        assert_eq!(job.read_json::<Plan>("plan.json").unwrap(), None);
    }
}

#[test]
fn the_journal_keeps_every_whole_line_after_a_torn_one() {
    let (work, job) = job();
    job.journal(&json!({ "started": 1 })).unwrap();
    drop(job);
    let path = work.path().join(".rhapsode").join("moby-dick-5a5a5a5a").join("journal.jsonl");
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(br#"{"time":"2026-01-"#).unwrap();
    let job = JobDir::open(work.path(), "Moby-Dick", &[0x5a; 32]).unwrap();
    job.journal(&json!("resumed")).unwrap();
    let events: Vec<_> = job.journal_entries().unwrap().into_iter().map(|entry| entry.event).collect();
    assert_eq!(events, [json!({ "started": 1 }), json!("resumed")]);
    let time = &job.journal_entries().unwrap()[0].time;
    assert!(humantime::parse_rfc3339(time).is_ok(), "{time}");
}

#[test]
fn a_second_holder_in_the_same_process_is_refused_until_the_first_is_gone() {
    let (work, job) = job();
    let second = JobDir::open(work.path(), "Moby-Dick", &[0x5a; 32]);
    let Err(StoreError::Locked { owner, .. }) = second else { panic!("two holders of one job") };
    assert!(owner.contains(&format!("process {} on ", std::process::id())), "{owner}");
    assert!(JobDir::open(work.path(), "Moby-Dick", &[0x5b; 32]).is_ok(), "another source is another job");
    drop(job);
    assert!(JobDir::open(work.path(), "Moby-Dick", &[0x5a; 32]).is_ok());
}

/// The child: takes the lock in the directory that standard input names, says so, and waits for the kill.
#[test]
#[ignore = "runs only as the child process of the lock test"]
fn child_holds_the_lock_until_it_is_killed() {
    let work = std::io::stdin().lines().next().unwrap().unwrap();
    let _job = JobDir::open(work.as_ref(), "Moby-Dick", &[0x5a; 32]).unwrap();
    println!("locked");
    std::thread::park();
}

#[test]
fn a_second_process_is_refused_with_the_owner_named_and_let_in_after_a_kill() {
    let work = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_holds_the_lock_until_it_is_killed", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}", work.path().display()).unwrap();
    let locked =
        BufReader::new(child.stdout.take().unwrap()).lines().any(|line| line.unwrap().contains("locked"));
    assert!(locked, "the child must get the free lock");

    let refused = JobDir::open(work.path(), "Moby-Dick", &[0x5a; 32]).err().map(|e| e.to_string());
    child.kill().unwrap();
    child.wait().unwrap();
    let refused = refused.expect("two processes on one job");
    assert!(refused.contains(&format!("it is held by process {} on ", child.id())), "{refused}");
    JobDir::open(work.path(), "Moby-Dick", &[0x5a; 32]).expect("a killed holder holds nothing");
}

#[test]
fn who_holds_a_job_is_told_without_taking_or_making_anything() {
    let (work, job) = job();
    let holder = || JobDir::holder(work.path(), "Moby-Dick", &[0x5a; 32]).unwrap();
    assert!(holder().is_some_and(|owner| owner.contains("process")));
    drop(job);
    assert_eq!(holder(), None);
    assert_eq!(JobDir::holder(work.path(), "Emma", &[1; 32]).unwrap(), None);
    assert_eq!(std::fs::read_dir(work.path().join(".rhapsode")).unwrap().count(), 1);
}
