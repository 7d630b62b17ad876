//! `rhapsode check` as a user runs it: our own releases pass, broken files do not, and the exit code says which.

use std::path::{Path, PathBuf};

use rhapsode_tests::{Outcome, World};
use serde_json::Value;

const BOOK: &str = "# One\n\nThe lamp was lit at six. Nobody came to see it, and nobody put it out again.\n\n\
    # Two\n\nIn the morning it was still burning, and the keeper was gone. His coat hung by the door.\n";

fn converted(world: &World, book: &Path, output: &str, more: &[&str]) -> PathBuf {
    let mut command = world.command(["convert"]);
    let command = command.arg(book).args(["-o", output]).args(more);
    let _ = Outcome::from(command.output().unwrap()).success();
    world.path(output)
}

fn check(world: &World, path: &Path, more: &[&str]) -> Outcome {
    let mut command = world.command(["check"]);
    command.arg(path).args(more).output().unwrap().into()
}

/// A book whose metadata is all there.
fn book(world: &World) -> PathBuf {
    let metadata = "---\ntitle: The Lamp\nauthor: Ann Author\nlanguage: en\n---\n\n";
    world.write("b.md", format!("{metadata}{BOOK}"))
}

/// The checks of a JSON audit that warned or failed.
fn broken(audit: &Value) -> Vec<String> {
    let books = audit["books"].as_array().unwrap().iter();
    let findings = books.flat_map(|book| {
        let files = book["files"].as_array().unwrap().iter();
        files.chain([book]).flat_map(|part| part["findings"].as_array().unwrap())
    });
    let broken = findings.filter(|finding| matches!(finding["verdict"].as_str(), Some("warn" | "fail")));
    broken.map(|finding| finding["check"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn our_own_release_of_the_sample_is_green_in_every_format() {
    let world = World::new();
    let book = world.manuscript("the-lamplighters-almanac.epub");
    let out = converted(&world, &book, "out", &["--format", "m4b,mp3,opus,flac", "--chapters", "1-2"]);
    let outcome = check(&world, &out, &[]).success();
    assert!(outcome.stdout.ends_with("nothing is wrong\n"), "{}", outcome.stdout);
    assert!(outcome.stderr.is_empty(), "{}", outcome.stderr);
    let audit: Value = serde_json::from_str(&check(&world, &out, &["--json"]).success().stdout).unwrap();
    assert_eq!((audit["schema"].as_u64(), audit["verdict"].as_str()), (Some(1), Some("pass")));
    let files: usize =
        audit["books"].as_array().unwrap().iter().map(|b| b["files"].as_array().unwrap().len()).sum();
    assert!(files >= 4, "{audit:#}");
}

#[test]
fn our_own_release_for_acx_passes_what_acx_asks() {
    let world = World::new();
    let out = converted(&world, &book(&world), "out", &["--profile", "acx"]);
    let outcome = check(&world, &out, &["--acx", "--json"]).success();
    let audit: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(broken(&audit), Vec::<String>::new(), "{audit:#}");
    // What is made for listening is no MP3, and is told so.
    let m4b = converted(&world, &book(&world), "o.m4b", &[]);
    let refused = check(&world, &m4b, &["--acx"]);
    assert_eq!(refused.code, Some(11), "{}", refused.stdout);
    assert!(refused.stdout.contains("FAIL  codec"), "{}", refused.stdout);
}

#[test]
fn a_release_that_was_cut_ends_in_exit_code_11_and_says_what_to_do() {
    let world = World::new();
    let release = converted(&world, &book(&world), "o.m4b", &[]);
    let bytes = std::fs::read(&release).unwrap();
    std::fs::write(&release, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let outcome = check(&world, &release, &[]);
    assert_eq!(outcome.code, Some(11), "{}", outcome.stdout);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("  FAIL  complete")).unwrap();
    assert!(lines[at].contains("breaks off at 0:"), "{}", lines[at]);
    assert!(lines[at + 1].trim_start().starts_with("remedy"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("failures"), "{}", outcome.stdout);
}

#[test]
fn loudness_for_broadcasting_is_judged_by_ebu_r_128() {
    let world = World::new();
    let r128 = converted(&world, &book(&world), "r.m4b", &["--loudness", "r128"]);
    let _ = check(&world, &r128, &["--r128"]).success();
    let usual = converted(&world, &book(&world), "o.m4b", &[]);
    let outcome = check(&world, &usual, &["--r128"]);
    assert_eq!(outcome.code, Some(11), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("FAIL  loudness"), "{}", outcome.stdout);
}

#[test]
fn a_folder_of_author_and_title_is_what_audiobookshelf_reads() {
    let world = World::new();
    let out = converted(&world, &book(&world), "Ann Author/The Lamp", &[]);
    let audit: Value =
        serde_json::from_str(&check(&world, &out, &["--audiobookshelf", "--json"]).success().stdout).unwrap();
    assert_eq!(broken(&audit), ["cover"], "the manuscript has none: {audit:#}");
}

#[test]
fn what_cannot_be_checked_is_an_error_that_names_it() {
    let world = World::new();
    let nowhere = check(&world, Path::new("nowhere.m4b"), &[]);
    assert_eq!(nowhere.code, Some(6));
    assert!(nowhere.stderr.contains("failed to open nowhere.m4b"), "{}", nowhere.stderr);
    std::fs::create_dir(world.path("empty")).unwrap();
    let empty = check(&world, &world.path("empty"), &[]);
    assert_eq!(empty.code, Some(6));
    assert!(empty.stderr.contains("no sound files") && empty.stderr.contains("hint:"), "{}", empty.stderr);
    let both = check(&world, Path::new("x"), &["--acx", "--r128"]);
    assert_eq!(both.code, Some(2), "{}", both.stderr);
    let page = world.write("page.mp3", "<html>404</html>");
    let outcome = check(&world, &page, &[]);
    assert_eq!(outcome.code, Some(11), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("it is no sound file"), "{}", outcome.stdout);
}
