//! Editions of sample books and of books made to be difficult, judged by epubcheck and by what a reading system would
//! play at each mark.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]
#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]

mod judge;
mod reader;
mod studio;

use std::path::{Path, PathBuf};

use judge::holds;
use rhapsode_book::ReadPolicy;
use studio::Recording;

fn spoken(path: &Path) -> Recording {
    let name = path.file_name().unwrap().to_str().unwrap();
    Recording::of(std::fs::read(path).unwrap(), name, ReadPolicy::default())
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../books/samples").join(name)
}

#[test]
fn the_epub_sample_becomes_an_edition_in_which_every_mark_is_heard() {
    let recording = spoken(&sample("the-lamplighters-almanac.epub"));
    let edition = holds(&recording);
    // The words under a mark are those of its chunk.
    let chunk = &recording.script.chapters[1].chunks[0];
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let marked: Vec<String> =
        edition.clips().map(|clip| squeezed(&edition.text_of(&clip.document, &clip.id))).collect();
    assert!(marked.contains(&chunk.source.text), "{} is not marked", chunk.source.text);
    let narrator = edition.package_elements();
    assert!(narrator.iter().any(|element| element.text == "Hibari (synthetic)"));
}

#[test]
fn moby_dick_becomes_an_edition_in_which_every_mark_is_heard() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/books/moby-dick.epub");
    if !path.exists() {
        println!("skipped: there is no {}", path.display());
        return;
    }
    let edition = holds(&spoken(&path));
    assert!(edition.clips().count() > 9_000, "{}", edition.clips().count());
}

#[test]
fn books_that_are_no_epub_become_editions_too() {
    for name in ["the-tide-clerk.md", "the-orchard-at-number-nine.txt", "a-lighthouse-by-post.docx"] {
        println!("{name}");
        let _ = holds(&spoken(&sample(name)));
    }
}

#[test]
fn an_edition_is_no_manuscript_of_another() {
    let first = spoken(&sample("the-lamplighters-almanac.epub"));
    let edition = std::fs::read(first.edition().unwrap()).unwrap();
    let again = Recording::of(edition, "again.epub", ReadPolicy::default());
    let error = again.edition().unwrap_err().to_string();
    assert!(error.contains("is one already") && error.contains(".smil"), "{error}");
}
