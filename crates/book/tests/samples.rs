//! The samples in `books/samples`: each is read as a reader would expect, and the packed ones are what their
//! sources give.

#![allow(clippy::unwrap_used, reason = "a manuscript that cannot be read is a verdict on the reader")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use rhapsode_book::{BlockKind, Book, Inline, ReadOptions, SectionRole, Series, SkipReason, read};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../books/samples")
}

fn sample(name: &str) -> Book {
    read(&samples().join(name), &ReadOptions::default()).unwrap()
}

fn titles(book: &Book) -> Vec<&str> {
    book.chapters.iter().map(|c| c.title.as_str()).collect()
}

fn text(book: &Book) -> String {
    let blocks = book.chapters.iter().flat_map(|c| &c.blocks);
    let runs = blocks
        .flat_map(|b| &b.inlines)
        .map(|i| if let Inline::Text(run) = i { run.text.as_str() } else { "\n" });
    runs.collect()
}

fn has(book: &Book, wanted: fn(BlockKind) -> bool) -> bool {
    book.chapters.iter().flat_map(|c| &c.blocks).any(|b| wanted(b.kind))
}

#[test]
fn the_novella_is_a_preface_and_three_chapters() {
    let book = sample("the-lamplighters-almanac.epub");
    assert_eq!(book.chapters.len(), 4, "{:?}", titles(&book));
    assert_eq!(book.chapters[0].role, Some(SectionRole::Preface));
    assert!(titles(&book)[3].ends_with("The Hill"), "{:?}", titles(&book));
    assert_eq!(book.metadata.title, "The Lamplighter’s Almanac");
    assert_eq!(book.metadata.authors, ["Maren Tollivant"]);
    let series = Series { name: "Quillhaven Papers".into(), position: Some("1".into()) };
    assert_eq!(book.metadata.series, Some(series));
    assert!(book.cover.is_some());
    let text = text(&book);
    assert!(text.contains("There were two hundred and twelve lamps"), "the drop cap belongs to its word");
    for unread in ["Pronounced", "Quillhaven is on no map", "Landmarks"] {
        assert!(!text.contains(unread), "{unread}");
    }
    assert!(book.remarks.is_empty(), "{:?}", book.remarks);
}

#[test]
fn the_markdown_sample_has_two_chapters_and_leaves_its_note_and_code_out() {
    let book = sample("the-tide-clerk.md");
    assert_eq!(titles(&book), ["1. High Water", "2. Low Water"]);
    assert_eq!((book.metadata.title.as_str(), book.metadata.year), ("The Tide Clerk", Some(2026)));
    assert!(
        has(&book, |kind| kind == BlockKind::TableRow) && has(&book, |kind| kind == BlockKind::SceneBreak)
    );
    assert!(has(&book, |kind| kind == BlockKind::ListItem { ordinal: Some(3) }));
    let skipped = book.ledger.skipped();
    for reason in [SkipReason::Note, SkipReason::Code, SkipReason::MetadataBlock, SkipReason::NoteReference] {
        assert!(skipped.contains_key(&reason), "{reason:?}");
    }
    assert!(book.remarks.is_empty(), "{:?}", book.remarks);
}

#[test]
fn the_text_sample_has_its_chapters_its_verse_and_its_author() {
    let book = sample("the-orchard-at-number-nine.txt");
    assert_eq!(titles(&book), ["CHAPTER ONE: The Advertisement", "CHAPTER TWO: The Lease"]);
    assert_eq!(book.metadata.title, "THE ORCHARD AT NUMBER NINE");
    assert_eq!(book.metadata.authors, ["Maren Tollivant"]);
    assert!(has(&book, |kind| kind == BlockKind::Verse) && has(&book, |kind| kind == BlockKind::SceneBreak));
}

#[test]
fn the_word_sample_has_its_chapters_list_and_quotation() {
    let book = sample("a-lighthouse-by-post.docx");
    assert_eq!(titles(&book), ["The Order", "The Delivery"]);
    assert_eq!(book.metadata.title, "A Lighthouse by Post");
    assert_eq!(book.metadata.language.as_deref(), Some("en-GB"));
    assert!(
        has(&book, |kind| kind == BlockKind::Quotation) && has(&book, |kind| kind == BlockKind::SceneBreak)
    );
    assert!(has(&book, |kind| kind == BlockKind::ListItem { ordinal: Some(3) }));
    assert!(book.ledger.skipped().contains_key(&SkipReason::Note));
}

#[test]
fn the_packed_samples_are_what_their_sources_give() {
    let sources = std::fs::read_dir(samples().join("source")).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<PathBuf> = sources.filter(|path| path.is_dir()).collect();
    assert_eq!(folders.len(), 2);
    for folder in folders {
        let packed = samples().join(folder.file_name().unwrap());
        let mut archive = zip::ZipArchive::new(std::fs::File::open(&packed).unwrap()).unwrap();
        let mut members = BTreeMap::new();
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            members.insert(member.name().unwrap().into_owned(), bytes);
        }
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.clone()];
        while let Some(inner) = folders.pop() {
            for entry in std::fs::read_dir(inner).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&folder).unwrap().to_string_lossy().replace('\\', "/");
                    files.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        assert!(members == files, "{} is not current; run books/samples/build", packed.display());
    }
}
