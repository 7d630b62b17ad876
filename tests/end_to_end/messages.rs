//! What people read when something goes wrong, and the plan of a book, word for word. The snapshots are the
//! review: a message that changes is seen to change.

use std::{fmt::Write, path::Path};

use insta::assert_snapshot;
use rhapsode_tests::{World, sample};

/// A command with its exit code and everything it says, with this world's folder as `.`.
fn told(world: &World, arguments: &[&str]) -> String {
    let outcome = world.run(arguments);
    let code = outcome.code.unwrap_or_else(|| panic!("{arguments:?} ended by a signal"));
    let root = world.path("");
    let mut text = format!("$ rhapsode {}\n{}{}", arguments.join(" "), outcome.stdout, outcome.stderr);
    let _ = write!(text, "exit code {code}");
    text.replace(&format!("{}/", root.display().to_string().trim_end_matches('/')), "./")
}

fn all(world: &World, commands: &[&[&str]]) -> String {
    commands.iter().map(|arguments| told(world, arguments)).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_manuscript_that_cannot_be_read_is_told_like_this() {
    let world = World::new();
    world.write("picture.xyz", [0x89, b'P', b'N', b'G', 0, 1, 2, 3, 0xff, 0xfe, 0, 0]);
    world.write("no-archive.epub", "this is no archive");
    world.write("blank.md", " \n\n\t\n");
    world.write("one.md", "# One\n\nA sentence.\n");
    assert_snapshot!(all(
        &world,
        &[
            &["plan", "nowhere.epub"],
            &["plan", "picture.xyz"],
            &["plan", "no-archive.epub"],
            &["plan", "blank.md"],
            &["plan", "one.md", "--chapters", "7"],
        ]
    ));
}

#[test]
fn wrong_arguments_are_told_like_this() {
    let world = World::new();
    world.write("one.md", "# One\n\nA sentence.\n");
    assert_snapshot!(all(
        &world,
        &[
            &["convert"],
            &["convert", "one.md", "--sped", "2"],
            &["convert", "one.md", "--speed", "9"],
            &["convert", "one.md", "--bitrate", "fast"],
            &["convert", "one.md", "--loudness", "3"],
            &["convert", "one.md", "--format", "ogg"],
            &["convert", "one.md", "--include", "everything"],
            &["convert", "one.md", "--chapters", "x-y"],
            &["convert", "one.md", "-o", "one.m4b", "--format", "flac"],
            &["say", "Hello.", "-o", "x.txt"],
            &["sample", "one.md", "--seconds", "0"],
        ]
    ));
}

#[test]
fn a_wrong_configuration_is_told_like_this() {
    let world = World::new();
    world.write("one.md", "# One\n\nA sentence.\n");
    world.write("key.toml", "[speech]\nspeed = 1.1\nvolume = 3\n");
    world.write("type.toml", "[pauses]\nscene = \"long\"\n");
    world.write("value.toml", "[release]\nbitrate = \"fast\"\n");
    world.write("words.toml", "[[word]]\nword = \"Ahab\"\nrespeling = \"ay-hab\"\n");
    world.write("two.md", "# Two\n\nA sentence.\n");
    world.write("two.book.toml", "[speech]\nspeed = 1.1\njobs = 99\n");
    world.write("three.md", "# Three\n\nA sentence.\n");
    world.write("three.book.toml", "[speech]\nlexicon = \"../words.toml\"\n");
    assert_snapshot!(all(
        &world,
        &[
            &["plan", "one.md", "--config", "nowhere.toml"],
            &["plan", "one.md", "--config", "key.toml"],
            &["plan", "one.md", "--config", "type.toml"],
            &["plan", "one.md", "--config", "value.toml"],
            &["plan", "one.md", "--lexicon", "words.toml"],
            &["plan", "two.md"],
            &["plan", "three.md"],
        ]
    ));
}

#[test]
fn an_output_that_is_taken_is_told_like_this() {
    let world = World::new();
    world.write("one.md", "# One\n\nA sentence.\n");
    world.write("one.m4b", "somebody's own file");
    assert_snapshot!(told(&world, &["convert", "one.md", "-o", "one.m4b"]));
    assert_eq!(std::fs::read(world.path("one.m4b")).unwrap(), b"somebody's own file");
}

#[test]
fn the_plan_of_the_novella_looks_like_this() {
    let world = World::new();
    let book = sample(&crate::books::of_type("epub"));
    // The expected time of the work depends on the number of workers.
    let outcome = world.run([Path::new("plan"), &book, Path::new("--jobs=2")]).success();
    assert_snapshot!(outcome.stdout);
}
