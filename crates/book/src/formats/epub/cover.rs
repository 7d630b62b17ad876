//! The cover picture, wherever a package hides it.

use super::document;
use super::package::{Item, Package};
use crate::Cover;
use crate::archive::Archive;
use crate::dom::{Dom, NodeId};
use crate::href::resolve;

/// Reads the cover; a cover that players would not show gives a remark.
pub(super) fn read(archive: &mut Archive<'_>, package: &Package, remarks: &mut Vec<String>) -> Option<Cover> {
    let path = place(archive, package)?;
    let bytes = match archive.read(&path) {
        Ok(bytes) => bytes,
        Err(error) => {
            remarks.push(format!("the cover is left out: failed to {error}"));
            return None;
        }
    };
    match Cover::of(bytes) {
        Ok(cover) => Some(cover),
        Err(_) => {
            remarks.push(format!("{path}: the cover is left out: it is neither JPEG nor PNG"));
            None
        }
    }
}

/// EPUB 3 property, EPUB 2 meta element, guide, then the names that producers use.
fn place(archive: &mut Archive<'_>, package: &Package) -> Option<String> {
    let property = package.manifest.iter().find(|i| i.has_property("cover-image"));
    let meta = || {
        let name = package.cover.as_deref()?;
        package
            .manifest
            .iter()
            .find(|i| i.is_called(name) || i.path.ends_with(name))
            .filter(|i| i.is_picture())
    };
    if let Some(item) = property.or_else(meta) {
        return Some(item.path.clone());
    }
    let page = package.guide.iter().find(|(kind, _)| kind == "cover").map(|(_, target)| target.path.clone());
    if let Some(path) = page {
        let is_picture = package.manifest.iter().any(|i| i.path == path && i.is_picture());
        return if is_picture { Some(path) } else { first_picture(archive, &path) };
    }
    let called_cover = |item: &&Item| {
        item.is_picture() && ["cover", "cover-image", "coverimage"].iter().any(|n| item.is_called(n))
    };
    package.manifest.iter().find(called_cover).map(|i| i.path.clone())
}

/// The first picture of a page.
fn first_picture(archive: &mut Archive<'_>, path: &str) -> Option<String> {
    let bytes = archive.read(path).ok()?;
    let dom = document::parse(&bytes, path, &mut Vec::new()).ok()?;
    let href = |node: NodeId| match dom.name(node) {
        "img" => dom.attribute(node, "src"),
        "image" => dom.attribute(node, "xlink:href").or_else(|| dom.attribute(node, "href")),
        _ => None,
    };
    let href = dom.descendants(Dom::ROOT).find_map(href)?;
    resolve(path, href).ok().map(|target| target.path)
}
