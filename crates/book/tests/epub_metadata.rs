//! What a package says about its book.

mod support;

use rhapsode_book::{CoverType, Identifier, Series};
use support::Epub;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n rest";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0 rest";

fn epub(metadata: &str) -> Epub {
    Epub::new().page("a.xhtml", "<h1>A</h1><p>x</p>").metadata(metadata)
}

fn identifier(scheme: &str, value: &str) -> Identifier {
    Identifier { scheme: scheme.into(), value: value.into() }
}

#[test]
fn the_metadata_of_epub_3_are_read_with_their_refinements() {
    let book = epub(
        "<dc:title id='s'>A Novel of Salt</dc:title><meta refines='#s' property='title-type'>subtitle</meta>\
         <dc:title id='t'>The Tide\n   Clerk</dc:title><meta refines='#t' property='title-type'>main</meta>\
         <dc:creator id='b'>Second Author</dc:creator><meta refines='#b' property='display-seq'>2</meta>\
         <dc:creator id='a'>First Author</dc:creator><meta refines='#a' property='role' scheme='marc:relators'>aut</meta>\
         <meta refines='#a' property='display-seq'>1</meta><meta refines='#a' property='file-as'>Author, First</meta>\
         <dc:creator id='i'>An Illustrator</dc:creator><meta refines='#i' property='role'>ill</meta>\
         <dc:contributor id='n'>A Voice</dc:contributor><meta refines='#n' property='role'>nrt</meta>\
         <meta property='belongs-to-collection' id='c'>Harbour Tales</meta>\
         <meta refines='#c' property='collection-type'>series</meta>\
         <meta refines='#c' property='group-position'>2.5</meta>\
         <dc:language>EN-gb</dc:language><dc:date>2019-05-04</dc:date><dc:publisher>Quay &amp; Sons</dc:publisher>\
         <dc:description>&lt;p&gt;A &lt;b&gt;clerk&lt;/b&gt;.&lt;/p&gt;&lt;p&gt;A tide &amp;amp; more.&lt;/p&gt;</dc:description>\
         <dc:identifier>urn:isbn:9780141439600</dc:identifier>\
         <dc:identifier>urn:uuid:A1B0D67E-2E81-4DF5-9E67-A64CBE366809</dc:identifier>\
         <dc:identifier>https://doi.org/10.1000/182</dc:identifier><dc:identifier>https://example.org/b</dc:identifier>\
         <dc:subject>Fiction</dc:subject><dc:subject>Sea</dc:subject><dc:rights>Free.</dc:rights>",
    )
    .read();
    let m = &book.metadata;
    assert_eq!((m.title.as_str(), m.subtitle.as_deref()), ("The Tide Clerk", Some("A Novel of Salt")));
    assert_eq!(m.authors, ["First Author", "Second Author"]);
    assert_eq!(m.narrators, ["A Voice"]);
    assert_eq!(m.series, Some(Series { name: "Harbour Tales".into(), position: Some("2.5".into()) }));
    assert_eq!(m.language.as_deref(), Some("en-gb"));
    assert_eq!(m.year, Some(2019));
    assert_eq!(m.publisher.as_deref(), Some("Quay & Sons"));
    assert_eq!(m.description.as_deref(), Some("A clerk. A tide & more."));
    assert_eq!(
        m.identifiers,
        [
            identifier("ISBN", "9780141439600"),
            identifier("UUID", "A1B0D67E-2E81-4DF5-9E67-A64CBE366809"),
            identifier("DOI", "10.1000/182"),
            identifier("URI", "https://example.org/b")
        ]
    );
    assert_eq!((m.subjects.len(), m.rights.as_deref()), (2, Some("Free.")));
}

#[test]
fn the_metadata_of_epub_2_and_calibre_are_read() {
    let book = epub(
        "<dc:title>Tides</dc:title><dc:creator opf:role='aut' opf:file-as='Clerk, T.'>T. Clerk</dc:creator>\
         <dc:creator opf:role='nrt'>A Voice</dc:creator><dc:contributor opf:role='bkp'>calibre</dc:contributor>\
         <dc:date opf:event='modification'>2021</dc:date><dc:date opf:event='publication'>1851-10-18</dc:date>\
         <dc:identifier opf:scheme='ISBN'>978-0-14-143960-0</dc:identifier>\
         <dc:identifier opf:scheme='MOBI-ASIN'>B000FC1PJI</dc:identifier>\
         <meta name='calibre:series' content='Harbour Tales'/><meta name='calibre:series_index' content='3.0'/>",
    )
    .read();
    let m = &book.metadata;
    assert_eq!(
        (m.authors.as_slice(), m.narrators.as_slice()),
        (&["T. Clerk".into()][..], &["A Voice".into()][..])
    );
    assert_eq!(m.year, Some(1851));
    assert_eq!(m.series, Some(Series { name: "Harbour Tales".into(), position: Some("3".into()) }));
    assert_eq!(m.identifiers, [identifier("ISBN", "978-0-14-143960-0"), identifier("ASIN", "B000FC1PJI")]);
}

#[test]
fn a_book_without_a_title_takes_its_first_heading() {
    assert_eq!(epub("<dc:language>en</dc:language>").read().metadata.title, "A");
    let book = Epub::new().page("a.xhtml", "<p>x</p>").metadata("").read();
    assert_eq!(book.metadata.title, "book", "the file's stem");
}

#[test]
fn a_publisher_is_not_an_author_and_editors_stand_in_for_authors() {
    let book = epub("<dc:title>T</dc:title><dc:creator opf:role='edt'>An Editor</dc:creator>").read();
    assert_eq!(book.metadata.authors, ["An Editor"]);
}

fn cover_of(epub: Epub) -> Option<(CoverType, Vec<u8>)> {
    epub.read().cover.map(|c| (c.kind, c.bytes))
}

#[test]
fn the_cover_is_found_in_every_place_where_it_may_stand() {
    let item = |extra: &str| format!("<item id='img' href='i/c.bin' media-type='image/jpeg' {extra}/>");
    let base = || Epub::new().page("a.xhtml", "<p>x</p>").file("OPS/i/c.bin", JPEG);
    let jpeg = Some((CoverType::Jpeg, JPEG.to_vec()));

    let mut epub3 = base();
    epub3.manifest = item("properties='cover-image'");
    assert_eq!(cover_of(epub3), jpeg);

    let mut epub2 = base();
    epub2.manifest = item("");
    epub2.metadata += "<meta name='cover' content='img'/>";
    assert_eq!(cover_of(epub2), jpeg);

    let mut guide =
        base().file("OPS/cover.xhtml", "<html><body><svg><image xlink:href='i/c.bin'/></svg></body></html>");
    guide.manifest = item("") + "<item id='c' href='cover.xhtml' media-type='application/xhtml+xml'/>";
    guide.guide = "<guide><reference type='cover' href='cover.xhtml'/></guide>".into();
    assert_eq!(cover_of(guide), jpeg);

    assert_eq!(cover_of(base()), None);
}

#[test]
fn a_cover_is_what_its_bytes_say_and_other_formats_are_remarked() {
    let mut epub = Epub::new().page("a.xhtml", "<p>x</p>").file("OPS/c.jpg", PNG);
    epub.manifest = "<item id='c' href='c.jpg' media-type='image/jpeg' properties='cover-image'/>".into();
    assert_eq!(cover_of(epub.clone()), Some((CoverType::Png, PNG.to_vec())));
    let book = epub.file("OPS/c.jpg", b"GIF89a".to_vec()).read();
    assert!(book.cover.is_none());
    assert!(book.remarks.iter().any(|r| r.contains("OPS/c.jpg") && r.contains("neither JPEG nor PNG")));
}
