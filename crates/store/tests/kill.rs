//! A process that is killed while it puts takes loses nothing that it was told is stored.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::{
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rhapsode_store::{Lookup, Pcm16, TakeRecord, TakeStore, Verdict};
use serde_json::json;

const KILLS: u64 = 50;

fn key(n: u64) -> [u8; 32] {
    *blake3::hash(&n.to_le_bytes()).as_bytes()
}

/// The child: reads the store's directory and its first number from standard input, then puts takes and says
/// the number of each one that is stored, until it is killed.
#[test]
#[ignore = "runs only as the child process of the kill test"]
fn child_puts_takes_until_it_is_killed() {
    let mut lines = std::io::stdin().lines();
    let dir = lines.next().unwrap().unwrap();
    let first: u64 = lines.next().unwrap().unwrap().parse().unwrap();
    let store = TakeStore::open(dir.as_ref()).unwrap();
    for n in first.. {
        let samples: Vec<i16> = (0..30_000).map(|i| (i * (n as i64 + 1) % 20_000 - 10_000) as i16).collect();
        let record = TakeRecord {
            measurements: json!({ "n": n }),
            verdict: Verdict::Accepted,
            seed: n,
            identity: json!("test"),
        };
        store.put(&key(n), Pcm16 { rate: 24_000, samples: &samples }, &record).unwrap();
        println!("stored {n}");
    }
}

#[test]
fn after_fifty_kills_every_visible_take_is_whole_and_every_stored_one_is_visible() {
    let dir = tempfile::tempdir().unwrap();
    let mut next = 0;
    for kill in 0..KILLS {
        next = run_and_kill(dir.path(), next, kill);
    }
    assert!(next > KILLS, "the children must have got to storing takes, they stored {next}");

    let store = TakeStore::open(dir.path()).unwrap();
    let report = store.verify(&mut |_| ()).unwrap();
    assert_eq!(report.corrupt, []);
    for n in 0..next {
        let Lookup::Hit(take) = store.lookup(&key(n)).unwrap() else {
            panic!("take {n} was stored and is lost")
        };
        assert_eq!(take.record.seed, n);
    }
    println!("{KILLS} kills, {next} takes, all whole");
}

/// Starts a child, kills it at some moment after its first take, and returns the number after its last take.
fn run_and_kill(dir: &std::path::Path, first: u64, kill: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_puts_takes_until_it_is_killed", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{}\n{first}", dir.display()).unwrap();
    let next = Arc::new(AtomicU64::new(first));
    let (started, wait) = std::sync::mpsc::channel();
    let reader = std::thread::spawn({
        let (next, output) = (Arc::clone(&next), BufReader::new(child.stdout.take().unwrap()));
        move || {
            // A kill may tear the last line; a number is believed only with the newline behind it.
            for line in output.split(b'\n').map_while(Result::ok) {
                let text = String::from_utf8_lossy(&line).into_owned();
                if let Some(n) = text.strip_prefix("stored ").and_then(|n| n.parse::<u64>().ok()) {
                    if n == next.load(Ordering::SeqCst) {
                        next.store(n + 1, Ordering::SeqCst);
                    }
                    let _ = started.send(());
                }
            }
        }
    });
    wait.recv().expect("a child stores at least one take");
    // Spread over some writes: a take takes a fraction of a millisecond.
    std::thread::sleep(Duration::from_micros(137 * kill % 4_001));
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    next.load(Ordering::SeqCst)
}
