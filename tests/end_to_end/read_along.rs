//! The book to read along, as the program makes it; what must hold for every edition stands beside its crate.

use std::{path::Path, process::Command};

use rhapsode_tests::World;

/// epubcheck's errors and warnings. It is run by its archive: the wrapper needs more of the system.
fn epubcheck(path: &Path) -> Vec<String> {
    let output = Command::new("java").args(["-jar", "/usr/share/java/epubcheck.jar"]).arg(path).output();
    let output = output.expect("java and epubcheck are there: scripts/setup");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("Messages:"), "{said}");
    let wrong = |line: &&str| ["ERROR", "FATAL", "WARNING"].iter().any(|kind| line.starts_with(kind));
    said.lines().filter(wrong).map(str::to_owned).collect()
}

#[test]
fn the_epub_sample_becomes_a_book_to_read_along_and_is_not_replaced_by_it() {
    let world = World::new();
    let book = world.manuscript("the-lamplighters-almanac.epub");
    let before = std::fs::read(&book).unwrap();
    let _ = world.run(["convert".as_ref(), book.as_os_str(), "--with".as_ref(), "epub".as_ref()]).success();
    let edition = world.path("The Lamplighter\u{2019}s Almanac (read-along).epub");
    assert_eq!(epubcheck(&edition), Vec::<String>::new());
    assert_eq!(std::fs::read(&book).unwrap(), before);
    // It is no manuscript of another, and that is told before anything is spoken.
    let again = world.run(["convert".as_ref(), edition.as_os_str(), "--with".as_ref(), "epub".as_ref()]);
    assert_eq!(again.code, Some(3), "{}", again.stderr);
    assert!(
        again.stderr.contains("it is one already") || again.stderr.contains("is one already"),
        "{}",
        again.stderr
    );
}
