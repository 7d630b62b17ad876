//! A real EPUB of 215,000 words, if it lies beside the repository: chapters right, nothing lost.
#![allow(clippy::print_stdout, reason = "a test that is skipped says so")]
#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

mod support;

use std::path::{Path, PathBuf};

use rhapsode_book::{
    BlockKind, Book, CoverType, Matter, NotePolicy, ReadOptions, ReadPolicy, SectionRole, SkipReason,
    TitleOrigin, read,
};
use support::{check, runs, text, texts};

fn moby_dick(policy: ReadPolicy) -> Option<Book> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/books/moby-dick.epub");
    if !path.exists() {
        println!("skipped: there is no {}", path.display());
        return None;
    }
    let book = read(&path, &ReadOptions { format: None, policy }).unwrap();
    check(&book);
    Some(book)
}

#[test]
fn moby_dick_has_its_chapters_with_their_titles() {
    let Some(book) = moby_dick(ReadPolicy::default()) else { return };
    let chapters: Vec<_> = book.chapters.iter().filter(|c| c.role == Some(SectionRole::Chapter)).collect();
    assert_eq!(chapters.len(), 135);
    for (chapter, number) in chapters.iter().zip(1..) {
        assert!(chapter.title.starts_with(&format!("Chapter {number}. ")), "{}", chapter.title);
        assert_eq!((chapter.title_origin, chapter.matter), (TitleOrigin::Heading, Matter::Body));
    }
    let others: Vec<_> = book.chapters.iter().filter(|c| c.role != Some(SectionRole::Chapter)).collect();
    let titles: Vec<_> = others.iter().map(|c| c.title.as_str()).collect();
    assert_eq!(titles, ["ETYMOLOGY.", "EXTRACTS (Supplied by a Sub-Sub-Librarian).", "Epilogue"]);
    assert_eq!((others[0].matter, others[2].role), (Matter::Front, Some(SectionRole::Epilogue)));
    assert!(
        texts(chapters[0])[1].starts_with("Call me Ishmael. Some years ago—never mind how long precisely—")
    );
    assert_eq!(texts(chapters[134]).last().unwrap().split_whitespace().last(), Some("ago."));
}

#[test]
fn moby_dick_is_read_whole() {
    let Some(book) = moby_dick(ReadPolicy::default()) else { return };
    let words: usize = runs(&book).map(|r| r.text.split_whitespace().count()).sum();
    assert!((205_000..220_000).contains(&words), "{words} words");
    assert_eq!(book.remarks, [""; 0]);
    let skipped = book.ledger.skipped();
    assert!(skipped.values().sum::<u64>() < book.ledger.total() / 50, "{skipped:?}");
    assert!(!skipped.contains_key(&SkipReason::HiddenText));
    assert_eq!(book.metadata.authors, ["Herman Melville"]);
    assert_eq!(book.metadata.language.as_deref(), Some("en-US"));
    assert_eq!(book.cover.map(|c| c.kind), Some(CoverType::Jpeg));
}

#[test]
fn moby_dick_reads_its_notes_when_asked() {
    let mut policy = ReadPolicy { notes: NotePolicy::InPlace, ..ReadPolicy::default() };
    policy.skip_sections.clear();
    let Some(book) = moby_dick(policy) else { return };
    let notes: Vec<_> =
        book.chapters.iter().flat_map(|c| &c.blocks).filter(|b| b.kind == BlockKind::Note).collect();
    assert!(notes.iter().any(|n| text(n) == "These have been corrected in this EPUB3 edition."));
    assert!(book.ledger.skipped().contains_key(&SkipReason::NoteReference));
}
