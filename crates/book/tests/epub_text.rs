//! What is read of a page, as what, and what is left out for which reason.

mod support;

use rhapsode_book::{BlockKind, Inline, NotePolicy, ReadPolicy, Reading, SkipReason, TablePolicy};
use support::{Epub, kinds, runs, text, texts};

fn page(body: &str) -> Vec<String> {
    texts(&Epub::new().page("a.xhtml", body).read().chapters[0])
}

fn skipped(body: &str, reason: SkipReason) -> u64 {
    let book = Epub::new().page("a.xhtml", &format!("<p>Text.</p>{body}")).read();
    book.ledger.skipped().get(&reason).copied().unwrap_or(0)
}

#[test]
fn inline_elements_never_part_a_word_and_blocks_always_do() {
    assert_eq!(
        page(
            "<p><span class='dropcap'>T</span>he <em>Pe</em>quod<a id='p1'/>s.</p><p>Next</p><div>a<div>b</div>c</div>"
        ),
        ["The Pequods.", "Next", "a", "b", "c"]
    );
}

#[test]
fn a_page_break_inside_a_word_leaves_it_whole() {
    let body = "<p>won<span epub:type='pagebreak' id='p12'>12</span>der<span role='doc-pagebreak'>13</span>ful \
                <span class='pagenum'>[14]</span>day</p><div epub:type='pagebreak'>15</div>";
    assert_eq!(page(body), ["wonderful day"]);
    assert_eq!(skipped(body, SkipReason::PageNumber), 10);
}

#[test]
fn hidden_text_is_left_out_by_attribute_and_by_style_sheet() {
    let body = "<p hidden=''>a</p><p aria-hidden='true'>b</p><p class='gone'>c<b>d</b></p>\
                <p style='display: none'>e</p><p>shown <span class='x'>f</span><span class='gone keep'>g</span></p>";
    let book = Epub::new()
        .file("OPS/css/book.css", ".gone{display:none} p > .x{display:none} .keep.gone{display:inline}")
        .page("a.xhtml", body)
        .read();
    assert_eq!(texts(&book.chapters[0]), ["shown g"]);
    assert_eq!(book.ledger.skipped()[&SkipReason::HiddenText], 6);
}

#[test]
fn machine_text_and_navigation_are_left_out() {
    assert_eq!(
        page("<script>var x;</script><p>a</p><nav epub:type='toc'><ol><li>One</li></ol></nav>"),
        ["a"]
    );
    assert_eq!(skipped("<script>12345</script>", SkipReason::MachineText), 5 + "a.xhtml".len() as u64);
    assert_eq!(skipped("<nav epub:type='landmarks'>123</nav>", SkipReason::Navigation), 3);
    assert_eq!(skipped("<svg><title>1</title><text>23</text></svg>", SkipReason::Picture), 3);
    assert_eq!(page("<p>see <img src='x.png' alt='a whale'/> here</p>"), ["see here"]);
}

#[test]
fn of_a_switch_only_the_default_is_read() {
    let body = "<p>It is <epub:switch><epub:case required-namespace='x'>12</epub:case>\
                <epub:default>so</epub:default></epub:switch>.</p>";
    assert_eq!(page(body), ["It is so."]);
    assert_eq!(skipped(body, SkipReason::HiddenText), 2);
    let alone = "<p><epub:switch><epub:case required-namespace='x'>12</epub:case></epub:switch></p>";
    assert_eq!(page(alone), ["12"]);
}

#[test]
fn a_first_letter_that_is_a_picture_is_remarked() {
    let remarks = |body: &str| {
        let mut remarks = Epub::new().page("a.xhtml", body).read().remarks;
        remarks.retain(|remark| remark.contains("picture"));
        remarks
    };
    let drop_cap = "<p><span><img src='t.png' alt='T'/></span>he night was dark and still.</p>";
    assert_eq!(
        remarks(drop_cap),
        ["the letter “T” before “he night was dark…” is a picture and is not read"]
    );
    assert!(remarks("<p><img src='a.png' alt='A'/> picture of a whale</p>").is_empty());
    assert!(remarks("<p><img src='a.png' alt='A whale'/>swims</p>").is_empty());
}

#[test]
fn ruby_keeps_its_base() {
    let body = "<p><ruby>東<rp>(</rp><rt>とう</rt><rp>)</rp>京<rt>きょう</rt></ruby>へ</p>";
    assert_eq!(page(body), ["東京へ"]);
    assert_eq!(skipped(body, SkipReason::RubyAnnotation), 7);
}

#[test]
fn lists_know_their_numbers_and_go_on_in_one_item() {
    let body = "<ol start='3'><li>three</li><li><p>four</p><p>more of four</p></li><li value='9'>nine\
                <ul><li>dot</li></ul></li></ol>";
    let book = Epub::new().page("a.xhtml", body).read();
    let item = |ordinal| BlockKind::ListItem { ordinal };
    assert_eq!(texts(&book.chapters[0]), ["three", "four", "more of four", "nine", "dot"]);
    assert_eq!(
        kinds(&book.chapters[0]),
        [item(Some(3)), item(Some(4)), BlockKind::Paragraph, item(Some(9)), item(None)]
    );
}

#[test]
fn a_table_is_read_row_by_row_and_a_layout_table_as_text() {
    let data = "<table><caption>Tides</caption><tr><th>Port</th><th>High</th></tr>\
                <tr><td>Ayr</td><td></td><td><p>6:10</p></td></tr></table>";
    let book = Epub::new().page("a.xhtml", data).read();
    assert_eq!(texts(&book.chapters[0]), ["Tides", "Port / High", "Ayr / 6:10"]);
    assert_eq!(kinds(&book.chapters[0]), [BlockKind::Caption, BlockKind::TableRow, BlockKind::TableRow]);
    let layout = "<table><tr><td><h2>Head</h2><p>One.</p><p>Two.</p></td></tr></table>";
    assert_eq!(page(layout), ["Head", "One.", "Two."]);
    let policy = ReadPolicy { tables: TablePolicy::Skip, ..ReadPolicy::default() };
    let book = Epub::new().page("a.xhtml", &format!("<p>x</p>{data}{layout}")).read_with(policy);
    assert_eq!(texts(&book.chapters[0]), ["x", "Head", "One.", "Two."]);
    assert_eq!(book.ledger.skipped()[&SkipReason::Table], 20);
}

#[test]
fn verse_keeps_its_lines() {
    let body = "<div class='poem'><div class='stanza'><p class='line'>One fish</p><p class='line'>two fish</p></div>\
                <div class='stanza'><p class='line'>red fish</p></div></div>\
                <p>Short line<br/>another one<br/>a third</p>\
                <section epub:type='z3998:poem'><p><span>First</span><br/><span>second</span></p></section>\
                <p>Prose with one<br/>break</p>\
                <pre>Roses are\nred</pre>";
    let book = Epub::new().page("a.xhtml", body).read();
    assert_eq!(
        texts(&book.chapters[0]),
        [
            "One fish / two fish",
            "red fish",
            "Short line / another one / a third",
            "First / second",
            "Prose with one / break",
            "Roses are / red"
        ]
    );
    let verse = BlockKind::Verse;
    assert_eq!(kinds(&book.chapters[0]), [verse, verse, verse, verse, BlockKind::Paragraph, verse]);
}

#[test]
fn code_and_captions_follow_the_policy() {
    let body = "<p>Call <code>run()</code>.</p><pre><code>fn main() {}</code></pre>\
                <figure><img src='x.png' alt=''/><figcaption>A whale</figcaption></figure>";
    let book = Epub::new().page("a.xhtml", body).read();
    assert_eq!(texts(&book.chapters[0]), ["Call run().", "A whale"]);
    assert_eq!(book.ledger.skipped()[&SkipReason::Code], 12);
    let policy = ReadPolicy { code: Reading::Read, captions: Reading::Skip, ..ReadPolicy::default() };
    let book = Epub::new().page("a.xhtml", body).read_with(policy);
    assert_eq!(texts(&book.chapters[0]), ["Call run().", "fn main() {}"]);
    assert_eq!(kinds(&book.chapters[0]), [BlockKind::Paragraph, BlockKind::Code]);
    assert_eq!(book.ledger.skipped()[&SkipReason::Caption], 7);
}

#[test]
fn quotations_headings_and_scene_breaks_have_their_kinds() {
    let body = "<h1>Head</h1><p>a</p><hr/><p>b</p><p>* * *</p><p>c</p><p class='scenebreak'>&#160;</p>\
                <blockquote><p>said</p></blockquote><p role='heading' aria-level='3'>Sub</p>";
    let book = Epub::new().page("a.xhtml", body).read();
    let paragraph = BlockKind::Paragraph;
    let scene = BlockKind::SceneBreak;
    let heading = |level| BlockKind::Heading { level };
    assert_eq!(
        kinds(&book.chapters[0]),
        [heading(1), paragraph, scene, paragraph, scene, paragraph, scene, BlockKind::Quotation, heading(3)]
    );
    assert_eq!(text(&book.chapters[0].blocks[4]), "* * *");
}

#[test]
fn two_breaks_in_a_row_part_paragraphs() {
    assert_eq!(page("<div>one<br/><br/>two<br/>still two</div>"), ["one", "two / still two"]);
}

#[test]
fn languages_are_inherited_and_noted_where_they_differ() {
    let body = "<p>Plain <i xml:lang='fr'>très <b>bon</b></i> text</p><div lang='de'><p>Guten <i lang='en'>day</i></p></div>";
    let book = Epub::new().xhtml("a.xhtml", &format!("<body xml:lang='en-GB'>{body}</body>"), "").read();
    let blocks = &book.chapters[0].blocks;
    assert_eq!((blocks[0].language.as_deref(), blocks[1].language.as_deref()), (None, Some("de")));
    let languages: Vec<_> = runs(&book).map(|r| (r.text.as_str(), r.language.as_deref())).collect();
    assert_eq!(
        languages,
        [("Plain ", None), ("très bon", Some("fr")), (" text", None), ("Guten ", None), ("day", Some("en"))]
    );
}

#[test]
fn html_entities_work_without_a_document_type() {
    assert_eq!(page("<p>wait&mdash;no&nbsp;more&hellip; &#169;&amp;</p>"), ["wait—no more… ©&"]);
}

const NOTED: &str = "<p>Call me Ishmael.<a epub:type='noteref' href='#n1'>1</a> Some years\
    <sup><a href='notes.xhtml#n2' id='r2'>[2]</a></sup> ago.</p><p>Second.</p>\
    <aside epub:type='footnote' id='n1'><p>A name.</p></aside><p>Third.</p>";

fn noted(notes: NotePolicy) -> rhapsode_book::Book {
    let policy = ReadPolicy { notes, ..ReadPolicy::default() };
    Epub::new()
        .page("a.xhtml", NOTED)
        .page("b.xhtml", "<h1>Two</h1><p>More.</p>")
        .page(
            "notes.xhtml",
            "<h1>Notes</h1><p><a id='n2' href='a.xhtml#r2'>2</a>. Never <i>mind</i>.</p><p>Stray.</p>",
        )
        .read_with(policy)
}

#[test]
fn notes_are_skipped_with_their_marks() {
    let book = noted(NotePolicy::Skip);
    assert_eq!(texts(&book.chapters[0]), ["Call me Ishmael. Some years ago.", "Second.", "Third."]);
    assert_eq!(book.chapters.len(), 2);
    let skipped = book.ledger.skipped();
    assert_eq!(skipped[&SkipReason::NoteReference], 4);
    assert!(skipped[&SkipReason::Note] >= 7);
}

#[test]
fn notes_are_read_behind_the_paragraph_that_refers_to_them() {
    let book = noted(NotePolicy::InPlace);
    assert_eq!(
        texts(&book.chapters[0]),
        ["Call me Ishmael. Some years ago.", "A name.", "Never mind.", "Second.", "Third."]
    );
    assert_eq!(kinds(&book.chapters[0])[1..3], [BlockKind::Note, BlockKind::Note]);
}

#[test]
fn notes_are_read_at_the_end_of_the_chapter_that_refers_to_them() {
    let book = noted(NotePolicy::ChapterEnd);
    assert_eq!(
        texts(&book.chapters[0]),
        ["Call me Ishmael. Some years ago.", "Second.", "Third.", "A name.", "Never mind."]
    );
    assert_eq!(book.chapters.len(), 2, "the notes' own section is still left out");
}

#[test]
fn superscripts_that_are_no_marks_are_read() {
    assert_eq!(
        page(
            "<p>The 1<sup>st</sup> of E=mc<sup>2</sup>, see <a href='#c2'>2</a> and <a epub:type='noteref' href='#c2'>the whale</a>.</p><p id='c2'>Chapter.</p>"
        ),
        ["The 1st of E=mc2, see 2 and the whale.", "Chapter."]
    );
}

#[test]
fn daggers_and_asterisks_are_marks_if_they_point_at_a_note() {
    let body = "<p>Salt<a href='#f'>*</a> and<sup><a href='#g'>†</a></sup> water.</p><p id='f'>* Of the sea.</p>\
                <p><a id='g'>†</a> Fresh.</p>";
    assert_eq!(page(body), ["Salt and water."]);
}

#[test]
fn a_note_inside_a_paragraph_leaves_the_paragraph_whole() {
    let body = "<p>Be<span epub:type='footnote'>an aside</span>fore.</p>";
    assert_eq!(page(body), ["Before."]);
    let policy = ReadPolicy { notes: NotePolicy::InPlace, ..ReadPolicy::default() };
    let book = Epub::new().page("a.xhtml", body).read_with(policy);
    assert_eq!(texts(&book.chapters[0]).len(), 2);
    assert!(texts(&book.chapters[0]).contains(&"Before.".to_owned()));
}

#[test]
fn broken_xhtml_is_read_as_html_with_a_remark() {
    let book = Epub::new().page("a.xhtml", "<p>One <b>two</p><a id='x'/><p>Three & four<br></p>").read();
    assert_eq!(texts(&book.chapters[0]), ["One two", "Three & four"]);
    assert!(book.remarks.iter().any(|r| r.contains("not well-formed") && r.contains("text/a.xhtml")));
}

#[test]
fn documents_may_be_in_utf_16_or_a_declared_encoding() {
    let mut epub = Epub::new().page("a.xhtml", "").page("b.xhtml", "");
    let xhtml = "<?xml version='1.0' encoding='utf-16'?><html><body><p>Déjà 東</p></body></html>";
    epub.documents[0].bytes =
        std::iter::once(0xfeff).chain(xhtml.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    epub.documents[1].bytes =
        b"<?xml version='1.0' encoding='iso-8859-1'?><html><body><p>d\xe9j\xe0</p></body></html>".to_vec();
    let book = epub.read();
    assert_eq!(texts(&book.chapters[0]), ["Déjà 東"]);
    assert_eq!(texts(&book.chapters[1]), ["déjà"]);
}

#[test]
fn a_break_is_no_character_of_the_source() {
    let book = Epub::new().page("a.xhtml", "<p>a<br/>b</p>").read();
    assert!(book.chapters[0].blocks[0].inlines.contains(&Inline::Break));
    let spans: Vec<_> = runs(&book).map(|r| r.span).collect();
    assert_eq!(spans[0].end, spans[1].start);
}
