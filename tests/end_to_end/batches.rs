//! Many books in one run: patterns, manifests, the table and the exit code.

use rhapsode_tests::World;
use serde_json::Value;

/// A world with three short books, of which one cannot be read.
fn world() -> World {
    let world = World::new();
    std::fs::create_dir_all(world.path("in/sub")).unwrap();
    world.write("in/a.md", "# A\n\nOne short sentence.\n");
    world.write("in/sub/b.md", "# B\n\nAnother short sentence.\n");
    world.write("in/broken.epub", "this is no archive");
    world
}

#[test]
fn a_batch_ends_with_one_table_and_a_code_that_tells_partial_from_complete() {
    let world = world();
    let outcome = world.run(["convert", "in", "-o", "out"]);
    assert_eq!(outcome.code, Some(9), "{}", outcome.stderr);
    for words in ["in/a.md", "in/sub/b.md", "in/broken.epub: failed to read", "3 books: 2 done, 1 failed"] {
        assert!(outcome.stderr.contains(words), "{words}: {}", outcome.stderr);
    }
    let again = world.run(["convert", "in/**/*.md", "-o", "out"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(again.stderr.contains("2 books: 2 up to date"), "{}", again.stderr);
}

#[test]
fn a_batch_ends_with_one_event_for_programs() {
    let world = world();
    let outcome = world.run(["convert", "in", "-o", "out", "--events", "json", "--chapters", "1"]);
    let last: Value = serde_json::from_str(outcome.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((last["event"].as_str(), last["exit_code"].as_u64()), (Some("batch"), Some(9)));
    let fates: Vec<&str> =
        last["books"].as_array().unwrap().iter().map(|book| book["fate"].as_str().unwrap()).collect();
    assert_eq!(fates, ["done", "failed", "done"]);
}

#[test]
fn a_manifest_says_what_holds_for_each_book() {
    let world = world();
    world.write(
        "books.csv",
        "book,title,authors,output,formats\nin/a.md,Alpha,Doe| Roe,shelf,wav\nin/sub/b.md,,,,flac\n",
    );
    let outcome = world.run(["convert", "--manifest", "books.csv", "-o", "out"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(world.path("shelf/Alpha (wav)").is_dir(), "{}", outcome.stderr);
    assert!(world.path("out/B (flac)").is_dir(), "{}", outcome.stderr);
    let shown = world.run(["config", "show", "in/a.md"]);
    assert!(!shown.stdout.contains("Alpha"), "a manifest holds for its run alone");
}

#[test]
fn a_flag_comes_before_a_manifest_and_a_manifest_before_a_sidecar() {
    let world = world();
    world.write("in/a.book.toml", "[metadata]\ntitle = \"Sidecar\"\n[release]\nformats = [\"wav\"]\n");
    let manifest =
        "[[book]]\npath = \"in/a.md\"\nmetadata.title = \"Manifest\"\nrelease.formats = [\"m4b\"]\n";
    world.write("books.toml", manifest);
    let outcome = world.run(["convert", "--manifest", "books.toml", "-o", "out", "--format", "flac"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let mut made: Vec<String> = std::fs::read_dir(world.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.'))
        .collect();
    made.sort();
    assert_eq!(made, ["Manifest (flac)"]);
}

#[test]
fn a_wrong_manifest_is_refused_before_anything_is_made() {
    let world = world();
    world.write("books.csv", "book,speed\nin/a.md,1.0\nin/sub/b.md,fast\n");
    let outcome = world.run(["convert", "--manifest", "books.csv", "-o", "out"]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("line 3") && outcome.stderr.contains("hint:"), "{}", outcome.stderr);
    assert!(!world.path("out").exists());
}
