//! Editions of books made to be difficult: old markup, other scripts, many chapters, nothing to read.
#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

mod judge;
mod reader;
mod studio;

use std::io::{Cursor, Write};

use judge::holds;
use rhapsode_book::ReadPolicy;
use studio::Recording;
use zip::{ZipWriter, write::SimpleFileOptions};

const CONTAINER: &str = "<?xml version=\"1.0\"?><container version=\"1.0\" \
    xmlns=\"urn:oasis:names:tc:opendocument:xmlns:container\"><rootfiles><rootfile full-path=\"OEBPS/content.opf\" \
    media-type=\"application/oebps-package+xml\"/></rootfiles></container>";

/// A grey pixel.
const PNG: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0, 58,
    126, 155, 85, 0, 0, 0, 10, 73, 68, 65, 84, 120, 156, 99, 104, 0, 0, 0, 130, 0, 129, 119, 205, 114, 182,
    0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

fn epub(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(
        "mimetype",
        SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
    )
    .unwrap();
    zip.write_all(b"application/epub+zip").unwrap();
    for (path, bytes) in files {
        zip.start_file(path.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An EPUB 2 with these bodies, as old tools made them.
fn epub_2(language: &str, bodies: &[String]) -> Vec<u8> {
    let number = 1..=bodies.len();
    let items: String = number
        .clone()
        .map(|n| {
            format!("<item id=\"c{n}\" href=\"text/chap%20{n}.html\" media-type=\"application/xhtml+xml\"/>")
        })
        .collect();
    let refs: String = number.clone().map(|n| format!("<itemref idref=\"c{n}\"/>")).collect();
    let points: String = number
        .map(|n| {
            format!(
                "<navPoint id=\"n{n}\" playOrder=\"{n}\"><navLabel><text>Chapter {n}</text></navLabel>\
                 <content src=\"text/chap%20{n}.html#top\"/></navPoint>"
            )
        })
        .collect();
    let package = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opf:package xmlns:opf=\"http://www.idpf.org/2007/opf\" \
         version=\"2.0\" unique-identifier=\"uid\"><opf:metadata xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <dc:title>Old &amp; \"grey\"</dc:title><dc:creator opf:role=\"aut\" opf:file-as=\"Doe, J.\">J. Doe</dc:creator>\
         <dc:identifier id=\"uid\" opf:scheme=\"UUID\">urn:uuid:3f0c2b1e-8d4a-4b7e-9a36-19110113d004</dc:identifier>\
         <dc:language>{language}</dc:language><dc:date opf:event=\"creation\">2009-02-03</dc:date>\
         <dc:date opf:event=\"publication\">1911</dc:date><dc:subject></dc:subject>\
         <opf:meta name=\"cover\" content=\"pic\"/></opf:metadata><opf:manifest>\
         <opf:item id=\"ncx\" href=\"toc.ncx\" media-type=\"application/x-dtbncx+xml\"/>\
         <opf:item id=\"pic\" href=\"pic.png\" media-type=\"image/png\"/>{}</opf:manifest>\
         <opf:spine toc=\"ncx\">{}</opf:spine><opf:guide><opf:reference type=\"text\" title=\"Text\" \
         href=\"text/chap%201.html\"/></opf:guide></opf:package>",
        items.replace("<item", "<opf:item"),
        refs.replace("<itemref", "<opf:itemref"),
    );
    let ncx = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE ncx PUBLIC \"-//NISO//DTD ncx 2005-1//EN\" \
         \"http://www.daisy.org/z3986/2005/ncx-2005-1.dtd\"><ncx xmlns=\"http://www.daisy.org/z3986/2005/ncx/\" \
         version=\"2005-1\"><head><meta name=\"dtb:uid\" content=\"urn:uuid:3f0c2b1e-8d4a-4b7e-9a36-19110113d004\"/>\
         </head><docTitle><text>Old</text></docTitle><navMap>{points}</navMap></ncx>"
    );
    let mut files = vec![
        ("META-INF/container.xml".to_owned(), CONTAINER.into()),
        ("OEBPS/content.opf".to_owned(), package.into_bytes()),
        ("OEBPS/toc.ncx".to_owned(), ncx.into_bytes()),
        ("OEBPS/pic.png".to_owned(), PNG.to_vec()),
    ];
    for (number, body) in (1..).zip(bodies) {
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.1//EN\" \
             \"http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd\">\r\n<html xmlns=\"http://www.w3.org/1999/xhtml\" \
             xml:lang=\"{language}\"><head><meta http-equiv=\"Content-Type\" content=\"application/xhtml+xml; \
             charset=utf-8\"/><title>Chapter {number}</title></head><body><a id=\"top\"></a>{body}</body></html>"
        );
        files.push((format!("OEBPS/text/chap {number}.html"), document.into_bytes()));
    }
    epub(&files)
}

fn recording(manuscript: Vec<u8>) -> Recording {
    Recording::of(manuscript, "book.epub", ReadPolicy::default())
}

#[test]
fn an_epub_2_with_old_markup_is_upgraded_and_its_text_stays() {
    let body = "<h2 align=\"center\">One</h2>\r\n<p>The &ldquo;first&rdquo; line,\r\nwhich goes on&mdash;and on. \
        <big>Large <tt>code</tt></big> words.</p><center><font color=\"#c00\" size=\"+1\">Red.</font></center>\
        <p><a name=\"old anchor\"></a>See<sup><a href=\"#note\">1</a></sup> below. It <i>begins here. And ends</i> there.</p>\
        <table border=\"1\" cellpadding=\"2\" summary=\"x\" width=\"80%\"><tr><td valign=\"top\">Left cell</td>\
        <td align=\"right\">right cell</td></tr></table><p><img src=\"../pic.png\" alt=\"A pixel\" align=\"left\" \
        hspace=\"3\"/> Beside a picture.<br clear=\"all\"/>Under it.</p><hr noshade=\"noshade\" size=\"1\"/>\
        <ol type=\"a\" compact=\"compact\"><li>Item one</li><li>Item two &amp; three</li></ol>\
        <p id=\"note\"><a name=\"note\">1.</a> A note.</p>";
    let recording = recording(epub_2("en", &[body.to_owned(), "<h2>Two</h2><p>More.</p>".to_owned()]));
    let edition = holds(&recording);
    let elements = edition.package_elements();
    let has = |text: &str| elements.iter().any(|element| element.text == text);
    assert!(has("J. Doe") && has("Doe, J.") && has("aut") && has("1911"), "{}", edition.package);
    assert!(edition.package.contains("cover-image"), "{}", edition.package);
}

#[test]
fn other_scripts_and_emoji_are_marked_where_they_stand() {
    let bodies = [
        "<p dir=\"rtl\">שלום עולם. זה מבחן קטן!</p><p dir=\"rtl\">مرحبا بالعالم. كيف حالك؟</p>",
        "<p>A rocket 🚀 flies 👩‍👩‍👧 home. Done ✅.</p><p>Ünïcödé e\u{301}t décomposé.</p>",
        "<p>吾輩は猫である。名前はまだ無い。</p>",
    ];
    let edition = holds(&recording(epub_2("he", &bodies.map(str::to_owned))));
    let words: Vec<String> = edition.clips().map(|clip| edition.text_of(&clip.document, &clip.id)).collect();
    assert!(words.iter().any(|text| text.contains("שלום עולם")), "{words:?}");
    assert!(words.iter().any(|text| text.contains("🚀 flies 👩‍👩‍👧")), "{words:?}");
}

#[test]
fn three_hundred_chapters_some_empty_with_headings_that_repeat() {
    let body = |n: usize| match n % 50 {
        7 => "<p> </p>".to_owned(),
        _ => format!("<h2>Chapter</h2><p>These are the words of {n}.</p>"),
    };
    let bodies: Vec<String> = (1..=300).map(body).collect();
    let edition = holds(&recording(epub_2("en", &bodies)));
    assert_eq!(edition.overlays.len(), 294);
}

#[test]
fn a_book_without_markup_of_its_own_in_every_kind_of_block() {
    let text = "---\ntitle: \"Say \\\"&<>\\\"\"\n---\n# One\n\nIt is *so* & <b>bold</b>. A second [link](x).\n\n> Quoted.\n\n\
        1. First\n2. Second\n\n- Bullet\n\n| a | b |\n|---|---|\n| c | d |\n\n* * *\n\nAfter a break.\n\n# One\n\nAgain.\n";
    let recording = Recording::of(text.as_bytes().to_vec(), "book.md", ReadPolicy::default());
    let _ = holds(&recording);
}
