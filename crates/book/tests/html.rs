//! A manuscript that is one HTML or XHTML file.

mod support;

use std::path::Path;

use rhapsode_book::{
    Format, Matter, NotePolicy, ReadError, ReadOptions, ReadPolicy, SkipReason, TitleOrigin, read_bytes,
};
use support::{read_html, texts, titles};

fn html(text: &str) -> rhapsode_book::Book {
    read_html(text, ReadPolicy::default())
}

#[test]
fn chapters_start_at_the_headings_that_recur() {
    let book = html(
        "<!DOCTYPE html><html lang=en><head><title>Tides</title><meta name=author content='T. Clerk'>\
         <meta name=description content=Salt></head><body><h1>Tides</h1><p>by T. Clerk\
         <h2>One</h2><p>First.<h3>Inner</h3><p>More.<h2>Two</h2><p>Second.",
    );
    assert_eq!(book.format, Format::Html);
    assert_eq!(titles(&book), ["One", "Two"]);
    assert_eq!(texts(&book.chapters[0]), ["One", "First.", "Inner", "More."]);
    assert!(book.chapters.iter().all(|c| c.title_origin == TitleOrigin::Heading));
    let m = &book.metadata;
    assert_eq!(
        (m.title.as_str(), m.authors[0].as_str(), m.language.as_deref()),
        ("Tides", "T. Clerk", Some("en"))
    );
}

#[test]
fn parts_are_no_substitute_for_their_chapters() {
    let book = html(
        "<h1>Part One</h1><h2>The Sea</h2><p>a</p><h2>The Sky</h2><p>b</p><h1>Part Two</h1><h2>The Land</h2><p>c</p>",
    );
    assert_eq!(titles(&book), ["The Sea", "The Sky", "The Land"]);
    assert_eq!(texts(&book.chapters[2]), ["Part Two", "The Land", "c"]);
}

#[test]
fn a_page_without_headings_is_one_chapter_with_the_books_title() {
    let book = html("<title>Tides</title><p>Only text.");
    assert_eq!(titles(&book), ["Tides"]);
    assert_eq!(book.chapters[0].title_origin, TitleOrigin::Inferred);
    assert_eq!(book.chapters[0].matter, Matter::Body);
}

#[test]
fn a_story_called_index_is_read() {
    let book = html("<h1>Index</h1><p>She pointed.</p>");
    assert_eq!(texts(&book.chapters[0]), ["Index", "She pointed."]);
}

#[test]
fn styles_scripts_and_hidden_text_of_the_page_are_left_out() {
    let book = html(
        "<style>.x{display:none}</style><p>a<script>b()</script> <span class=x>c</span>d</p><p hidden>e</p>",
    );
    assert_eq!(texts(&book.chapters[0]), ["a d"]);
    assert_eq!(book.ledger.skipped()[&SkipReason::HiddenText], 2);
}

#[test]
fn footnotes_of_a_page_follow_the_policy() {
    let page = "<p>Salt<sup id=r1><a href='#f1'>1</a></sup> water.</p><p>More.</p>\
                <div class=footnotes><h2>Notes</h2><ol><li id=f1><p>Of the sea. <a href='#r1'>↩</a></p></li></ol></div>";
    assert_eq!(texts(&html(page).chapters[0]), ["Salt water.", "More."]);
    let policy = ReadPolicy { notes: NotePolicy::InPlace, ..ReadPolicy::default() };
    assert_eq!(texts(&read_html(page, policy).chapters[0]), ["Salt water.", "Of the sea.", "More."]);
}

#[test]
fn xhtml_is_told_by_its_declaration_and_parsed_as_xml() {
    let xhtml =
        b"\xef\xbb\xbf<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head>\
                  <body><p>One<br/>two</p></body></html>";
    let book = read_bytes(xhtml, Path::new("noname"), &ReadOptions::default()).unwrap();
    assert_eq!(texts(&book.chapters[0]), ["One / two"]);
    assert!(book.remarks.is_empty(), "{:?}", book.remarks);
    assert_eq!(book.metadata.title, "noname");
}

#[test]
fn a_page_of_two_hundred_megabytes_is_refused() {
    let mut page = b"<html><p>".to_vec();
    page.resize(200 << 20, b'a');
    let error = read_bytes(&page, Path::new("a.html"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(&error, ReadError::TooLarge { place, .. } if place == "a.html"), "{error:?}");
}

#[test]
fn nesting_beyond_what_browsers_show_is_refused() {
    let error = read_bytes("<div>".repeat(50_000).as_bytes(), Path::new("a.html"), &ReadOptions::default());
    assert!(matches!(error, Err(ReadError::TooLarge { .. })), "{error:?}");
}

#[test]
fn bytes_that_are_no_page_give_an_error_or_a_book_but_no_panic() {
    for bytes in [
        &b""[..],
        b"<",
        b"<html",
        b"\xff\xfe",
        b"\xff\xfe<\0",
        b"<?xml",
        b"<![CDATA[",
        b"<!--",
        b"&#0;&#x110000;",
    ] {
        let options = ReadOptions { format: Some(Format::Html), ..ReadOptions::default() };
        if let Ok(book) = read_bytes(bytes, Path::new("a.html"), &options) {
            support::check(&book);
        }
    }
}
