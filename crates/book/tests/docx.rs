//! Word documents, made on the spot: what becomes a chapter, what is left out, what is refused, and that
//! nothing is lost.

#![allow(clippy::unwrap_used, reason = "a manuscript that cannot be read is a verdict on the reader")]

use std::io::{Cursor, Write};
use std::path::Path;

use proptest::prelude::*;
use rhapsode_book::{
    Block, BlockKind, Book, Inline, NotePolicy, ReadError, ReadOptions, ReadPolicy, SectionRole, SkipReason,
    TablePolicy, read_bytes,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
                 xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"";

fn archive(members: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn document(body: &str) -> (&'static str, String) {
    ("word/document.xml", format!("<w:document {W}><w:body>{body}</w:body></w:document>"))
}

fn p(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn try_read(bytes: &[u8], policy: ReadPolicy) -> Result<Book, ReadError> {
    read_bytes(bytes, Path::new("story.docx"), &ReadOptions { format: None, policy })
}

fn book(body: &str) -> Book {
    try_read(&archive(&[document(body)]), ReadPolicy::default()).unwrap()
}

fn text_of(block: &Block) -> String {
    block.inlines.iter().map(|i| if let Inline::Text(run) = i { run.text.as_str() } else { " / " }).collect()
}

fn blocks(book: &Book) -> Vec<(BlockKind, String)> {
    book.chapters.iter().flat_map(|c| &c.blocks).map(|b| (b.kind, text_of(b))).collect()
}

fn texts(book: &Book) -> Vec<String> {
    blocks(book).into_iter().map(|(_, text)| text).collect()
}

fn titles(book: &Book) -> Vec<&str> {
    book.chapters.iter().map(|c| c.title.as_str()).collect()
}

fn skipped(book: &Book, reason: SkipReason) -> u64 {
    book.ledger.skipped().get(&reason).copied().unwrap_or_default()
}

#[test]
fn headings_start_chapters_and_the_title_page_is_left_out() {
    let body = [
        p("Title", "Salt"),
        p("Subtitle", "A Story"),
        p("Normal", "by A. Writer"),
        p("Heading1", "One"),
        p("Normal", "First."),
        p("Heading2", "Within"),
        p("Quote", "Quoted."),
        p("Heading1", "Two"),
        p("Normal", "Second."),
    ];
    let book = book(&body.concat());
    assert_eq!((book.metadata.title.as_str(), book.metadata.authors[0].as_str()), ("Salt", "A. Writer"));
    assert_eq!(titles(&book), ["One", "Two"]);
    assert_eq!(blocks(&book)[3], (BlockKind::Quotation, "Quoted.".into()));
    assert_eq!(skipped(&book, SkipReason::Section(SectionRole::TitlePage)), 4 + 7 + 12);
}

#[test]
fn styles_are_known_by_their_names_their_bases_and_their_outline_levels() {
    let styles = format!(
        "<w:styles {W}><w:style w:type=\"paragraph\" w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Mine\"><w:name w:val=\"Mine\"/><w:basedOn w:val=\"berschrift1\"/></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Out\"><w:name w:val=\"Out\"/><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Loop\"><w:name w:val=\"Loop\"/><w:basedOn w:val=\"Loop\"/></w:style>\
         </w:styles>"
    );
    let body = [
        p("berschrift1", "A"),
        p("Normal", "a"),
        p("Mine", "B"),
        p("Loop", "b"),
        p("Out", "C"),
        p("Normal", "c"),
        "<w:p><w:pPr><w:outlineLvl w:val=\"0\"/></w:pPr><w:r><w:t>D</w:t></w:r></w:p>".into(),
        p("Normal", "d"),
    ];
    let bytes = archive(&[document(&body.concat()), ("word/styles.xml", styles)]);
    assert_eq!(titles(&try_read(&bytes, ReadPolicy::default()).unwrap()), ["A", "B", "C", "D"]);
}

#[test]
fn a_document_without_styles_is_read_by_what_its_headings_say() {
    let body = [p("", "Chapter One"), p("", "It rained."), p("", "Chapter Two"), p("", "It snowed.")];
    assert_eq!(titles(&book(&body.concat())), ["Chapter One", "Chapter Two"]);
}

#[test]
fn deleted_and_hidden_text_is_left_out_and_inserted_text_is_read() {
    let body = "<w:p><w:r><w:t xml:space=\"preserve\">Kept </w:t></w:r>\
        <w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>\
        <w:ins><w:r><w:t>inserted</w:t></w:r></w:ins>\
        <w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>\
        <w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>.</w:t></w:r></w:p>";
    let book = book(body);
    assert_eq!(texts(&book), ["Kept inserted."]);
    assert_eq!(skipped(&book, SkipReason::HiddenText), 7 + 6);
}

#[test]
fn breaks_tabs_and_hyphens_stand_between_words() {
    let body = "<w:p><w:r><w:br/><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t>\
        <w:br w:type=\"page\"/><w:t>e</w:t><w:br/></w:r></w:p>";
    assert_eq!(texts(&book(body)), ["a / b\tc\u{2011}d\ne"]);
}

#[test]
fn fields_are_read_by_what_they_are() {
    let field = |instruction: &str, result: &str| {
        format!(
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>{instruction}</w:instrText></w:r>\
             <w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>{result}<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let contents = field(
        " TOC \\o ",
        &format!("{}{}", field("HYPERLINK x", &run("One")), field("PAGEREF y", &run("7"))),
    );
    let body = format!(
        "<w:p>{contents}</w:p><w:p>{}{}{}</w:p>",
        run("See "),
        field("HYPERLINK \"http://x\"", &run("there")),
        field("PAGE", &run("12"))
    );
    let book = book(&body);
    assert_eq!(texts(&book), ["See there"]);
    assert_eq!(skipped(&book, SkipReason::Section(SectionRole::Contents)), 4);
    assert_eq!(skipped(&book, SkipReason::PageNumber), 2);
}

#[test]
fn text_boxes_are_read_once_behind_their_paragraph() {
    let inner = "<w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>";
    let body = format!(
        "<w:p><w:r><w:t>before</w:t></w:r><w:r><mc:AlternateContent><mc:Choice>{inner}</mc:Choice>\
         <mc:Fallback><w:pict>{inner}</w:pict></mc:Fallback></mc:AlternateContent></w:r>\
         <w:r><w:t> and after</w:t></w:r></w:p>{}",
        p("", "next")
    );
    let book = book(&body);
    assert_eq!(texts(&book), ["before and after", "boxed", "next"]);
    assert_eq!(skipped(&book, SkipReason::HiddenText), 5);
}

#[test]
fn tables_are_rows_of_cells_and_follow_the_policy() {
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", p("", text));
    let body = format!(
        "{}<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
        p("", "Before."),
        cell("a"),
        cell("b"),
        cell(""),
        cell("c")
    );
    let expected = [(BlockKind::TableRow, "a / b".to_owned()), (BlockKind::TableRow, "c".to_owned())];
    assert_eq!(blocks(&book(&body))[1..], expected);
    let policy = ReadPolicy { tables: TablePolicy::Skip, ..ReadPolicy::default() };
    let silent = try_read(&archive(&[document(&body)]), policy).unwrap();
    assert_eq!((texts(&silent).len(), skipped(&silent, SkipReason::Table)), (1, 3));
}

#[test]
fn numbered_lists_are_counted() {
    let numbering = format!(
        "<w:numbering {W}><w:abstractNum w:abstractNumId=\"5\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"3\"/>\
         <w:numFmt w:val=\"decimal\"/></w:lvl><w:lvl w:ilvl=\"1\"><w:numFmt w:val=\"bullet\"/></w:lvl></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"5\"/></w:num></w:numbering>"
    );
    let item = |level: u8, text: &str| {
        format!(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr>\
             <w:r><w:t>{text}</w:t></w:r></w:p>"
        )
    };
    let body = [item(0, "x"), item(1, "y"), item(0, "z")].concat();
    let read =
        try_read(&archive(&[document(&body), ("word/numbering.xml", numbering)]), ReadPolicy::default());
    let kinds: Vec<_> = blocks(&read.unwrap()).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, [Some(3), None, Some(4)].map(|ordinal| BlockKind::ListItem { ordinal }));
}

#[test]
fn notes_follow_the_policy() {
    let footnotes = format!(
        "<w:footnotes {W}><w:footnote w:id=\"0\" w:type=\"separator\"><w:p/></w:footnote>\
         <w:footnote w:id=\"2\"><w:p><w:r><w:footnoteRef/><w:t>The note.</w:t></w:r></w:p></w:footnote></w:footnotes>"
    );
    let body = format!(
        "<w:p><w:r><w:t>One</w:t></w:r><w:r><w:footnoteReference w:id=\"2\"/></w:r><w:r><w:t>.</w:t></w:r></w:p>{}",
        p("", "Two.")
    );
    let bytes = archive(&[document(&body), ("word/footnotes.xml", footnotes)]);
    let read = |notes| texts(&try_read(&bytes, ReadPolicy { notes, ..ReadPolicy::default() }).unwrap());
    assert_eq!(read(NotePolicy::Skip), ["One.", "Two."]);
    assert_eq!(read(NotePolicy::InPlace), ["One.", "The note.", "Two."]);
    assert_eq!(read(NotePolicy::ChapterEnd), ["One.", "Two.", "The note."]);
}

#[test]
fn core_properties_are_metadata() {
    let core = "<c:coreProperties xmlns:c=\"c\" xmlns:dc=\"d\" xmlns:t=\"t\"><dc:title>Salt</dc:title>\
        <dc:creator>A. B.; C. D.</dc:creator><dc:description>About salt.</dc:description>\
        <dc:language>en-GB</dc:language><t:created>2024-05-06T00:00:00Z</t:created></c:coreProperties>";
    let bytes = archive(&[document(&p("", "Text.")), ("docProps/core.xml", core.into())]);
    let metadata = try_read(&bytes, ReadPolicy::default()).unwrap().metadata;
    assert_eq!((metadata.title.as_str(), metadata.year), ("Salt", Some(2024)));
    assert_eq!(metadata.authors, ["A. B.", "C. D."]);
    assert_eq!(metadata.language.as_deref(), Some("en-GB"));
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let refuse = |bytes: &[u8]| try_read(bytes, ReadPolicy::default()).unwrap_err().to_string();
    let whole = archive(&[document(&p("", &"Text. ".repeat(200)))]);
    let error = refuse(&whole[..whole.len() / 2]);
    assert!(error.contains("cut off"), "{error}");
    let error = refuse(b"plain text");
    assert!(error.contains("no ZIP archive"), "{error}");
    let error = refuse(&archive(&[("word/other.xml", String::new())]));
    assert!(error.contains("word/document.xml"), "{error}");
    let error =
        refuse(&archive(&[("word/document.xml", format!("<w:document {W}>\n<w:body></w:document>"))]));
    assert!(error.contains("line 2"), "{error}");
    let relations = "<R><Relationship Type=\"x/officeDocument\" Target=\"../../secret.xml\"/></R>";
    let error = refuse(&archive(&[("_rels/.rels", relations.into())]));
    assert!(error.contains("leaves the archive"), "{error}");
}

#[test]
fn a_password_is_named_and_old_word_files_too() {
    let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let encrypted = [ole.clone(), vec![0; 600], name].concat();
    assert!(matches!(try_read(&encrypted, ReadPolicy::default()), Err(ReadError::Encrypted { .. })));
    let error = try_read(&ole, ReadPolicy::default()).unwrap_err().to_string();
    assert!(error.contains("save it as .docx"), "{error}");
}

#[test]
fn bombs_are_refused() {
    let blanks = format!("<w:document {W}>{}</w:document>", " ".repeat(70 << 20));
    let error = try_read(&archive(&[("word/document.xml", blanks)]), ReadPolicy::default());
    assert!(matches!(error, Err(ReadError::TooLarge { .. })), "{error:?}");
    let laughs = format!(
        "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\">]><w:document {W}><w:body>&b;</w:body></w:document>"
    );
    let error = try_read(&archive(&[("word/document.xml", laughs)]), ReadPolicy::default());
    assert!(matches!(error, Err(ReadError::Malformed { .. })), "{error:?}");
    let deep =
        format!("{}{}", "<w:txbxContent><w:p>".repeat(50_000), "</w:p></w:txbxContent>".repeat(50_000));
    let bytes = archive(&[document(&format!("{}{deep}", p("", "Text.")))]);
    assert_eq!(texts(&try_read(&bytes, ReadPolicy::default()).unwrap()), ["Text."]);
}

fn nodes() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-zé ]{1,8}".prop_map(|text| format!("<w:r><w:t>{text}</w:t></w:r>")),
        prop::sample::select(vec![
            "<w:r><w:tab/></w:r>",
            "<w:r><w:br/></w:r>",
            "<w:r><w:br w:type=\"page\"/></w:r>",
            "<w:r><w:delText>gone</w:delText></w:r>",
            "<w:r><w:instrText>TOC</w:instrText></w:r>",
            "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>",
            "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>",
            "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>",
            "<w:r><w:footnoteReference w:id=\"1\"/></w:r>",
            "<w:r><w:footnoteReference w:customMarkFollows=\"1\" w:id=\"1\"/><w:t>*</w:t></w:r>",
            "<w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr>",
            "<w:pPr><w:pStyle w:val=\"Title\"/></w:pPr>",
            "<w:pPr><w:pStyle w:val=\"TOC1\"/></w:pPr>",
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let names = vec!["p", "p", "tbl", "tr", "tc", "ins", "del", "sdt", "txbxContent", "hyperlink", "r"];
        (prop::sample::select(names), prop::collection::vec(inner, 0..6))
            .prop_map(|(name, content)| format!("<w:{name}>{}</w:{name}>", content.concat()))
    })
}

proptest! {
    #[test]
    fn nothing_is_lost_in_any_document(
        body in prop::collection::vec(nodes(), 0..8),
        note in nodes(),
        notes in 0..3usize,
    ) {
        let body = body.concat();
        let footnotes = format!("<w:footnotes {W}><w:footnote w:id=\"1\">{note}</w:footnote></w:footnotes>");
        let notes = [NotePolicy::Skip, NotePolicy::InPlace, NotePolicy::ChapterEnd][notes];
        let bytes = archive(&[document(&body), ("word/footnotes.xml", footnotes)]);
        match try_read(&bytes, ReadPolicy { notes, ..ReadPolicy::default() }) {
            Ok(book) => {
                book.verify().unwrap();
                // Every text element and every character that stands for one, and nothing twice.
                let source = format!("{body}{note}");
                let marks = ["<w:tab/>", "<w:br w:type=\"page\"/>"].iter().map(|m| source.matches(m).count()).sum::<usize>();
                let text: usize = ["<w:t>", "<w:delText>", "<w:instrText>"]
                    .iter()
                    .flat_map(|tag| source.split(tag).skip(1))
                    .map(|rest| rest.split('<').next().unwrap_or_default().chars().count())
                    .sum();
                prop_assert_eq!(book.ledger.total(), (marks + text) as u64);
            }
            Err(ReadError::Empty(_)) => {}
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
