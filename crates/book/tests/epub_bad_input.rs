//! What is wrong with a file is said with its place; nothing makes the reader panic or grow without end.

mod support;

use rhapsode_book::{NotePolicy, ReadError, ReadPolicy};
use support::{Epub, archive, read_epub, texts};

fn good() -> Epub {
    Epub::new().page("a.xhtml", "<h1>A</h1><p>Text.</p>")
}

/// The place and reason of a [`ReadError::Malformed`].
fn malformed(error: ReadError) -> String {
    match &error {
        ReadError::Malformed { .. } => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_that_is_no_zip_is_refused() {
    for bytes in [&b""[..], b"Call me Ishmael.", b"PK"] {
        let error = malformed(read_epub(bytes, ReadPolicy::default()).unwrap_err());
        assert!(error.contains("ZIP"), "{error}");
    }
}

#[test]
fn a_truncated_zip_is_refused_with_its_place() {
    let bytes = good().build();
    for length in [30, bytes.len() / 2, bytes.len() - 1] {
        let error = malformed(read_epub(&bytes[..length], ReadPolicy::default()).unwrap_err());
        assert!(error.contains("the end of the file"), "{error}");
    }
}

#[test]
fn damage_anywhere_in_the_archive_is_an_error_or_harmless_but_never_a_panic() {
    let bytes = good().build();
    let whole = texts(&read_epub(&bytes, ReadPolicy::default()).unwrap().chapters[0]);
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        if let Ok(book) = read_epub(&damaged, ReadPolicy::default()) {
            book.verify().unwrap();
            let read: Vec<String> = book.chapters.iter().flat_map(texts).collect();
            assert!(whole.iter().all(|block| read.contains(block)), "byte {at}: {read:?}");
        }
    }
}

#[test]
fn missing_parts_are_named() {
    let only = |files: &[(&str, &str)]| {
        let files: Vec<_> = files.iter().map(|(p, b)| ((*p).to_owned(), b.as_bytes().to_vec())).collect();
        malformed(read_epub(&archive(&files), ReadPolicy::default()).unwrap_err())
    };
    assert!(only(&[("mimetype", "application/epub+zip")]).contains("META-INF/container.xml"));
    let container = "<container><rootfiles><rootfile full-path='OPS/x.opf'/></rootfiles></container>";
    assert!(only(&[("META-INF/container.xml", container)]).contains("OPS/x.opf"));
    assert!(only(&[("META-INF/container.xml", "<container/>")]).contains("names no package"));
    assert!(only(&[("book/META-INF/container.xml", container)]).contains("folder of its own"));

    let missing = good().file("OPS/package.opf", good_package("text/gone.xhtml"));
    assert!(malformed(missing.error()).contains("OPS/text/gone.xhtml"));
    let unknown = good().file("OPS/package.opf", good_package("a.xhtml").replace("idref='a'", "idref='b'"));
    assert!(malformed(unknown.error()).contains("\"b\""));
}

fn good_package(href: &str) -> String {
    format!(
        "<package><metadata/><manifest><item id='a' href='{href}' media-type='application/xhtml+xml'/></manifest>\
         <spine><itemref idref='a'/></spine></package>"
    )
}

#[test]
fn broken_xml_of_the_package_is_refused_with_its_line() {
    let error = malformed(good().file("OPS/package.opf", "<package>\n<metadata>\n</package>").error());
    assert!(error.contains("OPS/package.opf") && error.contains("line 3"), "{error}");
    let error = malformed(good().file("META-INF/container.xml", "<container").error());
    assert!(error.contains("META-INF/container.xml"), "{error}");
}

#[test]
fn a_package_without_spine_or_text_is_refused() {
    let spineless = good_package("text/a.xhtml").replace("<spine><itemref idref='a'/></spine>", "");
    assert!(malformed(good().file("OPS/package.opf", spineless).error()).contains("no spine"));
    let empty = good_package("text/a.xhtml").replace("<itemref idref='a'/>", "");
    assert!(malformed(good().file("OPS/package.opf", empty).error()).contains("spine is empty"));
    let silent = Epub::new().page("a.xhtml", "<p> </p><img src='x.png' alt='text'/>");
    assert!(matches!(silent.error(), ReadError::Empty(_)));
}

#[test]
fn paths_out_of_the_archive_are_refused() {
    for href in ["../../etc/passwd", "..%2F..%2Fetc/passwd"] {
        let error = good().file("OPS/package.opf", good_package(href)).error();
        assert!(matches!(error, ReadError::PathEscape(_)), "{error:?}");
    }
    let container = "<container><rootfiles><rootfile full-path='../x.opf'/></rootfiles></container>";
    assert!(matches!(good().file("META-INF/container.xml", container).error(), ReadError::PathEscape(_)));
}

#[test]
fn an_entity_bomb_is_refused() {
    let mut bomb = String::from("<!DOCTYPE html [<!ENTITY a0 \"ha\">");
    for level in 1..40 {
        bomb += &format!("<!ENTITY a{level} \"&a{0};&a{0};\">", level - 1);
    }
    bomb += "]><html><body><p>&a39;</p></body></html>";
    let error = malformed(good().file("OPS/text/a.xhtml", bomb).error());
    assert!(error.contains("OPS/text/a.xhtml") && error.contains("entity"), "{error}");
}

#[test]
fn a_zip_bomb_is_refused_by_size_and_by_ratio() {
    let ratio = good().file("OPS/text/a.xhtml", vec![b' '; 8 << 20]).error();
    assert!(matches!(&ratio, ReadError::TooLarge { what, .. } if what.contains("ratio")), "{ratio:?}");
    let size = good().file("OPS/text/a.xhtml", vec![b' '; (64 << 20) + 1]).error();
    assert!(
        matches!(&size, ReadError::TooLarge { place, limit, .. }
        if place == "OPS/text/a.xhtml" && limit.contains("67108864")),
        "{size:?}"
    );
}

#[test]
fn an_archive_of_too_many_entries_is_refused() {
    let mut files = vec![("mimetype".to_owned(), b"application/epub+zip".to_vec())];
    files.extend((0..20_001).map(|n| (format!("f{n}"), Vec::new())));
    let error = read_epub(&archive(&files), ReadPolicy::default()).unwrap_err();
    assert!(matches!(&error, ReadError::TooLarge { what, .. } if what.contains("entries")), "{error:?}");
}

fn encryption(algorithm: &str, uri: &str) -> String {
    format!(
        "<encryption xmlns='urn:oasis:names:tc:opendocument:xmlns:container' \
         xmlns:enc='http://www.w3.org/2001/04/xmlenc#'><enc:EncryptedData>\
         <enc:EncryptionMethod Algorithm='{algorithm}'/><enc:CipherData><enc:CipherReference URI='{uri}'/>\
         </enc:CipherData></enc:EncryptedData></encryption>"
    )
}

#[test]
fn encrypted_content_is_refused_with_its_scheme() {
    const AES: &str = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
    let locked = || good().file("META-INF/encryption.xml", encryption(AES, "OPS/text/a.xhtml"));
    let scheme = |epub: Epub| match epub.error() {
        ReadError::Encrypted { place, scheme } => (place, scheme),
        other => panic!("{other:?}"),
    };
    let place = "OPS/text/a.xhtml".to_owned();
    assert_eq!(scheme(locked()), (place.clone(), AES.into()));
    let adept = locked().file("META-INF/rights.xml", "<rights xmlns='http://ns.adobe.com/adept'/>");
    assert_eq!(scheme(adept), (place.clone(), "Adobe ADEPT".into()));
    assert_eq!(scheme(locked().file("META-INF/license.lcpl", "{}")), (place.clone(), "Readium LCP".into()));
    assert_eq!(scheme(locked().file("META-INF/sinf.xml", "<x/>")), (place, "Apple FairPlay".into()));
}

#[test]
fn obfuscated_fonts_keep_nobody_from_reading() {
    for algorithm in ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"] {
        let epub = good().file("META-INF/encryption.xml", encryption(algorithm, "OPS/text/a.xhtml"));
        assert_eq!(epub.read().chapters.len(), 1);
    }
}

#[test]
fn an_encrypted_picture_costs_the_cover_alone() {
    let mut epub = good()
        .file("OPS/c.jpg", b"\xff\xd8\xff".to_vec())
        .file("META-INF/encryption.xml", encryption("http://x/aes", "OPS/c.jpg"));
    epub.manifest = "<item id='c' href='c.jpg' media-type='image/jpeg' properties='cover-image'/>".into();
    let book = epub.read();
    assert!(book.cover.is_none() && book.remarks.iter().any(|r| r.contains("encrypted")));
}

#[test]
fn an_odd_mimetype_is_tolerated_with_a_remark() {
    let build = |files: &[(&str, &[u8])]| {
        let mut all: Vec<(String, Vec<u8>)> = files.iter().map(|(p, b)| ((*p).into(), b.to_vec())).collect();
        let text = "<html><body><p>Text.</p></body></html>";
        let container = "<container><rootfiles><rootfile full-path='OPS/x.opf'/></rootfiles></container>";
        all.push(("META-INF/container.xml".into(), container.into()));
        all.push(("OPS/x.opf".into(), good_package("a.xhtml").into_bytes()));
        all.push(("OPS/a.xhtml".into(), text.into()));
        let book = read_epub(&archive(&all), ReadPolicy::default()).unwrap();
        book.remarks.iter().filter(|r| r.starts_with("mimetype")).count()
    };
    assert_eq!(build(&[("mimetype", b"application/epub+zip")]), 0);
    assert_eq!(build(&[("mimetype", b"application/epub+zip\n")]), 1);
    assert_eq!(build(&[("other", b""), ("mimetype", b"application/epub+zip")]), 1);
    assert_eq!(build(&[]), 1);
}

#[test]
fn a_reference_in_another_case_is_followed_with_a_remark() {
    let book = good().file("OPS/package.opf", good_package("Text/A.xhtml")).read();
    assert_eq!(texts(&book.chapters[0]), ["A", "Text."]);
    assert!(book.remarks.iter().any(|r| r.contains("OPS/text/a.xhtml")));
}

#[test]
fn nesting_a_hundred_thousand_levels_deep_is_read() {
    let depth = 100_000;
    for (open, close) in [
        ("<div>", "</div>"),
        ("<b>", "</b>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<ul><li>", "</li></ul>"),
        ("<div class='scenebreak'>", "</div>"),
        ("<div class='chapter-title'>", "</div>"),
        ("<span class='noteref'>", "</span>"),
        ("<a href='#x' id='x'>", "</a>"),
        ("<aside epub:type='footnote'><span>", "</span></aside>"),
        ("<div class='poem'><pre>", "</pre></div>"),
    ] {
        let epub =
            Epub::new().page("a.xhtml", &format!("{}Text.{}", open.repeat(depth), close.repeat(depth)));
        let policy = ReadPolicy { notes: NotePolicy::InPlace, ..ReadPolicy::default() };
        let book = epub.read_with(policy);
        assert_eq!(texts(&book.chapters[0]), ["Text."], "{open}");
    }
}
