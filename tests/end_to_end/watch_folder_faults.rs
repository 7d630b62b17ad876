//! What lies with a book of the watch folder and what lies with the machine: the one is put aside, the other is waited for.

use std::{fs, process::Stdio};

use rhapsode_tests::{
    World,
    fleet::{Fleet, Identity},
    speech_server::Settings,
};

use crate::watch_folder::{book, drop_book, end, queue, shelved, until, watch, watch_once};

#[test]
fn what_a_sidecar_asks_for_and_nobody_has_is_put_aside_and_the_others_are_made() {
    let world = World::new();
    drop_book(&world, "formless/formless.md", book("Formless", "It asks for a program that is not there."));
    drop_book(&world, "formless/book.toml", "[release]\nformats = [\"m4b\", \"mp3\"]\n");
    drop_book(&world, "voiceless/voiceless.md", book("Voiceless", "It asks for a voice that is not there."));
    drop_book(&world, "voiceless/book.toml", "[speech]\nvoice = \"nobody\"\n");
    drop_book(&world, "whole.md", book("Whole", "It asks for nothing."));
    let mut command = watch(&world, &["--until-idle", "--settle", "0", "--poll", "0.05"]);
    let outcome = command.env("PATH", world.path("nothing")).output().unwrap();
    let said = String::from_utf8_lossy(&outcome.stderr).into_owned();
    assert_eq!(outcome.status.code(), Some(9), "{said}");
    let titles: Vec<String> = shelved(&world).into_iter().map(|book| book.title).collect();
    assert_eq!(titles, ["Whole"]);
    for (name, word) in [("voiceless", "nobody"), ("formless", "ffmpeg")] {
        let report = fs::read_to_string(world.path(format!("failed/{name}.report.txt"))).unwrap();
        assert!(report.contains(word), "{report}");
        assert!(world.path(format!("failed/{name}/{name}.md")).is_file());
    }
    assert!(!said.contains("the queue waits"), "{said}");
}

#[test]
fn a_voice_that_a_sidecar_asks_for_and_the_servers_lack_is_put_aside_while_they_are_there() {
    let fleet = Fleet::start([Settings::default()]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    drop_book(&world, "voiceless/voiceless.md", book("Voiceless", "It asks for a voice that is not there."));
    drop_book(&world, "voiceless/book.toml", "[speech]\nvoice = \"zoe\"\n");
    let outcome = watch_once(&world, &["--voice", "siren"]);
    // The flag counts over the sidecar.
    assert_eq!((outcome.code, shelved(&world).len()), (Some(0), 1), "{}", outcome.stderr);
    drop_book(&world, "mute/mute.md", book("Mute", "It asks for a voice that is not there either."));
    drop_book(&world, "mute/book.toml", "[speech]\nvoice = \"zoe\"\n");
    let outcome = watch_once(&world, &[]);
    assert_eq!(outcome.code, Some(9), "{}", outcome.stderr);
    let report = fs::read_to_string(world.path("failed/mute.report.txt")).unwrap();
    assert!(report.contains("zoe") && report.contains("siren"), "{report}");
}

#[test]
fn what_the_configuration_asks_for_and_nobody_has_is_waited_for_with_every_book() {
    for (flags, word) in [(["--voice", "nobody"], "nobody"), (["--format", "mp3"], "ffmpeg")] {
        let world = World::new();
        drop_book(&world, "one.md", book("One", "It waits."));
        drop_book(&world, "two.md", book("Two", "It waits too."));
        let mut command = watch(&world, &["--settle", "0", "--poll", "0.05"]);
        command.args(flags).env("PATH", world.path("nothing")).stderr(Stdio::null());
        let mut watcher = command.spawn().unwrap();
        let mut reason = String::new();
        until(&mut watcher, || {
            reason = queue(&world)["parked"].as_str().unwrap_or_default().to_owned();
            !reason.is_empty()
        });
        assert!(reason.contains(word), "{reason}");
        assert_eq!(end(watcher), Some(0));
        assert_eq!(fs::read_dir(world.path("inbox")).unwrap().count(), 2);
        assert!(!world.path("failed").exists() || fs::read_dir(world.path("failed")).unwrap().count() == 0);
    }
}

#[test]
fn a_configuration_that_becomes_wrong_is_waited_for_and_a_wrong_sidecar_is_not() {
    let world = World::new();
    world.write("rhapsode.toml", "");
    let mut watcher =
        watch(&world, &["--settle", "0", "--poll", "0.05"]).stderr(Stdio::null()).spawn().unwrap();
    until(&mut watcher, || world.path("state/lock").is_file());
    drop_book(&world, "wrong/book.toml", "[speech]\nvoise = \"a\"\n");
    drop_book(&world, "wrong/wrong.md", book("Wrong", "Its sidecar is."));
    until(&mut watcher, || world.path("failed/wrong.report.txt").is_file());
    world.write("rhapsode.toml", "[speech]\nvoise = \"a\"\n");
    drop_book(&world, "right.md", book("Right", "It waits for the configuration."));
    until(&mut watcher, || queue(&world)["parked"].as_str().is_some_and(|reason| reason.contains("voise")));
    world.write("rhapsode.toml", "");
    until(&mut watcher, || shelved(&world).len() == 1);
    assert_eq!(end(watcher), Some(0));
}
