//! Markdown manuscripts: what becomes a chapter, what is left out, and that nothing is lost.

#![allow(clippy::unwrap_used, reason = "a manuscript that cannot be read is a verdict on the reader")]

use std::path::Path;

use proptest::prelude::*;
use rhapsode_book::{
    Block, BlockKind, Book, CoverType, Disposition, Format, Inline, NotePolicy, ReadError, ReadOptions,
    ReadPolicy, Reading, SectionRole, SkipReason, TablePolicy, TitleOrigin, read, read_bytes,
};

fn read_with(text: &str, policy: ReadPolicy) -> Book {
    read_bytes(text.as_bytes(), Path::new("story.md"), &ReadOptions { format: None, policy }).unwrap()
}

fn book(text: &str) -> Book {
    read_with(text, ReadPolicy::default())
}

fn text_of(block: &Block) -> String {
    block.inlines.iter().map(|i| if let Inline::Text(run) = i { run.text.as_str() } else { " / " }).collect()
}

fn blocks(book: &Book) -> Vec<(BlockKind, String)> {
    book.chapters.iter().flat_map(|c| &c.blocks).map(|b| (b.kind, text_of(b))).collect()
}

fn titles(book: &Book) -> Vec<&str> {
    book.chapters.iter().map(|c| c.title.as_str()).collect()
}

fn skipped(book: &Book, reason: SkipReason) -> u64 {
    book.ledger.skipped().get(&reason).copied().unwrap_or_default()
}

#[test]
fn one_leading_h1_over_h2s_is_the_book_s_title_and_is_not_read() {
    let book = book("# The Tide Table\n\n*by Tamsin Orrery*\n\n## One\n\nFirst.\n\n## Two\n\nSecond.\n");
    assert_eq!(book.metadata.title, "The Tide Table");
    assert_eq!(book.metadata.authors, ["Tamsin Orrery"]);
    assert_eq!(titles(&book), ["One", "Two"]);
    assert_eq!(book.chapters[0].title_origin, TitleOrigin::Heading);
    assert_eq!(skipped(&book, SkipReason::Section(SectionRole::TitlePage)), 14 + 16);
}

#[test]
fn a_title_with_prose_under_it_opens_a_chapter_of_its_own() {
    let book = book("# Salt\n\nIt began with rain.\n\n## One\n\nFirst.\n");
    assert_eq!(book.metadata.title, "Salt");
    assert_eq!(titles(&book), ["Salt", "One"]);
}

#[test]
fn several_h1s_are_chapters_and_the_file_gives_the_title() {
    let book = book("# One\n\na\n\n## Within\n\nb\n\n# Two\n\nc\n");
    assert_eq!(book.metadata.title, "story");
    assert_eq!(titles(&book), ["One", "Two"]);
    assert_eq!(blocks(&book)[2], (BlockKind::Heading { level: 2 }, "Within".into()));
}

#[test]
fn parts_over_chapters_lead_into_the_first_of_them() {
    let book =
        book("# Part One\n\n## Chapter 1\n\na\n\n## Chapter 2\n\nb\n\n# Part Two\n\n## Chapter 3\n\nc\n");
    assert_eq!(titles(&book), ["Chapter 1", "Chapter 2", "Chapter 3"]);
    assert_eq!([0, 2].map(|n| text_of(&book.chapters[n].blocks[0])), ["Part One", "Part Two"]);
}

#[test]
fn a_file_that_is_one_chapter_keeps_its_heading() {
    let book = book("# Chapter One\n\n## The Door\n\nIt opened.\n");
    assert_eq!(titles(&book), ["Chapter One: The Door"]);
}

#[test]
fn front_matter_is_metadata_and_not_text() {
    let front = "---\ntitle: Salt\nauthor: A. Writer\n---\n";
    let book = book(&format!("{front}Text.\n"));
    assert_eq!((book.metadata.title.as_str(), book.metadata.authors[0].as_str()), ("Salt", "A. Writer"));
    assert_eq!(skipped(&book, SkipReason::MetadataBlock), front.len() as u64);
    assert_eq!(blocks(&book), [(BlockKind::Paragraph, "Text.".into())]);
}

#[test]
fn a_scene_between_two_breaks_is_read() {
    let book = book("Before.\n\n---\nThe scene.\n\n---\n\nAfter.\n");
    let kinds: Vec<_> = blocks(&book).into_iter().map(|(kind, _)| kind).collect();
    use BlockKind::{Paragraph, SceneBreak};
    assert_eq!(kinds, [Paragraph, SceneBreak, Paragraph, SceneBreak, Paragraph]);
}

#[test]
fn lists_quotes_tables_and_verse_keep_their_kinds() {
    let text = "3. three\n4. four\n\n   more of four\n\n- dot\n\n> quoted\n\n| a | b |\n|---|---|\n| c | d |\n\n\
                One line\\\nand one\\\nand one more\n\nA soft\nline.\n";
    let expected = [
        (BlockKind::ListItem { ordinal: Some(3) }, "three"),
        (BlockKind::ListItem { ordinal: Some(4) }, "four"),
        (BlockKind::Paragraph, "more of four"),
        (BlockKind::ListItem { ordinal: None }, "dot"),
        (BlockKind::Quotation, "quoted"),
        (BlockKind::TableRow, "a / b"),
        (BlockKind::TableRow, "c / d"),
        (BlockKind::Verse, "One line / and one / and one more"),
        (BlockKind::Paragraph, "A soft\nline."),
    ];
    assert_eq!(blocks(&book(text)), expected.map(|(kind, text)| (kind, text.to_owned())));
}

#[test]
fn code_and_tables_follow_the_policy() {
    let text = "Run `make` now.\n\n```sh\nmake all\n```\n\n| a |\n|---|\n| b |\n";
    let default = book(text);
    assert_eq!(skipped(&default, SkipReason::Code), "make all\n".len() as u64);
    assert_eq!(blocks(&default)[0].1, "Run make now.");
    let other = read_with(
        text,
        ReadPolicy { code: Reading::Read, tables: TablePolicy::Skip, ..ReadPolicy::default() },
    );
    assert_eq!(blocks(&other)[1], (BlockKind::Code, "make all\n".into()));
    assert_eq!(skipped(&other, SkipReason::Table), 2);
}

#[test]
fn indented_prose_is_not_left_out_without_a_word() {
    let book = book("First.\n\n    He walked on.\n\nLast.\n");
    assert!(book.remarks.iter().any(|r| r.contains("indented")), "{:?}", book.remarks);
}

#[test]
fn footnotes_are_left_out_or_read_where_the_policy_says() {
    let text = "# A\n\nOne[^n] here.\n\nTwo.\n\n[^n]: The *note*.\n\n# B\n\nThree.\n";
    let texts = |notes| -> Vec<String> {
        let book = read_with(text, ReadPolicy { notes, ..ReadPolicy::default() });
        assert_eq!(skipped(&book, SkipReason::NoteReference), 1);
        blocks(&book).into_iter().map(|(_, text)| text).collect()
    };
    assert_eq!(texts(NotePolicy::Skip), ["A", "One here.", "Two.", "B", "Three."]);
    assert_eq!(texts(NotePolicy::InPlace), ["A", "One here.", "The note.", "Two.", "B", "Three."]);
    assert_eq!(texts(NotePolicy::ChapterEnd), ["A", "One here.", "Two.", "The note.", "B", "Three."]);
}

#[test]
fn raw_html_gives_its_text_and_not_its_tags() {
    let text = "<div class=\"x\">\n<p>Shown <b>bold</b>.</p>\n<p hidden>Not shown.</p>\n<style>p { }</style>\n\
                </div>\n\n<!-- a remark -->\n\nIn<br>line <span>tags</span>.\n";
    let book = book(text);
    let expected = [(BlockKind::Paragraph, "Shown bold."), (BlockKind::Paragraph, "In / line tags.")];
    assert_eq!(blocks(&book), expected.map(|(kind, text)| (kind, text.to_owned())));
    assert_eq!(skipped(&book, SkipReason::HiddenText), "Not shown.".len() as u64);
    assert_eq!(skipped(&book, SkipReason::MachineText), "p { }".len() as u64);
}

#[test]
fn a_section_whose_title_says_so_is_left_out_below_chapters_too() {
    let book = book("# Only\n\na\n\n# Other\n\nb\n\n## References\n\nA book.\n\n## Coda\n\nc\n");
    let texts: Vec<_> = blocks(&book).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["Only", "a", "Other", "b", "Coda", "c"]);
    assert_eq!(skipped(&book, SkipReason::Section(SectionRole::Bibliography)), 10 + 7);
}

#[test]
fn pictures_alone_are_captions_and_can_be_left_out() {
    let text = "![A map of the harbour](map.png)\n\nText.\n";
    assert_eq!(blocks(&book(text))[0], (BlockKind::Caption, "A map of the harbour".into()));
    let silent = read_with(text, ReadPolicy { captions: Reading::Skip, ..ReadPolicy::default() });
    assert_eq!(skipped(&silent, SkipReason::Caption), 20);
}

#[test]
fn the_cover_is_taken_from_beside_the_manuscript_and_nowhere_else() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("book");
    std::fs::create_dir(&folder).unwrap();
    let png = b"\x89PNG\r\n\x1a\n rest";
    std::fs::write(folder.join("cover.png"), png).unwrap();
    std::fs::write(outer.path().join("secret.png"), png).unwrap();
    let with_cover = |cover: &str| {
        let path = folder.join("book.md");
        std::fs::write(&path, format!("---\ntitle: T\ncover: {cover}\n---\nText.\n")).unwrap();
        read(&path, &ReadOptions::default()).unwrap()
    };
    let found = with_cover("cover.png");
    let cover = found.cover.unwrap();
    assert_eq!((cover.kind, cover.bytes.as_slice()), (CoverType::Png, png.as_slice()));
    for outside in ["../secret.png", "/etc/passwd", "missing.png"] {
        let book = with_cover(outside);
        assert!(book.cover.is_none(), "{outside}");
        assert_eq!(book.remarks.len(), 1, "{outside}: {:?}", book.remarks);
    }
}

#[test]
fn a_manuscript_without_text_is_refused() {
    let error = read_bytes(b"---\ntitle: T\n---\n\n***\n", Path::new("a.md"), &ReadOptions::default());
    assert!(matches!(error, Err(ReadError::Empty(_))));
}

/// Every character of the source is accounted for, and every run is the text of its span.
fn check_ledger(book: &Book) {
    let mut kept = 0;
    let mut spans: Vec<_> = Vec::new();
    for run in book.chapters.iter().flat_map(|c| &c.blocks).flat_map(|b| &b.inlines) {
        if let Inline::Text(run) = run {
            assert_eq!(run.text.chars().count() as u64, run.span.len());
            kept += run.span.len();
            spans.push(run.span);
        }
    }
    spans.sort();
    assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start), "a character stands twice");
    assert_eq!(kept, book.ledger.kept());
    assert_eq!(kept + book.ledger.skipped().values().sum::<u64>(), book.ledger.total());
    let mut at = 0;
    for entry in book.ledger.entries() {
        assert_eq!(entry.span.start, at);
        at = entry.span.end;
        let inside = |s: &&rhapsode_book::Span| entry.span.start <= s.start && s.end <= entry.span.end;
        if entry.disposition != Disposition::Kept {
            assert!(!spans.iter().any(|s| inside(&s)), "a skipped character is read");
        }
    }
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-zé“”’ .,!?]{0,12}",
        prop::sample::select(vec![
            "\n",
            "\n\n",
            "# ",
            "## ",
            "\n# Chapter One\n\n",
            "\n## Notes\n",
            "> ",
            "- ",
            "1. ",
            "    ",
            "---\n",
            "***\n",
            "`",
            "```\n",
            "[^1]",
            "\n[^1]: ",
            "\n[^2]: ",
            "[^2]",
            "| a | b |\n|---|---|\n| c | d |\n",
            "<div>",
            "</div>",
            "<p hidden>",
            "<!--",
            "-->",
            "<br>",
            "\\\n",
            "  \n",
            "![x](y)",
            "[a](b)",
            "&amp;",
            "&#0;",
            "\\*",
            "\u{feff}",
            "\r\n",
            "<script>",
            "~~",
            "*",
            "- [x] ",
            "\u{301}",
            "漢字",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_is_lost_in_any_document(text in pieces(), notes in 0..3usize, read_all in any::<bool>()) {
        let notes = [NotePolicy::Skip, NotePolicy::InPlace, NotePolicy::ChapterEnd][notes];
        let mut policy = ReadPolicy { notes, ..ReadPolicy::default() };
        if read_all {
            policy.code = Reading::Read;
            policy.skip_sections.clear();
        } else {
            policy.tables = TablePolicy::Skip;
            policy.captions = Reading::Skip;
        }
        let options = ReadOptions { format: Some(Format::Markdown), policy };
        match read_bytes(text.as_bytes(), Path::new("a.md"), &options) {
            Ok(book) => check_ledger(&book),
            Err(ReadError::Empty(_) | ReadError::Malformed { .. }) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}

#[test]
fn a_file_beyond_the_limit_is_refused_before_it_is_parsed() {
    let bytes = vec![b' '; (64 << 20) + 1];
    let error = read_bytes(&bytes, Path::new("a.md"), &ReadOptions::default());
    assert!(matches!(error, Err(ReadError::TooLarge { .. })), "{error:?}");
}
