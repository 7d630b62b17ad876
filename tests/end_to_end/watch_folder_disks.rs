//! What may happen to a machine under the watch folder: disks that fill, libraries that vanish, clocks that jump, events that
//! are lost, names of no encoding. Mounting needs root; elsewhere these tests say that they were skipped.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rhapsode_tests::{
    World,
    fleet::{Fleet, Identity},
    speech_server::Settings,
};
use serde_json::Value;

use crate::watch_folder::{book, drop_book, end, shelved, until, watch, watch_once};

/// A mount that goes when the test does.
struct Mount(PathBuf);

impl Mount {
    /// Mounts; none, with a word, where this is not allowed.
    fn new(arguments: &[&str], at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(arguments).arg(at).output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self(at.to_owned()));
        }
        println!("skipped: mounting is not allowed here");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily, as a network mount goes: under whoever uses it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Takes all room of a disk but a few bytes.
fn fill(folder: &Path) -> PathBuf {
    let ballast = folder.join("ballast");
    let mut file = File::create(&ballast).unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    ballast
}

/// A watcher with its events.
struct Watching {
    child: Child,
    events: Box<dyn Iterator<Item = Value>>,
}

impl Watching {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        Self { child, events: Box::new(lines.map(|line| serde_json::from_str(&line).unwrap())) }
    }

    /// The next event of this kind.
    fn next(&mut self, wanted: &str) -> Value {
        self.events
            .find(|event| event["event"] == wanted)
            .unwrap_or_else(|| panic!("the watcher ended without {wanted}"))
    }
}

/// The gate would see a full disk before it is written to, and a clock of years ago.
const QUICK: [&str; 8] = ["--settle", "0", "--poll", "0.05", "--events", "json", "--gate", "off"];

#[test]
fn a_library_on_a_full_disk_parks_the_queue_until_there_is_room() {
    let world = World::new();
    let Some(_mount) = Mount::new(&["-t", "tmpfs", "-o", "size=4m", "tmpfs"], &world.path("library")) else {
        return;
    };
    let mut watching = Watching::start(watch(&world, &QUICK));
    watching.next("watching");
    drop_book(&world, "small.md", book("Small", "It was short."));
    watching.next("published");
    let ballast = fill(&world.path("library"));
    drop_book(&world, "large.md", book("Large", &"There was no room for it. ".repeat(20)));
    let parked = watching.next("parked");
    assert!(parked["reason"].as_str().unwrap().contains("No space left"), "{parked}");
    fs::remove_file(ballast).unwrap();
    watching.next("published");
    assert_eq!(end(watching.child), Some(0));
    let titles: Vec<String> = shelved(&world).into_iter().map(|book| book.title).collect();
    assert_eq!(titles, ["Large", "Small"]);
}

#[test]
fn a_queue_on_a_full_disk_loses_nothing_and_goes_on_when_there_is_room() {
    let world = World::new();
    let Some(_mount) = Mount::new(&["-t", "tmpfs", "-o", "size=64m", "tmpfs"], &world.path("state")) else {
        return;
    };
    let mut watching = Watching::start(watch(&world, &QUICK));
    watching.next("watching");
    let ballast = fill(&world.path("state"));
    for number in 0..3 {
        drop_book(&world, format!("{number}.md"), book(&format!("Book {number}"), "It was short."));
    }
    let parked = watching.next("parked");
    assert!(parked["reason"].as_str().unwrap().contains("No space left"), "{parked}");
    fs::remove_file(ballast).unwrap();
    (0..3).for_each(|_| drop(watching.next("published")));
    assert_eq!(end(watching.child), Some(0));
    assert_eq!(shelved(&world).len(), 3);
    assert_eq!(fs::read_dir(world.path("done")).unwrap().count(), 3);
}

#[test]
fn a_library_that_vanishes_in_the_middle_of_a_book_is_waited_for() {
    let world = World::new();
    let fleet = Fleet::start([Settings { seconds_per_character: 0.005, slots: 1, ..Settings::default() }]);
    fleet.configure(&world, Identity::Stated);
    let (volume, library) = (world.path("volume"), world.path("library"));
    fs::create_dir_all(&volume).unwrap();
    let bind = || Mount::new(&["--bind", volume.to_str().unwrap()], &library);
    let Some(mount) = bind() else { return };
    let mut watching = Watching::start(watch(&world, &[&QUICK[..], &["--voice", "siren"]].concat()));
    watching.next("watching");
    drop_book(&world, "book.md", book("Between", &"The tide came in under the door. ".repeat(12)));
    watching.next("began");
    until(&mut watching.child, || fleet.requests() > 3);
    drop(mount);
    let parked = watching.next("parked");
    assert!(parked["reason"].as_str().unwrap().contains("library"), "{parked}");
    assert_eq!(shelved(&world), []);
    let _back = bind().unwrap();
    watching.next("goes_on");
    assert_eq!(end(watching.child), Some(0));
    assert_eq!(shelved(&world).len(), 1);
    assert!(volume.join("A. Writer/Between").is_dir() && world.path("done/book.md").is_file());
}

#[test]
fn an_inbox_on_a_container_mount_is_looked_through_again_and_again() {
    let world = World::new();
    // An overlay lies on no other overlay.
    let disk = world.path("disk");
    let Some(_disk) = Mount::new(&["-t", "tmpfs", "tmpfs"], &disk) else { return };
    ["lower", "upper", "work"].iter().for_each(|name| fs::create_dir(disk.join(name)).unwrap());
    let layers = format!("lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work", disk.display());
    let Some(_inbox) = Mount::new(&["-t", "overlay", "-o", &layers, "overlay"], &world.path("inbox")) else {
        return;
    };
    let mut watching = Watching::start(watch(&world, &["--settle", "0", "--events", "json"]));
    assert_eq!(watching.next("watching")["polling"], true);
    drop_book(&world, "quiet.md", book("Quiet", "Nobody told of it."));
    watching.next("published");
    assert_eq!(end(watching.child), Some(0));
    assert_eq!(shelved(&world).len(), 1);
}

#[test]
fn a_clock_that_jumps_back_and_forth_changes_nothing() {
    let libraries = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"];
    let faketime = libraries.iter().map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"));
    let Some(faketime) = faketime.into_iter().find(|path| path.is_file()) else {
        println!("skipped: faketime is not installed");
        return;
    };
    let world = World::new();
    let clock = world.write("clock", "+0\n");
    let mut command =
        watch(&world, &["--settle", "1", "--poll", "0.05", "--events", "json", "--gate", "off"]);
    command
        .env("LD_PRELOAD", faketime)
        .env("FAKETIME_TIMESTAMP_FILE", &clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("NO_FAKE_STAT", "1");
    let mut watching = Watching::start(command);
    watching.next("watching");
    for (number, jump) in ["-9y", "+9y", "-1d"].into_iter().enumerate() {
        drop_book(&world, format!("{number}.md"), book(&format!("Book {number}"), "It was short."));
        fs::write(&clock, format!("{jump}\n")).unwrap();
        watching.next("published");
    }
    assert_eq!(end(watching.child), Some(0));
    assert_eq!(shelved(&world).len(), 3);
    // The jumps were seen: the books came in this order, and their times say another.
    let queue = crate::watch_folder::queue(&world);
    let arrived: Vec<&str> =
        queue["books"].as_array().unwrap().iter().map(|it| it["arrived"].as_str().unwrap()).collect();
    assert!(!arrived.is_sorted(), "{arrived:?}");
}

#[test]
fn what_is_dropped_while_more_happens_than_the_system_tells_is_found() {
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap_or_default();
    let Ok(most) = most.trim().parse::<usize>() else {
        println!("skipped: this system has no inotify");
        return;
    };
    if most > 40_000 {
        println!("skipped: {most} events are too many to be lost");
        return;
    }
    let world = World::new();
    let mut watching = Watching::start(watch(&world, &["--settle", "0.5", "--events", "json"]));
    watching.next("watching");
    let signal = |child: &Child, name: &str| {
        let told = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
        assert!(told.success());
    };
    // While it is stopped the system keeps as many events as it may, and forgets the others.
    signal(&watching.child, "-STOP");
    let noise = world.path("inbox/noise.tmp");
    for _ in 0..most / 2 {
        fs::write(&noise, "x").unwrap();
        fs::remove_file(&noise).unwrap();
    }
    drop_book(&world, "late/late.md", book("Late", "Nobody told of it."));
    signal(&watching.child, "-CONT");
    watching.next("published");
    drop_book(&world, "late/later.md", book("Later", "This is told of."));
    watching.next("published");
    assert_eq!(end(watching.child), Some(0));
    assert_eq!(shelved(&world).len(), 2);
}

#[test]
fn manuscripts_with_names_in_any_script_and_of_no_encoding_become_books() {
    let world = World::new();
    let names: [&[u8]; 6] = [
        "\u{631}\u{648}\u{627}\u{64a}\u{629}.md".as_bytes(),
        "\u{672c}\u{3068}\u{8a71}.md".as_bytes(),
        "\u{1f469}\u{200d}\u{1f680} \u{1f4d6}.md".as_bytes(),
        "e\u{301}te\u{301}.md".as_bytes(),
        b"caf\xe9 \xff.md",
        &[&[b'x'; 252][..], b".md"].concat(),
    ];
    for (number, name) in names.iter().enumerate() {
        // Without a title of its own a book has that of its file.
        let text = format!("# One\n\nThis is the book with the number {number}.\n");
        drop_book(&world, std::ffi::OsStr::from_bytes(name), text);
    }
    let _ = watch_once(&world, &[]).success();
    assert_eq!(shelved(&world).len(), names.len());
    for name in names {
        assert!(world.path("done").join(std::ffi::OsStr::from_bytes(name)).is_file());
    }
}
