//! A store that cannot be written stops the dispatch and keeps what it has.

use std::{fs, path::Path, process::Command, sync::Arc};

use rhapsode_dispatch::{DispatchError, DispatchEvent};

use crate::fake::{Answer, Fake, Run};

const TEXTS: [&str; 5] =
    ["The first sentence.", "The second one.", "The third sentence.", "The fourth one.", "The fifth one."];

/// Puts a file where the store wants to make the directory of a take.
fn obstruct(store: &Path, key: [u8; 32]) {
    fs::write(store.join("v1").join(format!("{:02x}", key[0])), "in the way").unwrap();
}

fn finished(events: &[DispatchEvent]) -> usize {
    events.iter().filter(|event| matches!(event, DispatchEvent::Finished { .. })).count()
}

#[tokio::test]
async fn a_store_that_fails_stops_the_dispatch_with_everything_kept() {
    let texts: Vec<String> = (0..200).map(|n| format!("This is sentence number {n}.")).collect();
    let run = Run::new(texts.iter().map(String::as_str));
    obstruct(run.dir.path(), run.work[2].variants[0].key().0);
    let fake = Arc::new(Fake::new("fake", 1, |_, _| Answer::Good));
    let (outcome, events) = run.with(&[&fake]).await;
    assert!(matches!(outcome, Err(DispatchError::Store(_))), "{outcome:?}");
    assert!(fake.texts().len() < 200, "nothing new is begun after the failure");
    let stored = run.work.iter().filter(|work| run.store.contains(&work.variants[0].key().0)).count();
    assert_eq!(finished(&events), stored, "what is said to be finished is what is stored");
}

#[tokio::test]
async fn a_defect_that_cannot_be_stored_stops_the_dispatch_too() {
    let run = Run::new(TEXTS);
    obstruct(run.dir.path(), run.work[0].variants[0].key().0);
    let fake = Arc::new(Fake::new("fake", 1, |_, _| Answer::Silence));
    let (outcome, _) = run.with(&[&fake]).await;
    assert!(matches!(outcome, Err(DispatchError::Store(_))), "{outcome:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_stops_the_dispatch_and_room_lets_it_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let mount = |size: &str| {
        let options = format!("size={size}");
        Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(dir.path()).output()
    };
    match mount("1m") {
        Ok(output) if output.status.success() => {}
        refused => return println!("skipped: a small disk cannot be mounted: {refused:?}"),
    }
    let (path, texts) = (dir.path().to_owned(), (0..40).map(|n| format!("This is sentence number {n}.")));
    let texts: Vec<String> = texts.collect();
    let run = Run::with_store_in(dir, texts.iter().map(String::as_str));
    let fake = Arc::new(Fake::new("fake", 3, |_, _| Answer::Good));
    let (outcome, events) = run.with(&[&fake]).await;
    let whole = run.store.verify(&mut |_| ());
    let remount = ["-o", "remount,size=100m"];
    let grown = Command::new("mount").args(remount).arg(&path).status();
    let (second, _) = run.with(&[&fake]).await;
    let all = run.store.verify(&mut |_| ());
    let unmounted = Command::new("umount").arg(&path).status();

    assert!(grown.is_ok_and(|s| s.success()) && unmounted.is_ok_and(|s| s.success()));
    assert!(matches!(&outcome, Err(DispatchError::Store(e)) if e.is_storage_full()), "{outcome:?}");
    let whole = whole.unwrap();
    assert_eq!((whole.whole, whole.corrupt), (finished(&events) as u64, Vec::new()));
    assert!((5..40).contains(&finished(&events)), "{} takes of about 100 kB", finished(&events));
    assert_eq!(second.unwrap().finished, 40);
    assert_eq!(all.unwrap().whole, 40);
}
