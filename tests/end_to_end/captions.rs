//! What is made beside the sound, as the program makes it and as the libraries of others read it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use rhapsode_tests::{Outcome, World, decode, probe, python, workspace};
use serde_json::Value;

const RATE: f64 = 24_000.0;

const BOOK: &str = "---\ntitle: The \"Ferry\" & Co\nauthor: A. Writer\n---\n# One\n\nThe ferry cost £20 in 1911. \
    Nobody, and least of all the ferryman, who had stood at that landing every day since the great frost, would \
    have paid so much for so short a way.\n\n# Two\n\nIt is 5 < 6 & true.\n";

/// What a library reads, if a registry gives it.
fn read(path: &Path) -> Option<Value> {
    let python = python("tests/captions/requirements.txt")?;
    let script = workspace().join("tests/captions/read.py");
    let output = Command::new(python).arg(script).arg(path).output().unwrap();
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn convert(world: &World, book: &Path, more: &[&str]) -> Outcome {
    let mut arguments = vec!["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out".as_ref()];
    arguments.extend(more.iter().map(|argument| std::ffi::OsStr::new(*argument)));
    world.run(arguments)
}

fn only(world: &World, extension: &str) -> PathBuf {
    let entries = std::fs::read_dir(world.path("out")).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn captions_have_the_words_of_the_manuscript_where_they_are_heard() {
    let world = World::new();
    let book = world.write("ferry.md", BOOK);
    let _ = convert(&world, &book, &["--with", "srt,vtt,lrc"]).success();
    let samples = decode(&only(&world, "m4b"));
    for extension in ["srt", "vtt", "lrc"] {
        let Some(cues) = read(&only(&world, extension)) else { return };
        let cues = cues.as_array().unwrap();
        let words: Vec<String> = cues.iter().map(|cue| cue[2].as_str().unwrap().replace('\n', " ")).collect();
        let words = words.join(" ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert!(words.contains("The ferry cost £20 in 1911."), "{extension}: {words}");
        assert!(words.contains("It is 5 < 6 & true."), "{extension}: {words}");
        for cue in cues {
            // Somebody speaks within half a second of where the first words are shown.
            let start = (cue[0].as_f64().unwrap() * RATE) as usize;
            let speech = &samples[start..(start + 12_000).min(samples.len())];
            assert!(speech.iter().any(|sample| sample.unsigned_abs() > 1_000), "{extension}: {cue}");
        }
    }
}

#[test]
fn a_feed_is_read_by_a_feed_reader() {
    let world = World::new();
    let book = world.write("ferry.md", BOOK);
    let feed = ["--format", "flac", "--with", "rss,vtt", "--feed-url", "https://books.example/a"];
    let _ = convert(&world, &book, &feed).success();
    let mut entries = std::fs::read_dir(world.path("out")).unwrap().map(|entry| entry.unwrap().path());
    let folder = entries.find(|path| path.to_string_lossy().ends_with("(flac)")).unwrap();
    let Some(feed) = read(&folder.join("feed.rss")) else { return };
    assert_eq!((&feed["wrong"], feed["title"].as_str()), (&Value::Null, Some("The \"Ferry\" & Co")));
    let episodes = feed["episodes"].as_array().unwrap();
    assert_eq!(episodes.len(), 2);
    for episode in episodes {
        let name = episode["file"]["href"].as_str().unwrap().rsplit('/').next().unwrap().replace("%20", " ");
        let file = folder.join(name);
        assert_eq!(episode["file"]["length"], std::fs::metadata(&file).unwrap().len().to_string());
        assert_eq!(episode["file"]["type"], "audio/flac");
        assert!(probe(&file).seconds() > 0.5);
    }
}

#[test]
fn what_is_asked_for_later_is_made_without_a_word_being_spoken() {
    let world = World::new();
    let book = world.write("ferry.md", BOOK);
    let _ = convert(&world, &book, &[]).success();
    // No voice could speak now: it is not there.
    let with = ["--with", "srt,cue,opf,lpf,audiobook,epub", "--voices", "nowhere"];
    let _ = convert(&world, &book, &with).success();
    for extension in ["srt", "cue", "opf", "lpf", "audiobook", "epub"] {
        assert!(only(&world, extension).metadata().unwrap().len() > 100, "{extension}");
    }
    let again = convert(&world, &book, &with).success();
    assert!(again.stderr.contains("up to date"), "{}", again.stderr);
    std::fs::remove_file(only(&world, "srt")).unwrap();
    let _ = convert(&world, &book, &with).success();
    let _ = only(&world, "srt");
}

#[test]
fn what_cannot_be_made_is_told_before_anything_is_spoken() {
    let world = World::new();
    let book = world.write("ferry.md", BOOK);
    let unknown = convert(&world, &book, &["--with", "sbv"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    assert!(
        unknown.stderr.contains("srt, vtt, lrc, cue, opf, rss, lpf, audiobook, epub"),
        "{}",
        unknown.stderr
    );
    let feed = convert(&world, &book, &["--with", "rss"]);
    assert!(feed.stderr.contains("--feed-url"), "{}", feed.stderr);
    // A stranger's file is never replaced.
    std::fs::create_dir(world.path("out")).unwrap();
    let stranger = world.write("out/The 'Ferry' & Co.srt", "mine");
    let occupied = convert(&world, &book, &["--with", "srt"]);
    assert_eq!(occupied.code, Some(6), "{}", occupied.stderr);
    assert_eq!(std::fs::read_to_string(stranger).unwrap(), "mine");
}
