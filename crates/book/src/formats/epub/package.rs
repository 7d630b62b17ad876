//! The container and the package document: where things are and in which order they are read.

use std::collections::HashMap;

use super::malformed;
use super::metadata;
use crate::archive::Archive;
use crate::dom::{Dom, NodeId, decode, parse_xml};
use crate::href::{HrefError, Target, resolve};
use crate::{Metadata, ReadError};

/// Steps along `fallback` attributes before giving up on a circle.
const MAX_FALLBACKS: usize = 16;

/// What the package says.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) is_epub_3: bool,
    pub(super) metadata: Metadata,
    pub(super) manifest: Vec<Item>,
    /// In reading order.
    pub(super) spine: Vec<SpineItem>,
    /// The EPUB 3 navigation document.
    pub(super) nav: Option<String>,
    /// The EPUB 2 table of contents.
    pub(super) ncx: Option<String>,
    /// EPUB 2 guide: type and what it points at.
    pub(super) guide: Vec<(String, Target)>,
    /// What `<meta name="cover">` says: an id, sometimes a path.
    pub(super) cover: Option<String>,
}

/// A file of the manifest.
#[derive(Debug, Clone)]
pub(super) struct Item {
    id: String,
    pub(super) path: String,
    pub(super) media_type: String,
    properties: String,
    fallback: Option<String>,
}

impl Item {
    pub(super) fn is_content(&self) -> bool {
        matches!(self.media_type.as_str(), "application/xhtml+xml" | "text/html" | "text/x-oeb1-document")
    }

    pub(super) fn is_picture(&self) -> bool {
        self.media_type.starts_with("image/")
    }

    pub(super) fn has_property(&self, property: &str) -> bool {
        self.properties().any(|p| p == property)
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn properties(&self) -> impl Iterator<Item = &str> {
        self.properties.split_ascii_whitespace()
    }

    pub(super) fn is_called(&self, id: &str) -> bool {
        self.id == id
    }
}

/// A place in the reading order.
#[derive(Debug, Clone)]
pub(super) struct SpineItem {
    pub(super) path: String,
    /// Whether it belongs to the main reading order.
    pub(super) linear: bool,
    /// Whether it holds text; pictures in the spine do not.
    pub(super) is_content: bool,
}

/// Reads `META-INF/container.xml` and the package document that it names.
pub(super) fn read(archive: &mut Archive<'_>, remarks: &mut Vec<String>) -> Result<Package, ReadError> {
    let path = root_file(archive)?;
    let bytes = archive.read(&path)?;
    let (text, remark) = decode(&bytes);
    remarks.extend(remark.map(|r| format!("{path}: {r}")));
    let dom = parse_xml(&text).map_err(|e| malformed(&path, e.reason()))?;
    let manifest = manifest(&dom, archive, &path, remarks)?;
    let by_id: HashMap<&str, &Item> = manifest.iter().map(|item| (item.id.as_str(), item)).collect();
    let spine_node =
        dom.find(Dom::ROOT, "spine").ok_or_else(|| malformed(&path, "the package has no spine"))?;
    let mut spine = Vec::new();
    for node in dom.children(spine_node).filter(|n| dom.name(*n) == "itemref") {
        let id = dom.attribute(node, "idref").unwrap_or_default().trim();
        let item = *by_id.get(id).ok_or_else(|| {
            malformed(&path, &format!("the spine names \"{id}\", which is not in the manifest"))
        })?;
        let linear = dom.attribute(node, "linear").is_none_or(|v| !v.trim().eq_ignore_ascii_case("no"));
        let content = content_of(item, &by_id);
        let path = content.unwrap_or(item).path.clone();
        if spine.iter().any(|known: &SpineItem| known.path == path) {
            remarks.push(format!("{path}: the spine names it twice; it is read once"));
            continue;
        }
        spine.push(SpineItem { path, linear, is_content: content.is_some() });
    }
    if spine.is_empty() {
        return Err(malformed(&path, "the spine is empty"));
    }
    let ncx = dom.attribute(spine_node, "toc").and_then(|id| by_id.get(id.trim()).copied());
    let ncx = ncx.or_else(|| manifest.iter().find(|i| i.media_type == "application/x-dtbncx+xml"));
    let metas = dom.descendants(Dom::ROOT).filter(|n| dom.name(*n) == "meta");
    let cover = metas.filter(|n| dom.attribute(*n, "name").is_some_and(|v| v.eq_ignore_ascii_case("cover")));
    let version = dom.find(Dom::ROOT, "package").and_then(|node| dom.attribute(node, "version"));
    let major = version.and_then(|version| version.trim().split('.').next()?.parse::<u32>().ok());
    Ok(Package {
        is_epub_3: major.is_some_and(|major| major >= 3),
        metadata: metadata::read(&dom),
        nav: manifest.iter().find(|i| i.has_property("nav")).map(|i| i.path.clone()),
        ncx: ncx.map(|i| i.path.clone()),
        guide: guide(&dom, &path),
        cover: cover.filter_map(|n| dom.attribute(n, "content")).map(str::to_owned).next(),
        spine,
        manifest,
    })
}

pub(super) fn root_file(archive: &mut Archive<'_>) -> Result<String, ReadError> {
    const PATH: &str = "META-INF/container.xml";
    if !archive.contains(PATH) {
        let inside = archive.find_suffix("/META-INF/container.xml");
        return Err(malformed(
            PATH,
            match &inside {
                Some(_) => {
                    "the archive holds the book in a folder of its own; pack the contents of that folder"
                }
                None => "the archive has no such file, so it is no EPUB",
            },
        ));
    }
    let bytes = archive.read(PATH)?;
    let (text, _) = decode(&bytes);
    let dom = parse_xml(&text).map_err(|e| malformed(PATH, e.reason()))?;
    let roots = || dom.descendants(Dom::ROOT).filter(|n| dom.name(*n) == "rootfile");
    let is_package = |n: &NodeId| dom.attribute(*n, "media-type") == Some("application/oebps-package+xml");
    let root = roots().find(is_package).or_else(|| roots().next());
    let href = root.and_then(|n| dom.attribute(n, "full-path"));
    let href = href.ok_or_else(|| malformed(PATH, "it names no package document"))?;
    inside(href, resolve("", href)).map(|target| target.path)
}

fn manifest(
    dom: &Dom,
    archive: &Archive<'_>,
    package: &str,
    remarks: &mut Vec<String>,
) -> Result<Vec<Item>, ReadError> {
    let node =
        dom.find(Dom::ROOT, "manifest").ok_or_else(|| malformed(package, "the package has no manifest"))?;
    let mut items = Vec::new();
    for node in dom.children(node).filter(|n| dom.name(*n) == "item") {
        let attribute = |name: &str| dom.attribute(node, name).unwrap_or_default().trim().to_owned();
        let href = attribute("href");
        let mut path = match resolve(package, &href) {
            Err(HrefError::External) => continue,
            target => inside(&href, target)?.path,
        };
        match archive.find(&path) {
            Some(found) if found != path => {
                remarks.push(format!("{path}: the archive calls it {found}"));
                path = found;
            }
            _ => {}
        }
        items.push(Item {
            id: attribute("id"),
            path,
            media_type: attribute("media-type").to_ascii_lowercase(),
            properties: attribute("properties"),
            fallback: dom.attribute(node, "fallback").map(str::to_owned),
        });
    }
    Ok(items)
}

/// The content document that stands for a spine item: itself, or along its fallbacks.
fn content_of<'a>(item: &'a Item, by_id: &HashMap<&str, &'a Item>) -> Option<&'a Item> {
    let next = |item: &&'a Item| by_id.get(item.fallback.as_deref()?).copied();
    std::iter::successors(Some(item), next).take(MAX_FALLBACKS).find(|item| item.is_content())
}

fn guide(dom: &Dom, package: &str) -> Vec<(String, Target)> {
    let Some(guide) = dom.find(Dom::ROOT, "guide") else { return Vec::new() };
    let references = dom.children(guide).filter(|n| dom.name(*n) == "reference");
    references
        .filter_map(|node| {
            let target = resolve(package, dom.attribute(node, "href")?).ok()?;
            Some((dom.attribute(node, "type")?.trim().to_ascii_lowercase(), target))
        })
        .collect()
}

/// A reference that must point into the archive.
fn inside(href: &str, target: Result<Target, HrefError>) -> Result<Target, ReadError> {
    target.map_err(|e| match e {
        HrefError::Escapes => ReadError::PathEscape(href.to_owned()),
        HrefError::External => malformed(href, "it is not in the archive"),
    })
}
