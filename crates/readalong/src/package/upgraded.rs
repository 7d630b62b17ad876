//! An EPUB 2 package as one of EPUB 3: the same metadata in the new forms, the same files, the same reading order.

use std::collections::{HashMap, HashSet};

use rhapsode_book::{
    SourceItem,
    markup::{TokenKind, tokens},
};
use rhapsode_release::{Tags, xml::Xml};

use super::{Additions, address};
use crate::{
    marks::local,
    tag::{Tag, resolved},
};

const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const OPF: &str = "http://www.idpf.org/2007/opf";
const IDENTIFIER: &str = "rhapsode-identifier";

/// An element of the old package.
struct Element {
    tag: Tag,
    text: String,
}

/// What an upgrade is told of the files beside what the package says.
pub(crate) struct Upgrade<'a> {
    pub(crate) package: &'a str,
    pub(crate) path: &'a str,
    pub(crate) items: &'a [SourceItem],
    /// For each document, by its path, the properties that its markup needs.
    pub(crate) properties: &'a HashMap<String, Vec<&'static str>>,
    pub(crate) additions: &'a Additions,
    pub(crate) tags: &'a Tags,
}

/// Writes the package.
pub(crate) fn write(upgrade: &Upgrade<'_>) -> Result<String, String> {
    let elements = elements(upgrade.package)?;
    let find = |name: &str| elements.iter().find(|element| local(&element.tag.name) == name);
    let package = find("package").map(|element| &element.tag);
    let identifiers: HashSet<&str> = elements
        .iter()
        .filter(|element| local(&element.tag.name) == "identifier" && !element.text.is_empty())
        .filter_map(|element| element.tag.attribute("id"))
        .collect();
    let unique = package.and_then(|tag| tag.attribute("unique-identifier"));
    let unique = unique.filter(|id| identifiers.contains(id));
    let mut attributes =
        vec![("xmlns", OPF), ("version", "3.0"), ("unique-identifier", unique.unwrap_or(IDENTIFIER))];
    attributes.extend(package.and_then(|tag| Some(("xml:lang", tag.attribute("xml:lang")?))));
    let mut xml = Xml::new();
    xml.element("package", &attributes, |xml| {
        xml.element("metadata", &[("xmlns:dc", DUBLIN_CORE)], |xml| {
            metadata(xml, &elements, upgrade, unique.is_some());
        });
        xml.element("manifest", &[], |xml| manifest(xml, &elements, upgrade));
        let old = find("spine").map(|element| &element.tag);
        let known = ["toc", "page-progression-direction"];
        let attributes: Vec<(&str, &str)> =
            known.iter().filter_map(|name| Some((*name, old?.attribute(name)?))).collect();
        xml.element("spine", &attributes, |xml| spine(xml, &elements));
    });
    Ok(xml.finish())
}

fn metadata(xml: &mut Xml, elements: &[Element], upgrade: &Upgrade<'_>, has_unique: bool) {
    let tags = upgrade.tags;
    let is = |element: &&Element, name: &str| {
        element.tag.name.to_ascii_lowercase().starts_with("dc:")
            && local(&element.tag.name).eq_ignore_ascii_case(name)
            && !element.text.is_empty()
    };
    let all = |name: &'static str| elements.iter().filter(move |element| is(element, name));
    if !has_unique {
        xml.text(
            "dc:identifier",
            &[("id", IDENTIFIER)],
            &format!("urn:uuid:{}", rhapsode_release::identity(tags)),
        );
    }
    let mut refined: Vec<(String, &str, Option<&str>, String)> = Vec::new();
    let mut number = 0;
    for name in [
        "identifier",
        "title",
        "language",
        "creator",
        "contributor",
        "publisher",
        "description",
        "subject",
        "rights",
        "source",
        "relation",
        "coverage",
        "type",
        "format",
    ] {
        for element in all(name) {
            number += 1;
            let own = element.tag.attribute("id").map(str::to_owned);
            let id = own.clone().unwrap_or_else(|| format!("rhapsode-meta-{number}"));
            let refines = |attribute: &str| {
                element.tag.local_attribute(attribute).filter(|value| !value.trim().is_empty())
            };
            let before = refined.len();
            if matches!(name, "creator" | "contributor") {
                let role =
                    refines("role").map(|role| (id.clone(), "role", Some("marc:relators"), role.to_owned()));
                refined.extend(role);
                let sort = refines("file-as").map(|sort| (id.clone(), "file-as", None, sort.to_owned()));
                refined.extend(sort);
            }
            let mut attributes: Vec<(&str, &str)> = Vec::new();
            if own.is_some() || refined.len() > before {
                attributes.push(("id", &id));
            }
            attributes.extend(element.tag.attribute("xml:lang").map(|language| ("xml:lang", language)));
            xml.text(&format!("dc:{name}"), &attributes, &element.text);
        }
    }
    if all("title").next().is_none() {
        xml.text("dc:title", &[], &tags.title);
    }
    if all("language").next().is_none() {
        xml.text("dc:language", &[], tags.language.as_deref().unwrap_or("und"));
    }
    // EPUB 3 takes one date, that of publication.
    let event = |element: &&Element, wanted: &str| element.tag.local_attribute("event") == Some(wanted);
    let date = all("date").find(|date| event(date, "publication")).or_else(|| all("date").next());
    if let Some(date) = date {
        xml.text("dc:date", &[], &date.text);
    }
    for (id, property, scheme, value) in refined {
        let about = format!("#{id}");
        let mut attributes = vec![("refines", about.as_str()), ("property", property)];
        attributes.extend(scheme.map(|scheme| ("scheme", scheme)));
        xml.text("meta", &attributes, &value);
    }
    // The same book has the same bytes: its year stands for the day on which the package was made.
    let year: String = date.map(|date| date.text.chars().take(4).collect()).unwrap_or_default();
    let year = if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) { &year } else { "2000" };
    xml.text("meta", &[("property", "dcterms:modified")], &format!("{year}-01-01T00:00:00Z"));
    for element in elements.iter().filter(|element| local(&element.tag.name) == "meta") {
        if let (Some(name), Some(content)) = (element.tag.attribute("name"), element.tag.attribute("content"))
        {
            xml.empty("meta", &[("name", name), ("content", content)]);
        }
    }
    for (property, about, value) in upgrade.additions.metadata(tags) {
        let about = about.map(|id| format!("#{id}"));
        let mut attributes = vec![("property", property)];
        attributes.extend(about.as_deref().map(|id| ("refines", id)));
        xml.text("meta", &attributes, &value);
    }
}

fn manifest(xml: &mut Xml, elements: &[Element], upgrade: &Upgrade<'_>) {
    let cover = elements.iter().find_map(|element| {
        let is_cover = element.tag.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case("cover"));
        is_cover.then(|| element.tag.attribute("content")).flatten()
    });
    let tags: HashMap<&str, &Tag> = elements
        .iter()
        .filter(|element| local(&element.tag.name) == "item")
        .filter_map(|element| Some((element.tag.attribute("id")?, &element.tag)))
        .collect();
    for item in upgrade.items {
        let href = address(upgrade.path, &item.path);
        let media_type = match item.media_type.as_str() {
            "text/html" | "text/x-oeb1-document" => "application/xhtml+xml",
            "text/x-oeb1-css" => "text/css",
            "image/jpg" => "image/jpeg",
            other => other,
        };
        let mut properties = upgrade.properties.get(&item.path).cloned().unwrap_or_default();
        if cover == Some(&item.id) && media_type.starts_with("image/") {
            properties.push("cover-image");
        }
        let properties = properties.join(" ");
        let mut attributes = vec![("id", item.id.as_str()), ("href", &href), ("media-type", media_type)];
        attributes.extend(
            tags.get(item.id.as_str()).and_then(|tag| Some(("fallback", tag.attribute("fallback")?))),
        );
        if !properties.is_empty() {
            attributes.push(("properties", &properties));
        }
        attributes
            .extend(upgrade.additions.overlays.get(&item.path).map(|id| ("media-overlay", id.as_str())));
        xml.empty("item", &attributes);
    }
    for item in &upgrade.additions.items {
        let href = address(upgrade.path, &item.path);
        let mut attributes = vec![("id", item.id.as_str()), ("href", &href), ("media-type", item.media_type)];
        attributes.extend(item.properties.map(|properties| ("properties", properties)));
        xml.empty("item", &attributes);
    }
}

fn spine(xml: &mut Xml, elements: &[Element]) {
    let mut known = HashSet::new();
    for element in elements.iter().filter(|element| local(&element.tag.name) == "itemref") {
        let Some(id) = element.tag.attribute("idref").map(str::trim) else { continue };
        if known.insert(id) {
            let mut attributes = vec![("idref", id)];
            let linear = element.tag.attribute("linear").filter(|linear| matches!(*linear, "yes" | "no"));
            attributes.extend(linear.map(|linear| ("linear", linear)));
            xml.empty("itemref", &attributes);
        }
    }
}

/// Every element of a document with the text that stands directly in it.
fn elements(package: &str) -> Result<Vec<Element>, String> {
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for token in tokens(package)? {
        let raw = &package[token.bytes];
        match token.kind {
            TokenKind::Start(_) => {
                open.push(elements.len());
                elements.push(Element { tag: Tag::parse(raw), text: String::new() });
            }
            TokenKind::Empty(_) => elements.push(Element { tag: Tag::parse(raw), text: String::new() }),
            TokenKind::End => drop(open.pop()),
            TokenKind::Text => {
                if let Some(&at) = open.last() {
                    elements[at].text.push_str(&resolved(raw));
                }
            }
            TokenKind::Whole(text) => {
                if let Some(&at) = open.last() {
                    elements[at].text.push_str(&text);
                }
            }
            TokenKind::DocumentType | TokenKind::Declaration | TokenKind::Other => {}
        }
    }
    for element in &mut elements {
        element.text = element.text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    Ok(elements)
}
