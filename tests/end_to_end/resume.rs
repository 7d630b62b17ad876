//! Nothing that was made is lost, wherever a job is cut off.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio, time::Duration};

use rhapsode_tests::{
    World,
    kills::{convert, count, figure, kill_again_and_again, takes},
};
use serde_json::Value;

/// Kills in the tests; the soak does more.
const KILLS: usize = 104;

#[test]
fn killed_a_hundred_times_in_every_stage_the_job_speaks_nothing_twice_and_the_release_is_the_same() {
    let toll = kill_again_and_again(&crate::books::of_type("md"), KILLS, std::process::id().into());
    println!("{toll}");
    assert!(toll.killed() * 10 >= KILLS * 7, "too many runs ended before they were killed: {toll}");
}

#[test]
fn a_finished_job_run_again_does_nothing() {
    let world = World::new();
    let book = world.manuscript(&crate::books::of_type("md"));
    convert(&world, &book);
    let written = fs::metadata(world.path("out.m4b")).unwrap().modified().unwrap();
    let events = convert(&world, &book);
    assert_eq!(count(&events, "take") + count(&events, "track") + count(&events, "published"), 0);
    assert_eq!(fs::metadata(world.path("out.m4b")).unwrap().modified().unwrap(), written);
}

#[test]
fn a_changed_sentence_alone_is_spoken_again() {
    let world = World::new();
    let text =
        "# One\n\nThe first sentence stays. The second one stays too.\n\n# Two\n\nThis chapter changes.\n";
    let book = world.write("book.md", text);
    convert(&world, &book);
    let book = world.write("book.md", text.replace("This chapter changes.", "This chapter has changed."));
    let events = convert(&world, &book);
    assert_eq!(count(&events, "take"), 1);
}

#[test]
fn a_second_run_on_the_same_job_is_refused_and_told_who_has_it() {
    let world = World::new();
    let book = world.manuscript(&crate::books::of_type("epub"));
    let arguments = ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out.m4b".as_ref()];
    let mut first = world.command(arguments).stderr(Stdio::null()).spawn().unwrap();
    let locked = || {
        fs::read_dir(world.path(".rhapsode"))
            .is_ok_and(|mut jobs| jobs.any(|job| job.unwrap().path().join("plan.json").is_file()))
    };
    while !locked() {
        assert!(first.try_wait().unwrap().is_none(), "the first run ended before it had the lock");
        std::thread::sleep(Duration::from_millis(2));
    }
    let second = world.run(arguments);
    assert_eq!(second.code, Some(8), "{}", second.stderr);
    assert!(second.stderr.contains(&first.id().to_string()), "the owner is not named: {}", second.stderr);
    assert!(first.wait().unwrap().success());
}

#[test]
fn a_corrupt_take_is_made_again() {
    let world = World::new();
    let book = world.manuscript(&crate::books::of_type("md"));
    convert(&world, &book);
    let take = walk(&world.path("store/v1"))
        .into_iter()
        .find(|p| p.extension().is_some_and(|e| e == "wav"))
        .unwrap();
    let mut bytes = fs::read(&take).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(&take, bytes).unwrap();
    let outcome = world
        .run([
            "convert".as_ref(),
            book.as_os_str(),
            "-o".as_ref(),
            "out.m4b".as_ref(),
            "--force".as_ref(),
            "--events=json".as_ref(),
        ])
        .success();
    let events: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(count(&events, "take"), 1, "{}", outcome.stdout);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}

#[test]
fn the_first_interrupt_finishes_what_is_in_flight_and_keeps_it() {
    let world = World::new();
    let book = world.manuscript(&crate::books::of_type("epub"));
    let arguments = ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out.m4b".as_ref()];
    let child = world.command(arguments).stderr(Stdio::piped()).spawn().unwrap();
    while takes(&world) < 3 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let interrupted =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let outcome = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    assert_eq!(outcome.status.code(), Some(130), "{said}");
    assert!(said.contains("hint: run the same command again"), "{said}");
    let kept = takes(&world);
    let events = convert(&world, &book);
    assert!(figure(&events, "looked_up", "present") >= kept);
}

#[test]
fn a_full_disk_stops_the_job_with_a_hint_and_keeps_everything() {
    let world = World::new();
    let disk = world.path("store");
    fs::create_dir(&disk).unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=3m", "rhapsode-test"])
        .arg(&disk)
        .output()
        .unwrap();
    if !mounted.status.success() {
        println!("no file system can be mounted here: the test with a full disk is skipped");
        return;
    }
    let book = world.manuscript(&crate::books::of_type("epub"));
    let arguments = ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out.m4b".as_ref()];
    // The gate sees that it will not do; a disk may also be filled by others later.
    let refused = world.run(arguments);
    let before = takes(&world);
    let outcome = world.run(arguments.into_iter().chain(["--gate=off".as_ref()]));
    let kept = takes(&world);
    let larger =
        std::process::Command::new("mount").args(["-o", "remount,size=64m"]).arg(&disk).status().unwrap();
    let events = larger.success().then(|| convert(&world, &book));
    let unmounted = std::process::Command::new("umount").arg(&disk).status().unwrap();
    assert!(unmounted.success());
    assert_eq!((refused.code, before), (Some(10), 0), "{}", refused.stderr);
    assert!(refused.stderr.contains("RHA-MAC-001"), "{}", refused.stderr);
    assert_eq!(outcome.code, Some(6), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("hint: the disk is full"), "{}", outcome.stderr);
    assert!(kept > 0);
    assert!(figure(&events.unwrap(), "looked_up", "present") >= kept);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_found_before_anything_is_spoken() {
    let world = World::new();
    let book = world.manuscript(&crate::books::of_type("md"));
    // A file where the folder should be refuses even the superuser.
    let folder = world.write("shelf", "not a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o444)).unwrap();
    let outcome = world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "shelf/out".as_ref()]);
    assert_eq!(outcome.code, Some(6), "{}", outcome.stderr);
    assert_eq!(takes(&world), 0);
}

#[test]
fn a_strangers_file_at_the_output_is_kept_unless_forced() {
    let world = World::new();
    let book = world.write("book.md", "# One\n\nA short sentence.\n");
    let stranger = world.write("out.m4b", "mine");
    let arguments = ["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out.m4b".as_ref()];
    let outcome = world.run(arguments);
    assert_eq!(outcome.code, Some(6), "{}", outcome.stderr);
    assert_eq!(fs::read(&stranger).unwrap(), b"mine");
    let _ = world.run(arguments.into_iter().chain(["--force".as_ref()])).success();
    assert!(fs::metadata(&stranger).unwrap().len() > 1_000);
}

#[test]
fn another_manuscript_of_the_same_title_does_not_replace_the_first_ones_release() {
    let world = World::new();
    let one = world.write("one.md", "# Poems\n\nThe first book of poems.\n");
    let other = world.write("other.md", "# Poems\n\nQuite another book of poems.\n");
    let _ = world.run(["convert".as_ref(), one.as_os_str(), "-o".as_ref(), "out".as_ref()]).success();
    let made = fs::read(world.path("out/Poems.m4b")).unwrap();
    let outcome = world.run(["convert".as_ref(), other.as_os_str(), "-o".as_ref(), "out".as_ref()]);
    assert_eq!(outcome.code, Some(6), "{}", outcome.stderr);
    assert_eq!(fs::read(world.path("out/Poems.m4b")).unwrap(), made);
}
