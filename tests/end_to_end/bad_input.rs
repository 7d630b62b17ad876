//! Bad input gets an error that names the file, the place and the remedy, with its documented exit code.

use std::{fs, io::Write};

use rhapsode_tests::{Outcome, World, sample};

fn refused(world: &World, book: &std::path::Path, code: i32, words: &[&str]) -> Outcome {
    let outcome = world.run(["plan".as_ref(), book.as_os_str()]);
    assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
    let name = book.file_name().unwrap().to_string_lossy().into_owned();
    for word in words.iter().copied().chain([name.as_str()]) {
        assert!(outcome.stderr.contains(word), "{word:?} is not in:\n{}", outcome.stderr);
    }
    outcome
}

#[test]
fn a_manuscript_that_is_not_there_is_named() {
    let world = World::new();
    refused(&world, &world.path("nowhere.epub"), 3, &["No such file"]);
}

#[test]
fn a_file_of_unknown_kind_is_refused_with_the_kinds_that_are_read() {
    let world = World::new();
    let book = world.write("picture.xyz", [0x89, b'P', b'N', b'G', 0, 1, 2, 3, 0xff, 0xfe, 0, 0]);
    refused(&world, &book, 3, &["hint:", "EPUB"]);
}

#[test]
fn an_epub_that_is_no_zip_is_refused() {
    let world = World::new();
    let book = world.write("book.epub", "this is no archive");
    refused(&world, &book, 3, &["hint:"]);
}

#[test]
fn an_epub_cut_short_anywhere_is_refused_or_read_and_never_a_panic() {
    let world = World::new();
    let whole = fs::read(sample(&crate::books::of_type("epub"))).unwrap();
    for tenth in 1..10 {
        let book = world.write(&format!("cut{tenth}.epub"), &whole[..whole.len() * tenth / 10]);
        refused(&world, &book, 3, &["failed to read"]);
    }
}

#[test]
fn an_empty_text_has_nothing_to_speak() {
    let world = World::new();
    refused(&world, &world.write("empty.txt", ""), 3, &["hint:"]);
    refused(&world, &world.write("blank.md", " \n\n\t\n"), 3, &["hint:"]);
}

#[test]
fn a_text_of_two_hundred_megabytes_is_planned_in_bounded_memory() {
    let world = World::new();
    let path = world.path("long.txt");
    let mut file = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    let paragraph = "It was a long book, and nobody had read it to its end. He tried again in 1887.\n\n";
    for _ in 0..200_000_000 / paragraph.len() {
        file.write_all(paragraph.as_bytes()).unwrap();
    }
    drop(file);
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v 8000000; exec \"$0\" \"$@\""])
        .arg(rhapsode_tests::program())
        .args(["plan", "--json"])
        .arg(&path)
        .output()
        .unwrap();
    let outcome = Outcome::from(output);
    assert!(
        !outcome.stderr.contains("panicked") && !outcome.stderr.contains("memory allocation"),
        "{}",
        outcome.stderr
    );
    match outcome.code {
        Some(0) => {
            let plan: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
            assert!(plan["spoken"].as_u64().unwrap() > 150_000_000);
        }
        Some(3) => assert!(outcome.stderr.contains("limit"), "{}", outcome.stderr),
        code => panic!("{code:?}: {}", outcome.stderr),
    }
}

#[test]
fn an_unknown_key_in_the_configuration_is_pointed_at() {
    let world = World::new();
    let config = world.write("rhapsode.toml", "[speech]\nspeed = 1.1\nvolume = 3\n");
    let book = world.manuscript(&crate::books::of_type("md"));
    let outcome = world.run(["plan".as_ref(), book.as_os_str(), "--config".as_ref(), config.as_os_str()]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("line 3") && outcome.stderr.contains("volume"), "{}", outcome.stderr);
}

#[test]
fn a_wrong_lexicon_is_pointed_at() {
    let world = World::new();
    let book = world.manuscript(&crate::books::of_type("md"));
    let lexicon = world.write("words.toml", "[[word]]\nword = \"Ahab\"\nrespeling = \"ay-hab\"\n");
    let outcome = world.run(["plan".as_ref(), book.as_os_str(), "--lexicon".as_ref(), lexicon.as_os_str()]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("line 3") && outcome.stderr.contains("words.toml"), "{}", outcome.stderr);
}

#[test]
fn an_unknown_voice_is_refused_before_the_book_is_read() {
    let world = World::new();
    let outcome = world.run(["convert", "nowhere.epub", "--voice", "nobody"]);
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("nobody") && outcome.stderr.contains("rhapsode voices"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn of_two_books_the_good_one_is_made_and_the_exit_code_says_partial() {
    let world = World::new();
    let good = world.write("good.md", "# Good\n\nOne short sentence.\n");
    let bad = world.write("bad.epub", "no archive");
    let arguments = ["convert".as_ref(), bad.as_os_str(), good.as_os_str(), "-o".as_ref(), "out".as_ref()];
    let outcome = world.run(arguments);
    assert_eq!(outcome.code, Some(9), "{}", outcome.stderr);
    assert!(world.path("out/Good.m4b").is_file());
}
