//! W3C Audiobooks (Recommendation of 10 November 2020) in the Lightweight Packaging Format: a JSON-LD manifest and a page
//! with the table of contents.

use serde_json::{Map, Value, json};

use super::{Contents, PackedChapter, iso_duration};
use crate::{documents::identity, xml::Xml};

/// What the manifest is called at the root of the package.
const MANIFEST: &str = "publication.json";

/// The page with the table of contents.
const ENTRY: &str = "index.html";

pub(super) fn manifest(contents: &Contents<'_>) -> Vec<(&'static str, String)> {
    let manifest = serde_json::to_string_pretty(&publication(contents));
    vec![
        (MANIFEST, manifest.expect("texts and numbers have a form in JSON")),
        (ENTRY, table_of_contents(contents)),
    ]
}

fn publication(contents: &Contents<'_>) -> Value {
    let tags = contents.tags;
    let language = tags.language.as_deref();
    let mut context = vec![json!("https://schema.org"), json!("https://www.w3.org/ns/pub-context")];
    context.extend(language.map(|language| json!({ "language": language })));
    let mut publication = Map::new();
    let mut set = |name: &str, value: Value| drop(publication.insert(name.to_owned(), value));
    set("@context", Value::Array(context));
    set("conformsTo", json!("https://www.w3.org/TR/audiobooks/"));
    set("type", json!("Audiobook"));
    set("id", json!(format!("urn:uuid:{}", identity(tags))));
    set("name", json!(tags.title));
    for (name, people) in [("author", &tags.authors), ("readBy", &tags.narrators)] {
        if !people.is_empty() {
            set(name, json!(people));
        }
    }
    for (name, value) in [("publisher", &tags.publisher), ("description", &tags.description)] {
        if let Some(value) = value {
            set(name, json!(value));
        }
    }
    if let Some(language) = language {
        set("inLanguage", json!(language));
    }
    if let Some(year) = tags.year.filter(|year| (1..10_000).contains(year)) {
        set("datePublished", json!(format!("{year:04}")));
    }
    set("abridged", json!(false));
    set("accessMode", json!(["auditory"]));
    set("accessModeSufficient", json!([{ "type": "ItemList", "itemListElement": ["auditory"] }]));
    set("duration", json!(iso_duration(contents.chapters.iter().map(|chapter| chapter.seconds).sum())));
    set("readingOrder", contents.chapters.iter().map(resource).collect());
    let mut resources = vec![json!({
        "type": "LinkedResource",
        "url": ENTRY,
        "encodingFormat": "text/html",
        "rel": ["contents"],
    })];
    resources.extend(contents.cover.map(|(path, cover)| {
        json!({
            "type": "LinkedResource",
            "url": path,
            "encodingFormat": cover.kind.media_type(),
            "rel": ["cover"],
            "name": "Cover",
        })
    }));
    set("resources", Value::Array(resources));
    Value::Object(publication)
}

fn resource(chapter: &PackedChapter) -> Value {
    json!({
        "type": "LinkedResource",
        "url": chapter.path,
        "encodingFormat": chapter.media_type,
        "name": chapter.title,
        "duration": iso_duration(chapter.seconds),
    })
}

fn table_of_contents(contents: &Contents<'_>) -> String {
    let tags = contents.tags;
    let mut xml = Xml::new();
    let language = tags.language.as_deref().unwrap_or("und");
    xml.element("html", &[("xmlns", "http://www.w3.org/1999/xhtml"), ("lang", language)], |xml| {
        xml.element("head", &[], |xml| {
            xml.empty("meta", &[("charset", "utf-8")]);
            xml.text("title", &[], &tags.title);
            xml.empty("link", &[("rel", "publication"), ("href", MANIFEST)]);
        });
        xml.element("body", &[], |xml| {
            xml.text("h1", &[], &tags.title);
            xml.element("nav", &[("role", "doc-toc")], |xml| {
                xml.element("ol", &[], |xml| {
                    for chapter in contents.chapters {
                        xml.element("li", &[], |xml| {
                            xml.text("a", &[("href", &chapter.path)], &chapter.title)
                        });
                    }
                });
            });
        });
    });
    // HTML has no XML declaration.
    let page = xml.finish();
    format!("<!DOCTYPE html>\n{}", page.split_once('\n').map_or(page.as_str(), |(_, page)| page))
}
