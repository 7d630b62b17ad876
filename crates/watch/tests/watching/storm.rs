//! Very many files, and very strange ones.

use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use rhapsode_watch::{WatchEvent, view};

use crate::{
    scribe::{Mood, Scribe},
    world::World,
};

fn willing() -> Arc<Scribe> {
    Arc::new(Scribe::new(Mood::Willing))
}

/// Files of the storm. `docs/watch.md` tells what they took.
const STORM: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_files_at_once_become_ten_thousand_books() {
    let mut world = World::new();
    world.settings.poll = None;
    world.settings.settle = Duration::from_millis(10);
    for number in 0..STORM {
        world.drop_book(&format!("{number}.md"), &format!("Title {number}\nAuthor {}", number % 100));
    }
    let began = Instant::now();
    let (tally, _) = world.try_run(willing()).await.unwrap();
    let took = began.elapsed();
    assert_eq!((tally.published, tally.failed), (STORM, 0));
    assert_eq!(fs::read_dir(&world.settings.done).unwrap().count(), STORM);
    assert_eq!(fs::read_dir(&world.settings.inbox).unwrap().count(), 0);
    println!("{STORM} books in {took:.1?}, {:?}", memory());
}

/// What the system says of the memory of this process.
fn memory() -> Vec<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS"))
        .map(str::to_owned)
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn names_in_any_script_of_any_length_and_of_no_encoding_come_through() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    let world = World::new();
    let longest = format!("{}.md", "\u{5b57}".repeat(84));
    assert_eq!(longest.len(), 255);
    let names: [&[u8]; 8] = [
        "\u{631}\u{648}\u{627}\u{64a}\u{629}.md".as_bytes(),
        "\u{672c}\u{3068}\u{8a71}.md".as_bytes(),
        "\u{1f469}\u{200d}\u{1f680} \u{1f4d6}.md".as_bytes(),
        "e\u{301}te\u{301}.md".as_bytes(),
        "\u{e9}t\u{e9}.md".as_bytes(),
        longest.as_bytes(),
        b"caf\xe9 \xff\xfe.md",
        b"new\nline\t'\"; $(x).md",
    ];
    for round in ["", "again "] {
        for (number, name) in names.iter().enumerate() {
            let path = world.settings.inbox.join(OsStr::from_bytes(name));
            fs::write(&path, format!("{round}{number}\nAuthor")).unwrap();
        }
        let (tally, heard) = world.try_run(willing()).await.unwrap();
        assert_eq!((tally.published, tally.failed), (names.len(), 0), "{heard:?}");
        assert!(!heard.iter().any(|event| matches!(event, WatchEvent::Parked { .. })), "{heard:?}");
    }
    for name in &names {
        assert!(
            world.settings.done.join(OsStr::from_bytes(name)).is_file(),
            "{}",
            String::from_utf8_lossy(name)
        );
    }
    assert_eq!(fs::read_dir(&world.settings.done).unwrap().count(), names.len() * 2);
    assert_eq!(fs::read_dir(&world.settings.inbox).unwrap().count(), 0);
    // And the same of no use: each has its report.
    for name in &names {
        fs::write(world.settings.inbox.join(OsStr::from_bytes(name)), "").unwrap();
    }
    let (tally, _) = world.try_run(willing()).await.unwrap();
    assert_eq!(tally.failed, 1, "they are all the same book");
    let queue = view(&world.settings.state).unwrap();
    assert!(queue.books.iter().any(|book| book.manuscript.as_os_str().as_bytes() == names[6]));
    assert!(serde_json::to_string(&queue).is_ok());
}

#[tokio::test]
async fn a_failed_manuscript_with_the_longest_name_has_its_report() {
    let world = World::new();
    let longest = format!("{}.md", "x".repeat(252));
    world.drop_book(&longest, "");
    assert_eq!(world.try_run(willing()).await.unwrap().0.failed, 1);
    let names = world.names("failed");
    assert!(names.contains(&longest) && names.iter().any(|name| name.ends_with("x.report.txt")), "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_makes_no_file_complete_and_keeps_none_from_it() {
    let mut world = World::new();
    world.settings.settle = Duration::from_secs(60);
    let times = [SystemTime::UNIX_EPOCH, SystemTime::now() + Duration::from_secs(1 << 31)];
    for (number, time) in times.into_iter().enumerate() {
        world.drop_book(&format!("{number}.md"), &format!("Title {number}\nAuthor"));
        let file =
            fs::File::options().write(true).open(world.settings.inbox.join(format!("{number}.md"))).unwrap();
        file.set_modified(time).unwrap();
    }
    let began = tokio::time::Instant::now();
    assert_eq!(world.try_run(willing()).await.unwrap().0.published, 2);
    let took = began.elapsed();
    assert!((Duration::from_secs(60)..Duration::from_secs(70)).contains(&took), "{took:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_manuscript_that_may_not_be_read_keeps_no_other_waiting() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new();
    world.drop_book("a secret.md", "Secret\nAuthor");
    world.drop_book("emma.md", "Emma\nAuthor");
    let secret = world.settings.inbox.join("a secret.md");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&secret).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    let (tally, heard) = world.try_run(willing()).await.unwrap();
    assert_eq!(tally.published, 1);
    assert!(heard.iter().any(|event| matches!(event, WatchEvent::PassedOver { .. })), "{heard:?}");
}
