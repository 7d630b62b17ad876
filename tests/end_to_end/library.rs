//! `convert --library`: a book stands where Audiobookshelf looks for it, in whatever format.

use std::{fs, path::PathBuf};

use rhapsode_tests::{
    Outcome, World, probe,
    shelf::{Shelved, scan_library},
};

use crate::watch_folder::{book, drop_book, picture, watch_once};

/// A world with one book of a series and its cover.
fn with_a_book() -> (World, PathBuf) {
    let world = World::new();
    fs::create_dir(world.path("in")).unwrap();
    let _ = world.write("in/book.toml", "[metadata]\nseries = \"Numbers\"\nseries-position = \"2\"\n");
    let _ = world.write("in/cover.png", picture(&world, "red"));
    let manuscript = world.write("in/two.md", book("Two Tales", "This is the second book."));
    (world, manuscript)
}

fn convert(world: &World, manuscript: &std::path::Path, more: &[&str]) -> Outcome {
    let manuscript = manuscript.to_str().unwrap();
    let arguments = ["convert", manuscript, "--library", "library"];
    world.run(arguments.iter().chain(more))
}

fn only(world: &World) -> Shelved {
    let mut books = scan_library(&world.path("library"));
    assert_eq!(books.len(), 1, "{books:?}");
    books.remove(0)
}

#[test]
fn a_book_is_one_book_of_its_series_in_every_format_and_made_again_it_is_still_one() {
    for (format, titled) in [("m4b", "Two"), ("mp3", "01 - ")] {
        let (world, manuscript) = with_a_book();
        for _ in 0..2 {
            let _ = convert(&world, &manuscript, &["--format", format, "--force"]).success();
            let it = only(&world);
            let place = (it.author.as_deref(), it.series.as_deref(), it.sequence.as_deref());
            assert_eq!(place, (Some("A. Writer"), Some("Numbers"), Some("2")), "{format}");
            let metadata = it.metadata();
            assert_eq!(metadata["title"], "Two Tales");
            assert_eq!(metadata["series"][0], "Numbers #2");
            let end = metadata["chapters"].as_array().unwrap().last().unwrap()["end"].as_f64().unwrap();
            let sound: f64 = it.sound.iter().map(|file| probe(file).seconds()).sum();
            assert!((sound - end).abs() < 0.1, "{format}: {sound} and {end}");
            let name = it.sound[0].file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with(titled), "{name}");
            assert!(it.cover.is_some_and(|cover| cover.ends_with("cover.png")), "{format}");
        }
        let again = convert(&world, &manuscript, &["--format", format]).success();
        assert!((again.stdout + &again.stderr).contains("up to date"), "{format}");
    }
}

#[test]
fn a_strangers_files_stay_and_two_formats_are_refused_before_anything_is_made() {
    let (world, manuscript) = with_a_book();
    let refused = convert(&world, &manuscript, &["--format", "m4b,mp3"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("m4b and mp3") && refused.stderr.contains("--format"),
        "{}",
        refused.stderr
    );
    assert!(!world.path("library").exists());
    let place = "library/A. Writer/Numbers/Vol 2 - Two Tales";
    fs::create_dir_all(world.path(place)).unwrap();
    let theirs = world.write(&format!("{place}/metadata.json"), "{}");
    let refused = convert(&world, &manuscript, &[]);
    assert!(refused.stderr.contains("metadata.json"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(theirs).unwrap(), "{}");
}

#[test]
fn chapters_of_a_book_that_was_dropped_are_one_book_too() {
    let world = World::new();
    drop_book(&world, "one.md", book("One", "This is the first book."));
    let _ = watch_once(&world, &["--format", "mp3"]).success();
    let it = only(&world);
    let place = (it.author.as_deref(), it.series.as_deref(), it.title.as_str());
    assert_eq!(place, (Some("A. Writer"), None, "One"), "{:?}", it.sound);
    assert_eq!(it.metadata()["title"], "One");
}
