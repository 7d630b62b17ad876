//! Plain text manuscripts: what custom tells about their structure, and that nothing is lost.

#![allow(clippy::unwrap_used, reason = "a manuscript that cannot be read is a verdict on the reader")]

use std::path::Path;

use proptest::prelude::*;
use rhapsode_book::{
    Block, BlockKind, Book, Inline, NotePolicy, ReadError, ReadOptions, ReadPolicy, SectionRole, SkipReason,
    read_bytes,
};

fn read_with(text: &str, policy: ReadPolicy) -> Book {
    read_bytes(text.as_bytes(), Path::new("story.txt"), &ReadOptions { format: None, policy }).unwrap()
}

fn book(text: &str) -> Book {
    read_with(text, ReadPolicy::default())
}

fn text_of(block: &Block) -> String {
    block.inlines.iter().map(|i| if let Inline::Text(run) = i { run.text.as_str() } else { "/" }).collect()
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

const PROSE: &str = "The rain had been falling since the ferry left, and nobody on the pier\n\
                     thought that it would stop before the morning came with its papers.\n";

#[test]
fn numbered_headings_start_chapters_and_take_their_titles_along() {
    let text = format!(
        "The Harbour\n\nby Tamsin Orrery\n\n\nPROLOGUE\n\n{PROSE}\nCHAPTER I\n\nLow Water\n\n{PROSE}\n\
         Chapter 2. High Water\n\n{PROSE}\nPart one of it was over.\n"
    );
    let book = book(&text);
    assert_eq!(book.metadata.title, "The Harbour");
    assert_eq!(book.metadata.authors, ["Tamsin Orrery"]);
    assert_eq!(titles(&book), ["PROLOGUE", "CHAPTER I: Low Water", "Chapter 2. High Water"]);
    assert_eq!(book.chapters[0].role, Some(SectionRole::Prologue));
    assert_eq!(text_of(&book.chapters[1].blocks[2]), PROSE.trim_end());
    assert_eq!(skipped(&book, SkipReason::Section(SectionRole::TitlePage)), 11 + 16);
}

#[test]
fn a_table_of_contents_that_repeats_the_headings_is_left_out() {
    let list = "CONTENTS\n\nPREFACE\nCHAPTER I. Rain . . . . 1\nCHAPTER II. Snow . . . . 9\n\n";
    let text = format!("{list}PREFACE\n\n{PROSE}\nCHAPTER I. Rain\n\n{PROSE}\nCHAPTER II. Snow\n\n{PROSE}");
    let read = book(&text);
    assert_eq!(titles(&read), ["PREFACE", "CHAPTER I. Rain", "CHAPTER II. Snow"]);
    assert!(skipped(&read, SkipReason::Section(SectionRole::Contents)) > 60);
    // The same list without its heading.
    let text = text
        .replace("CONTENTS\n\nPREFACE\n", "")
        .replace("CHAPTER II. Snow . . . . 9\n", "CHAPTER II. Snow\nCHAPTER III. Ice\n");
    let read = book(&format!("{text}\nCHAPTER III. Ice\n\n{PROSE}"));
    assert_eq!(titles(&read), ["PREFACE", "CHAPTER I. Rain", "CHAPTER II. Snow", "CHAPTER III. Ice"]);
}

#[test]
fn project_gutenberg_s_header_and_licence_are_left_out_and_read_as_metadata() {
    let header = "The Project Gutenberg eBook of Salt\n\nTitle: Salt\n\nAuthor: A. Writer\n\nLanguage: French\n\n\
                  *** START OF THE PROJECT GUTENBERG EBOOK SALT ***\n\n";
    let licence = "*** END OF THE PROJECT GUTENBERG EBOOK SALT ***\n\nSection 1. General Terms.\n";
    let book = book(&format!("{header}CHAPTER I\n\n{PROSE}\n{licence}"));
    assert_eq!((book.metadata.title.as_str(), book.metadata.language.as_deref()), ("Salt", Some("fr")));
    assert_eq!(titles(&book), ["CHAPTER I"]);
    let boilerplate = skipped(&book, SkipReason::GutenbergBoilerplate);
    assert!(boilerplate >= (header.trim_end().len() + licence.len()) as u64);
}

#[test]
fn bare_numerals_are_chapters_only_where_they_count_up() {
    let counting = format!("I\n\n{PROSE}\nII\n\n{PROSE}\nIII\n\n{PROSE}");
    assert_eq!(titles(&book(&counting)), ["I", "II", "III"]);
    let stray = format!("{PROSE}\n1\n\n{PROSE}\n7\n\n{PROSE}");
    assert_eq!(book(&stray).chapters.len(), 1);
}

#[test]
fn lines_in_capitals_are_chapters_only_without_numbered_ones() {
    let capitals =
        format!("THE PIER\n\n{PROSE}\n{PROSE}\n\n{PROSE}\nTHE FERRY\n\n{PROSE}\n{PROSE}\n\n{PROSE}");
    assert_eq!(titles(&book(&capitals)), ["THE PIER", "THE FERRY"]);
    let numbered = format!("CHAPTER 1\n\n{PROSE}\nCLOSED FOR REPAIR\n\n{PROSE}");
    assert_eq!(titles(&book(&numbered)), ["CHAPTER 1"]);
}

#[test]
fn verse_quotations_and_scene_breaks_are_told_from_prose() {
    let text = format!(
        "{PROSE}\n    The lamp is lit,\n    the boat is late,\n    the tide goes out.\n\n{PROSE}\n* * *\n\n\
         \x20   A letter lay there, indented as a whole, and every line of it was\n    \
         wrapped where it had to be wrapped and nowhere else at all, as in print.\n\n{PROSE}"
    );
    let kinds: Vec<_> = blocks(&book(&text)).into_iter().map(|(kind, _)| kind).collect();
    use BlockKind::{Paragraph, Quotation, SceneBreak, Verse};
    assert_eq!(kinds, [Paragraph, Verse, Paragraph, SceneBreak, Quotation, Paragraph]);
    assert_eq!(text_of(&book(&text).chapters[0].blocks[1]).matches('/').count(), 2);
}

#[test]
fn notes_in_square_brackets_follow_the_policy() {
    let text = format!("It was the Mary Rose.[1] She sank.\n\n[Footnote 1: In 1545.]\n\n{PROSE}");
    let texts = |notes| -> Vec<String> {
        let book = read_with(&text, ReadPolicy { notes, ..ReadPolicy::default() });
        assert_eq!(skipped(&book, SkipReason::NoteReference), 3);
        blocks(&book).into_iter().map(|(_, text)| text).collect()
    };
    assert_eq!(texts(NotePolicy::Skip), ["It was the Mary Rose. She sank.", PROSE.trim_end()]);
    assert_eq!(texts(NotePolicy::InPlace)[1], "[Footnote 1: In 1545.]");
    assert_eq!(texts(NotePolicy::ChapterEnd)[2], "[Footnote 1: In 1545.]");
}

#[test]
fn page_numbers_and_illustrations_are_not_read() {
    let book = book(&format!("{PROSE}\n[Pg 12]\n\n[Illustration]\n\n[Illustration: The pier]\n\n{PROSE}"));
    assert_eq!(skipped(&book, SkipReason::PageNumber), 7);
    assert_eq!(blocks(&book)[1], (BlockKind::Caption, " The pier".into()));
}

#[test]
fn latin_text_in_any_common_encoding_reads_the_same() {
    let text = "“Naïve,” said Zoë — and the café laughed at the naïve façade, twice.\n";
    let read = |bytes: &[u8]| {
        let options = ReadOptions::default();
        text_of(&read_bytes(bytes, Path::new("a.txt"), &options).unwrap().chapters[0].blocks[0])
    };
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let windows: Vec<u8> = text
        .chars()
        .map(|c| match c {
            '“' => 0x93,
            '”' => 0x94,
            '—' => 0x97,
            c => u8::try_from(u32::from(c)).unwrap(),
        })
        .collect();
    let expected = text.trim_end();
    assert_eq!(read(text.as_bytes()), expected);
    assert_eq!(read(&utf16), expected);
    assert_eq!(read(&windows), expected);
}

#[test]
fn a_zero_byte_is_refused_with_its_place() {
    let error = read_bytes(b"text\0text", Path::new("a.txt"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(&error, ReadError::Malformed { place, .. } if place == "byte 4"), "{error}");
}

#[test]
fn a_text_of_many_chapters_is_read_in_one_pass() {
    // Eight megabytes: a reader that looked back from every paragraph would not end.
    let chapter = format!("CHAPTER 1\n\n{}", format!("{PROSE}\n").repeat(50));
    let text = chapter.repeat(1100);
    let book = book(&text);
    assert_eq!(book.chapters.len(), 1100);
    assert_eq!(book.ledger.total(), text.chars().count() as u64);
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[A-Za-zé“” .,!?]{0,30}",
        prop::sample::select(vec![
            "\n",
            "\n\n",
            "\r\n",
            "\r",
            "CHAPTER I",
            "\n\nCHAPTER II\n\n",
            "\n\nCONTENTS\n\n",
            "\nI\n",
            "\n\nII.\n\n",
            "    ",
            "\t",
            "* * *",
            "\n***\n",
            "[1]",
            "\n\n[Footnote 1: note]\n\n",
            "[Illustration: x]",
            "[Pg 3]",
            "\u{feff}",
            "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n",
            "*** END OF THE PROJECT GUTENBERG",
            "\n\nINDEX\n\n",
            "\nTitle: X\n",
            "漢字",
            "\u{301}",
            "\u{2028}",
            "by X\n",
            "#",
            "THE PIER\n\n",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_is_lost_in_any_text(text in pieces(), notes in 0..3usize) {
        let notes = [NotePolicy::Skip, NotePolicy::InPlace, NotePolicy::ChapterEnd][notes];
        let options = ReadOptions { format: None, policy: ReadPolicy { notes, ..ReadPolicy::default() } };
        match read_bytes(text.as_bytes(), Path::new("a.txt"), &options) {
            Ok(book) => {
                book.verify().unwrap();
                let mark = u64::from(text.starts_with('\u{feff}'));
                prop_assert_eq!(book.ledger.total(), text.chars().count() as u64 - mark);
                let skipped = book.ledger.skipped().values().sum::<u64>();
                prop_assert_eq!(book.ledger.kept() + skipped, book.ledger.total());
            }
            Err(ReadError::Empty(_)) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
