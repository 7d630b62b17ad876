//! Audiobooks as Readium web publications: `manifest.json` of the audiobook profile.

use serde_json::{Map, Value, json};

use super::{Contents, PackedChapter};
use crate::documents::identity;

/// What the manifest is called at the root of the package.
const MANIFEST: &str = "manifest.json";

pub(super) fn manifest(contents: &Contents<'_>) -> Vec<(&'static str, String)> {
    let links: Vec<Value> = contents.chapters.iter().map(link).collect();
    let resources: Vec<Value> = contents
        .cover
        .map(|(path, cover)| json!({ "href": path, "type": cover.kind.media_type(), "rel": "cover" }))
        .into_iter()
        .collect();
    let toc: Vec<Value> = contents
        .chapters
        .iter()
        .map(|chapter| json!({ "href": chapter.path, "title": chapter.title }))
        .collect();
    let mut manifest = json!({
        "@context": "https://readium.org/webpub-manifest/context.jsonld",
        "metadata": metadata(contents),
        "links": [{ "rel": "self", "href": MANIFEST, "type": "application/audiobook+json" }],
        "readingOrder": links,
        "toc": toc,
    });
    if !resources.is_empty() {
        manifest["resources"] = Value::Array(resources);
    }
    let text = serde_json::to_string_pretty(&manifest).expect("texts and numbers have a form in JSON");
    vec![(MANIFEST, text)]
}

fn metadata(contents: &Contents<'_>) -> Value {
    let tags = contents.tags;
    let mut metadata = Map::new();
    let mut set = |name: &str, value: Value| drop(metadata.insert(name.to_owned(), value));
    set("@type", json!("http://schema.org/Audiobook"));
    set("conformsTo", json!("https://readium.org/webpub-manifest/profiles/audiobook"));
    set("identifier", json!(format!("urn:uuid:{}", identity(tags))));
    set("title", json!(tags.title));
    for (name, value) in [
        ("subtitle", &tags.subtitle),
        ("publisher", &tags.publisher),
        ("language", &tags.language),
        ("description", &tags.description),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            set(name, json!(value));
        }
    }
    for (name, values) in
        [("author", &tags.authors), ("narrator", &tags.narrators), ("subject", &tags.genres)]
    {
        if !values.is_empty() {
            set(name, json!(values));
        }
    }
    if let Some(year) = tags.year.filter(|year| (1..10_000).contains(year)) {
        set("published", json!(format!("{year:04}-01-01")));
    }
    if let Some(series) = &tags.series {
        let position = tags.series_part.as_deref().and_then(|part| part.parse::<f64>().ok());
        let mut of = Map::from_iter([("name".to_owned(), json!(series))]);
        of.extend(position.map(|position| ("position".to_owned(), json!(position))));
        set("belongsTo", json!({ "series": of }));
    }
    set("duration", json!(contents.chapters.iter().map(|chapter| chapter.seconds).sum::<f64>()));
    Value::Object(metadata)
}

fn link(chapter: &PackedChapter) -> Value {
    // Kilobits a second, as the manifest counts.
    let bitrate = (chapter.bytes as f64 * 8.0 / chapter.seconds / 1000.0).round();
    json!({
        "href": chapter.path,
        "type": chapter.media_type,
        "title": chapter.title,
        "duration": chapter.seconds,
        "bitrate": bitrate,
    })
}
