//! The ledger, for documents that nobody wrote: whatever is nested in whatever, each character of the parser's
//! text is kept once where it stands, or skipped with a reason.

mod support;

use std::path::Path;

use proptest::prelude::*;
use rhapsode_book::{
    Disposition, Format, NotePolicy, ReadError, ReadOptions, ReadPolicy, Reading, TablePolicy, read_bytes,
};
use support::{Epub, runs};

/// A piece of a document and its text as a parser sees it.
#[derive(Debug, Clone)]
struct Piece {
    xml: String,
    text: String,
}

impl Piece {
    fn join(pieces: Vec<Self>) -> Self {
        let xml = pieces.iter().map(|p| p.xml.as_str()).collect();
        Self { xml, text: pieces.into_iter().map(|p| p.text).collect() }
    }

    fn in_element(self, start: &str) -> Self {
        let name = start.split(' ').next().unwrap_or(start);
        Self { xml: format!("<{start}>{}</{name}>", self.xml), text: self.text }
    }
}

const ELEMENTS: &[&str] = &[
    "p",
    "div",
    "span",
    "b",
    "i class='x'",
    "em xml:lang='fr'",
    "div lang='de'",
    "section epub:type='chapter'",
    "section epub:type='index'",
    "section epub:type='dedication'",
    "h1",
    "h2 id='h'",
    "h3",
    "blockquote",
    "ol",
    "ul",
    "ol start='7'",
    "li",
    "li value='3'",
    "table",
    "tr",
    "td",
    "th",
    "caption",
    "figure",
    "figcaption",
    "pre",
    "code",
    "nav",
    "nav epub:type='toc'",
    "aside epub:type='footnote' id='n1'",
    "aside role='doc-footnote' id='n2'",
    "div class='footnotes'",
    "a href='#n1'",
    "a href='#n1' epub:type='noteref'",
    "a href='#n3'",
    "sup",
    "p id='n3'",
    "span epub:type='footnote' id='n4'",
    "a href='#n4' role='doc-noteref'",
    "a role='doc-backlink' href='#h'",
    "span epub:type='pagebreak'",
    "div role='doc-pagebreak'",
    "span hidden=''",
    "div aria-hidden='true'",
    "p class='gone'",
    "span class='gone'",
    "div style='display:none'",
    "span style='display:block'",
    "p style='display:inline'",
    "ruby",
    "rt",
    "rp",
    "svg",
    "math",
    "script",
    "style",
    "template",
    "textarea",
    "button",
    "div class='poem'",
    "p class='line'",
    "span class='line'",
    "p class='chapter-title'",
    "p class='scenebreak'",
    "dl",
    "dt",
    "dd",
    "table role='presentation'",
    "object",
    "unknown",
    "header",
    "main",
    "title",
];

const EMPTY: &[&str] =
    &["br", "hr", "img alt='a'", "a id='c1'", "span epub:type='pagebreak'", "p", "wbr", "td"];

fn text() -> impl Strategy<Value = Piece> {
    let words = prop_oneof![
        4 => "[a-z]{1,6}( [a-zé東🐋]{1,4}){0,3}",
        2 => "[ \n\t]{1,3}",
        1 => "[0-9]{1,2}",
        1 => Just("*".to_owned()),
        1 => Just("* * *".to_owned()),
        1 => Just("\u{a0}".to_owned()),
        1 => Just("Index".to_owned()),
    ];
    words.prop_map(|text| Piece { xml: text.clone(), text })
}

fn piece() -> impl Strategy<Value = Piece> {
    let leaf = prop_oneof![
        6 => text(),
        2 => prop::sample::select(EMPTY).prop_map(|start| Piece { xml: format!("<{start}/>"), text: String::new() }),
        1 => Just(Piece { xml: "&mdash;&#38;<![CDATA[<x>]]><!-- not text --><?pi x?>".into(), text: "—&<x>".into() }),
    ];
    leaf.prop_recursive(6, 80, 6, |inner| {
        (prop::sample::select(ELEMENTS), prop::collection::vec(inner, 0..6))
            .prop_map(|(start, children)| Piece::join(children).in_element(start))
    })
}

fn policy() -> impl Strategy<Value = ReadPolicy> {
    let notes = prop::sample::select(&[NotePolicy::Skip, NotePolicy::InPlace, NotePolicy::ChapterEnd][..]);
    (notes, any::<[bool; 4]>()).prop_map(|(notes, [tables, code, captions, sections])| {
        let pick = |skip| if skip { Reading::Skip } else { Reading::Read };
        let mut policy = ReadPolicy {
            notes,
            tables: if tables { TablePolicy::Skip } else { TablePolicy::Rows },
            code: pick(code),
            captions: pick(captions),
            ..ReadPolicy::default()
        };
        if sections {
            policy.skip_sections.clear();
        }
        policy
    })
}

/// Checks a book against the text that the parser saw.
fn check_against(result: Result<rhapsode_book::Book, ReadError>, source: &str) {
    let book = match result {
        Ok(book) => book,
        Err(ReadError::Empty(_)) => return,
        Err(error) => panic!("{error}"),
    };
    support::check(&book);
    let source: Vec<char> = source.chars().collect();
    assert_eq!(book.ledger.total(), source.len() as u64, "the ledger covers the whole text");
    let mut kept = vec![false; source.len()];
    for entry in book.ledger.entries() {
        for at in entry.span.start..entry.span.end {
            kept[at as usize] = entry.disposition == Disposition::Kept;
        }
    }
    for run in runs(&book) {
        let there: String = source[run.span.start as usize..run.span.end as usize].iter().collect();
        assert_eq!(run.text, there, "a run is the source's text at its span");
        assert!(kept[run.span.start as usize..run.span.end as usize].iter().all(|k| *k));
    }
    // What is left out for white space is white space.
    for entry in book.ledger.entries() {
        if entry.disposition == Disposition::Skipped(rhapsode_book::SkipReason::WhiteSpace) {
            let there = &source[entry.span.start as usize..entry.span.end as usize];
            assert!(there.iter().all(|c| c.is_whitespace()), "{there:?}");
        }
    }
}

const HEAD: &str = "<head><title>T</title><style>.gone { display: none }</style></head>";
const HEAD_TEXT: &str = "T.gone { display: none }";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_character_of_an_xhtml_page_is_kept_once_or_skipped(
        body in prop::collection::vec(piece(), 1..8).prop_map(Piece::join),
        policy in policy(),
    ) {
        let xml = format!("<?xml version='1.0'?><html>{HEAD}<body>{}</body></html>", body.xml);
        let options = ReadOptions { format: Some(Format::Html), policy };
        check_against(read_bytes(xml.as_bytes(), Path::new("a.xhtml"), &options), &(HEAD_TEXT.to_owned() + &body.text));
    }

    #[test]
    fn every_character_of_an_epub_is_kept_once_or_skipped(
        pages in prop::collection::vec(prop::collection::vec(piece(), 1..6).prop_map(Piece::join), 1..4),
        policy in policy(),
        with_contents in any::<bool>(),
    ) {
        let mut epub = Epub::new().file("OPS/css/book.css", ".gone { display: none }");
        let mut source = String::new();
        for (number, page) in pages.iter().enumerate() {
            epub = epub.page(&format!("{number}.xhtml"), &page.xml);
            source += &format!("{number}.xhtml{}", page.text);
        }
        if with_contents {
            epub = epub.contents(
                "<li><a href='text/0.xhtml#h'>Part One</a><ol><li><a href='text/0.xhtml#c1'>Chapter 1</a></li>\
                 <li><a href='text/1.xhtml#n3'>Index</a></li></ol></li><li><a href='text/2.xhtml'>Chapter 2</a></li>",
            );
        }
        check_against(support::read_epub(&epub.build(), policy), &source);
    }

    #[test]
    fn tag_soup_loses_nothing(
        body in prop::collection::vec(piece(), 1..8).prop_map(Piece::join),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        policy in policy(),
    ) {
        // Cutting pieces out of markup leaves unclosed and unopened tags.
        let mut chars: Vec<char> = body.xml.chars().collect();
        for cut in cuts {
            if !chars.is_empty() {
                chars.remove(cut.index(chars.len()));
            }
        }
        let html: String = chars.into_iter().collect();
        let options = ReadOptions { format: Some(Format::Html), policy };
        match read_bytes(html.as_bytes(), Path::new("a.html"), &options) {
            Ok(book) => support::check(&book),
            Err(ReadError::Empty(_)) => {}
            Err(error) => panic!("{error}: {html}"),
        }
    }
}
