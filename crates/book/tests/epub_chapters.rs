//! Where chapters start and what they are called.

mod support;

use rhapsode_book::{Matter, ReadPolicy, SectionRole, SkipReason, TitleOrigin};
use support::{Epub, texts, titles};

#[test]
fn chapters_come_in_spine_order_whatever_the_manifest_says() {
    let book = Epub::new()
        .page("z.xhtml", "<h1>First</h1><p>One.</p>")
        .page("a.xhtml", "<h1>Second</h1><p>Two.</p>")
        .contents("<li><a href='text/a.xhtml'>Second</a></li><li><a href='text/z.xhtml'>First</a></li>")
        .read();
    assert_eq!(titles(&book), ["First", "Second"]);
    assert!(book.chapters.iter().all(|c| c.title_origin == TitleOrigin::Heading));
}

#[test]
fn several_chapters_stand_in_one_file() {
    let book = Epub::new()
        .page(
            "all.xhtml",
            "<div><h2 id='c1'>One</h2><p>First text.</p><h2><a id='c2'/>Two</h2><p>Second <b>text</b>.</p>\
             <p>It ends here.<a id='c%203'/></p><h2>Three</h2><p>Third.</p></div>",
        )
        .contents(
            "<li><a href='text/all.xhtml#c1'>One</a></li><li><a href='text/all.xhtml#c2'>Two</a></li>\
             <li><a href='text/all.xhtml#c%25203'>Three</a></li>",
        )
        .read();
    assert_eq!(titles(&book), ["One", "Two", "Three"]);
    assert_eq!(texts(&book.chapters[0]), ["One", "First text."]);
    assert_eq!(texts(&book.chapters[1]), ["Two", "Second text.", "It ends here."]);
    assert_eq!(texts(&book.chapters[2]), ["Three", "Third."]);
}

#[test]
fn a_chapter_spans_files_and_files_without_an_entry_belong_to_the_one_before() {
    let book = Epub::new()
        .page("1a.xhtml", "<h1>One</h1><p>Begin.</p>")
        .page("1b.xhtml", "<p>Middle.</p>")
        .page("1c.xhtml", "<p>End of one.</p><h1 id='two'>Two</h1><p>Begin.</p>")
        .contents("<li><a href='text/1a.xhtml'>One</a></li><li><a href='text/1c.xhtml#two'>Two</a></li>")
        .read();
    assert_eq!(texts(&book.chapters[0]), ["One", "Begin.", "Middle.", "End of one."]);
    assert_eq!(texts(&book.chapters[1]), ["Two", "Begin."]);
}

#[test]
fn percent_encoded_references_find_their_files_and_anchors() {
    let book = Epub::new()
        .page("Kapitel eins.xhtml", "<p>Before.</p><h1 id='anfang-ä'>Eins</h1><p>Text.</p>")
        .contents("<li><a href='text/Kapitel%20eins.xhtml#anfang-%C3%A4'>Eins</a></li>")
        .read();
    assert_eq!(titles(&book), ["Chapter 1", "Eins"]);
    assert_eq!(book.chapters[0].title_origin, TitleOrigin::Inferred);
}

#[test]
fn a_part_with_text_is_a_chapter_and_a_bare_part_heads_its_first_chapter() {
    let book = Epub::new()
        .page("p1.xhtml", "<h1>Part One</h1>")
        .page("c1.xhtml", "<h2>The Sea</h2><p>Salt.</p><h3 id='s'>Foam</h3><p>White.</p>")
        .page("p2.xhtml", "<h1>Part Two</h1><p>A word before.</p><h2 id='c2'>The Land</h2><p>Clay.</p>")
        .contents(
            "<li><a href='text/p1.xhtml'>Part One</a><ol><li><a href='text/c1.xhtml'>The Sea</a>\
             <ol><li><a href='text/c1.xhtml#s'>Foam</a></li></ol></li></ol></li>\
             <li><a href='text/p2.xhtml'>Part Two</a><ol><li><a href='text/p2.xhtml#c2'>The Land</a></li></ol></li>",
        )
        .read();
    assert_eq!(titles(&book), ["The Sea", "Part Two", "The Land"]);
    assert_eq!(texts(&book.chapters[0]), ["Part One", "The Sea", "Salt.", "Foam", "White."]);
    assert_eq!(texts(&book.chapters[1]), ["Part Two", "A word before."]);
    assert_eq!(book.chapters[1].role, Some(SectionRole::Part));
}

#[test]
fn the_contents_of_epub_2_are_read() {
    let ncx = "<ncx xmlns='http://www.daisy.org/z3986/2005/ncx/'><navMap>\
        <navPoint id='a'><navLabel><text>Part I</text></navLabel><content src='text/a.xhtml'/>\
          <navPoint id='b'><navLabel><text>Loomings &amp; Omens</text></navLabel>\
            <content src='text/a.xhtml#l'/></navPoint></navPoint></navMap></ncx>";
    let mut epub = Epub::new()
        .page(
            "a.xhtml",
            "<p>Motto of the part.</p><div id='l'><p>LOOMINGS</p><p>&amp; OMENS</p></div><p>Call me.</p>",
        )
        .file("OPS/toc.ncx", ncx);
    epub.manifest = "<item id='ncx' href='toc.ncx' media-type='application/x-dtbncx+xml'/>".into();
    let book = epub.read();
    assert_eq!(titles(&book), ["Part I", "Loomings & Omens"]);
    // Paragraphs that say the title are headings: it is heard once.
    assert_eq!(book.chapters[1].title_origin, TitleOrigin::Heading);
}

#[test]
fn a_title_that_only_the_contents_have_is_announced() {
    let book = Epub::new()
        .page("a.xhtml", "<p>It was night.</p>")
        .page("b.xhtml", "<h2>Chapter 2</h2><h3>Loomings</h3><p>Day.</p>")
        .page("c.xhtml", "<h2>The Third</h2><p>Dusk.</p>")
        .contents(
            "<li><a href='text/a.xhtml'>Night</a></li><li><a href='text/b.xhtml'>Chapter 2. Loomings</a></li>\
             <li><a href='text/c.xhtml'>3. The Third</a></li>",
        )
        .read();
    let origins: Vec<_> = book.chapters.iter().map(|c| c.title_origin).collect();
    assert_eq!(origins, [TitleOrigin::Contents, TitleOrigin::Heading, TitleOrigin::Contents]);
    // The heading that says less than the contents is not heard after them.
    assert_eq!(texts(&book.chapters[2]), ["Dusk."]);
    assert_eq!(book.ledger.skipped()[&SkipReason::RepeatedTitle], 9);
}

#[test]
fn without_contents_each_document_is_a_chapter() {
    let book = Epub::new().page("a.xhtml", "<h1>A</h1><p>x</p>").page("b.xhtml", "<p>y</p>").read();
    assert_eq!(titles(&book), ["A", "Chapter 2"]);
    assert!(book.remarks.iter().any(|r| r.contains("no table of contents")));
}

#[test]
fn front_and_back_matter_go_by_role_and_by_title() {
    let book = Epub::new()
        .xhtml("cover.xhtml", "<body epub:type='cover'><p>The Tide Clerk</p></body>", "linear='no'")
        .page("title.xhtml", "<p>The Tide Clerk</p><p>by Nobody</p>")
        .page("rights.xhtml", "<p>Copyright © 2020 Nobody. All rights reserved.</p>")
        .page("dedication.xhtml", "<section epub:type='dedication'><p>For M.</p></section>")
        .page("toc.xhtml", "<h1>Table of Contents</h1><p>One</p>")
        .page("preface.xhtml", "<h1>Preface to the Second Edition</h1><p>I wrote this.</p>")
        .page("one.xhtml", "<h1>One</h1><p>Text.</p>")
        .page("also.xhtml", "<h2>Also by Nobody</h2><p>Buy it.</p>")
        .page("index.xhtml", "<h1>Index</h1><p>clerk, 1</p>")
        .page("index2.xhtml", "<p>tide, 2</p>")
        .contents(
            "<li><a href='text/preface.xhtml'>Preface to the Second Edition</a></li>\
             <li><a href='text/one.xhtml'>One</a></li><li><a href='text/index.xhtml'>Index</a></li>",
        )
        .read();
    assert_eq!(titles(&book), ["Dedication", "Preface to the Second Edition", "One"]);
    assert_eq!(book.chapters[0].role, Some(SectionRole::Dedication));
    assert_eq!(book.chapters[0].matter, Matter::Front);
    let skipped = book.ledger.skipped();
    for role in [
        SectionRole::Cover,
        SectionRole::TitlePage,
        SectionRole::Copyright,
        SectionRole::Contents,
        SectionRole::Advertisement,
        SectionRole::Index,
    ] {
        assert!(skipped.contains_key(&SkipReason::Section(role)), "{role:?}");
    }
}

#[test]
fn a_skipped_page_does_not_take_the_unnamed_text_behind_it_along() {
    let book = Epub::new()
        .page("rights.xhtml", "<p>All rights reserved.</p>")
        .page("story.xhtml", "<p>The story itself.</p>")
        .contents("<li><a href='text/rights.xhtml'>Copyright</a></li>")
        .read();
    assert_eq!(texts(&book.chapters[0]), ["The story itself."]);
}

#[test]
fn the_user_may_read_what_is_usually_skipped() {
    let mut policy = ReadPolicy::default();
    policy.skip_sections.remove(&SectionRole::Index);
    let epub = Epub::new()
        .page("one.xhtml", "<h1>One</h1><p>Text.</p>")
        .page("index.xhtml", "<section epub:type='index'><h1>Index</h1><p>clerk, 1</p></section>");
    assert_eq!(titles(&epub.read()), ["One"]);
    assert_eq!(titles(&epub.read_with(policy)), ["One", "Index"]);
}

#[test]
fn a_document_outside_the_reading_order_is_skipped_unless_the_contents_name_it() {
    let epub = Epub::new().page("one.xhtml", "<h1>One</h1><p>Text.</p>").xhtml(
        "answers.xhtml",
        "<body><p>Answers.</p></body>",
        "linear='no'",
    );
    let named = epub.clone().contents(
        "<li><a href='text/one.xhtml'>One</a></li><li><a href='text/answers.xhtml'>Answers</a></li>",
    );
    let unnamed = epub.contents("<li><a href='text/one.xhtml'>One</a></li>").read();
    assert_eq!(titles(&unnamed), ["One"]);
    assert!(unnamed.ledger.skipped()[&SkipReason::OutsideReadingOrder] >= 8);
    assert_eq!(titles(&named.read()), ["One", "Answers"]);
}

#[test]
fn an_entry_for_an_anchor_that_is_not_there_starts_with_its_file_and_is_remarked() {
    let book = Epub::new()
        .page("one.xhtml", "<p>Text.</p>")
        .contents("<li><a href='text/one.xhtml#gone'>One</a></li><li><a href='text/lost.xhtml'>Lost</a></li>")
        .read();
    assert_eq!(titles(&book), ["One"]);
    assert!(book.remarks.iter().any(|r| r.contains("#gone")));
    assert!(book.remarks.iter().any(|r| r.contains("Lost")));
}

#[test]
fn a_title_in_pieces_is_one_title() {
    let book = Epub::new()
        .page("a.xhtml", "<header><h1><span style='display:block'>Chapter 1</span><span>Loomings</span></h1></header><p>x</p>")
        .contents("<li><a href='text/a.xhtml'>Chapter 1 – Loomings</a></li>")
        .read();
    assert_eq!(texts(&book.chapters[0]), ["Chapter 1 / Loomings", "x"]);
    assert_eq!(book.chapters[0].title_origin, TitleOrigin::Heading);
}
