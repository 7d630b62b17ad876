//! `metadata.opf`: what the book is, as Calibre writes it beside a book and Audiobookshelf reads it.

use super::edition::Edition;
use crate::xml::Xml;

const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const OPF: &str = "http://www.idpf.org/2007/opf";

pub(super) fn write(edition: &Edition<'_>) -> String {
    let tags = edition.tags;
    let mut xml = Xml::new();
    let package = [("xmlns", OPF), ("version", "2.0"), ("unique-identifier", "book")];
    xml.element("package", &package, |xml| {
        xml.element("metadata", &[("xmlns:dc", DUBLIN_CORE), ("xmlns:opf", OPF)], |xml| {
            xml.text("dc:identifier", &[("id", "book"), ("opf:scheme", "uuid")], &edition.identity());
            for (scheme, value) in [("ISBN", &tags.isbn), ("ASIN", &tags.asin)] {
                xml.text("dc:identifier", &[("opf:scheme", scheme)], text(value));
            }
            xml.text("dc:title", &[], &tags.title);
            // No element of Dublin Core, but where Audiobookshelf looks; Calibre has no subtitles.
            xml.text("dc:subtitle", &[], text(&tags.subtitle));
            for author in &tags.authors {
                xml.text("dc:creator", &[("opf:role", "aut")], author);
            }
            for narrator in &tags.narrators {
                xml.text("dc:creator", &[("opf:role", "nrt")], narrator);
            }
            xml.text("dc:publisher", &[], text(&tags.publisher));
            xml.text("dc:date", &[], &tags.year.map(|year| year.to_string()).unwrap_or_default());
            xml.text("dc:description", &[], text(&tags.description));
            xml.text("dc:language", &[], text(&tags.language));
            for genre in &tags.genres {
                xml.text("dc:subject", &[], genre);
            }
            xml.text("dc:rights", &[], text(&tags.copyright));
            named(xml, "calibre:series", text(&tags.series));
            if tags.series.is_some() {
                named(xml, "calibre:series_index", text(&tags.series_part));
            }
        });
    });
    xml.finish()
}

fn named(xml: &mut Xml, name: &str, content: &str) {
    if !content.is_empty() {
        xml.empty("meta", &[("name", name), ("content", content)]);
    }
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}
