//! What pruning removes and what it must never touch.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::{
    fs::{self, File},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use rhapsode_store::{JobDir, Pcm16, PruneMode, PruneOptions, TakeRecord, TakeStore, Verdict};
use serde_json::json;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Ten takes; number n was written n days ago.
fn ten_takes() -> (tempfile::TempDir, TakeStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = TakeStore::open(dir.path()).unwrap();
    for n in 0..10 {
        let record = TakeRecord {
            measurements: json!({}),
            verdict: Verdict::Accepted,
            seed: 0,
            identity: json!("test"),
        };
        store.put(&[n; 32], Pcm16 { rate: 24_000, samples: &[5; 100] }, &record).unwrap();
        let written = SystemTime::now() - DAY * u32::from(n);
        File::options().write(true).open(path(&dir, n)).unwrap().set_modified(written).unwrap();
    }
    (dir, store)
}

fn path(dir: &tempfile::TempDir, n: u8) -> PathBuf {
    let name = hex::encode([n; 32]);
    dir.path().join("v1").join(&name[..2]).join(format!("{name}.wav"))
}

fn present(store: &TakeStore) -> Vec<u8> {
    (0..10).filter(|&n| store.contains(&[n; 32])).collect()
}

fn older_than(days: u32, mode: PruneMode) -> PruneOptions {
    PruneOptions { older_than: Some(DAY * days + DAY / 2), max_bytes: None, mode }
}

#[test]
fn old_takes_go_and_a_dry_run_only_says_so() {
    let (_dir, store) = ten_takes();
    let said = store.prune(&older_than(6, PruneMode::DryRun)).unwrap();
    assert_eq!(present(&store).len(), 10);
    let done = store.prune(&older_than(6, PruneMode::Delete)).unwrap();
    assert_eq!(said, done);
    assert_eq!((done.removed, done.kept), (3, 7));
    assert_eq!(present(&store), [0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(store.status().unwrap().bytes, done.kept_bytes);
}

#[test]
fn the_oldest_go_until_the_store_is_small_enough() {
    let (dir, store) = ten_takes();
    let one = fs::metadata(path(&dir, 0)).unwrap().len();
    let options = PruneOptions { older_than: None, max_bytes: Some(one * 4), mode: PruneMode::Delete };
    let report = store.prune(&options).unwrap();
    assert_eq!((report.removed, report.removed_bytes, report.kept_bytes), (6, one * 6, one * 4));
    assert_eq!(present(&store), [0, 1, 2, 3]);
}

#[test]
fn without_a_limit_no_take_goes() {
    let (_dir, store) = ten_takes();
    let options = PruneOptions { older_than: None, max_bytes: None, mode: PruneMode::Delete };
    assert_eq!(store.prune(&options).unwrap().removed, 0);
    assert_eq!(present(&store).len(), 10);
}

#[test]
fn a_take_that_a_known_job_selects_stays_until_the_job_is_gone() {
    let (_dir, store) = ten_takes();
    let work = tempfile::tempdir().unwrap();
    let job = JobDir::open(work.path(), "Moby-Dick", &[1; 32]).unwrap();
    store.register_job(&job).unwrap();
    store.register_job(&job).unwrap();
    let chunks =
        json!({ "chunks": [{ "ordinal": 0, "key": hex::encode([8; 32]) }, { "key": hex::encode([1; 32]) }] });
    job.write_json(JobDir::SELECTIONS, &chunks).unwrap();

    let report = store.prune(&older_than(6, PruneMode::Delete)).unwrap();
    assert_eq!((report.removed, report.pinned), (2, 1));
    assert_eq!(present(&store), [0, 1, 2, 3, 4, 5, 6, 8]);

    let gone = job.path().to_owned();
    drop(job);
    fs::remove_dir_all(&gone).unwrap();
    let report = store.prune(&older_than(6, PruneMode::Delete)).unwrap();
    assert_eq!((report.removed, report.forgotten_jobs), (1, vec![gone]));
    assert_eq!(store.prune(&older_than(6, PruneMode::Delete)).unwrap().forgotten_jobs, Vec::<PathBuf>::new());
}

#[test]
fn nothing_goes_while_a_jobs_pins_cannot_be_read() {
    let (_dir, store) = ten_takes();
    let work = tempfile::tempdir().unwrap();
    let job = JobDir::open(work.path(), "Moby-Dick", &[1; 32]).unwrap();
    store.register_job(&job).unwrap();
    for content in ["{ \"version\": 1, \"chu", "{ \"version\": 99 }"] {
        fs::write(job.path().join(JobDir::SELECTIONS), content).unwrap();
        assert!(store.prune(&older_than(0, PruneMode::Delete)).is_err());
        assert_eq!(present(&store).len(), 10);
    }
}

#[test]
fn what_a_killed_write_left_over_goes_but_not_what_may_still_be_written() {
    let (dir, store) = ten_takes();
    let shard = path(&dir, 3).parent().unwrap().to_owned();
    let (dead, alive) = (shard.join(".part-dead"), shard.join(".part-alive"));
    fs::write(&alive, "RIFF").unwrap();
    File::create(&dead).unwrap().set_modified(SystemTime::now() - DAY).unwrap();
    let options = PruneOptions { older_than: None, max_bytes: None, mode: PruneMode::Delete };
    assert_eq!(store.prune(&options).unwrap().leftovers, 1);
    assert!(!dead.exists() && alive.exists());
}
