//! The navigation document of EPUB 3, for books that have none.

use std::collections::HashSet;

use rhapsode_book::SourceEntry;
use rhapsode_release::{Tags, xml::Xml};

use crate::package::address;

/// Deepest level that is told apart.
const DEEPEST: usize = 6;

/// Depth, words and address of an entry.
type Line = (usize, String, Option<String>);

/// Writes the navigation document at `path` from the old table of contents, or from the documents' order where there is
/// none. `documents` are those of the reading order: nothing else can be pointed at.
pub(crate) fn write(entries: &[SourceEntry], documents: &[String], path: &str, tags: &Tags) -> String {
    let known: HashSet<&str> = documents.iter().map(String::as_str).collect();
    let title = if tags.title.trim().is_empty() { "Contents" } else { &tags.title };
    let mut lines: Vec<Line> = Vec::new();
    for entry in entries {
        let target = entry.target.as_ref().filter(|(document, _)| known.contains(document.as_str()));
        let target = target.map(|(document, fragment)| {
            let fragment = fragment.as_ref().map_or(String::new(), |id| format!("#{id}"));
            address(path, document) + &fragment
        });
        if !entry.label.is_empty() {
            // One level at a time, whatever the old contents did.
            let deepest = lines.last().map_or(0, |(depth, ..)| depth + 1);
            lines.push((entry.depth.min(deepest).min(DEEPEST), entry.label.clone(), target));
        }
    }
    let mut lines = leading(lines);
    if lines.is_empty() {
        let first = documents.first().map(|document| address(path, document));
        lines = vec![(0, title.to_owned(), first)];
    }
    let language = tags.language.as_deref().unwrap_or("und");
    let mut xml = Xml::new();
    let html = [
        ("xmlns", "http://www.w3.org/1999/xhtml"),
        ("xmlns:epub", "http://www.idpf.org/2007/ops"),
        ("xml:lang", language),
    ];
    xml.element("html", &html, |xml| {
        xml.element("head", &[], |xml| xml.text("title", &[], title));
        xml.element("body", &[], |xml| {
            xml.element("nav", &[("epub:type", "toc"), ("id", "toc")], |xml| list(xml, &lines, 0));
        });
    });
    xml.finish()
}

/// The lines that lead somewhere, or under which one does: EPUB 3 knows no others.
fn leading(lines: Vec<Line>) -> Vec<Line> {
    let mut kept: Vec<Line> = Vec::new();
    for line in lines.into_iter().rev() {
        if line.2.is_some() || kept.last().is_some_and(|(depth, ..)| *depth > line.0) {
            kept.push(line);
        }
    }
    kept.reverse();
    kept
}

/// A list of the lines of one depth, each with the deeper ones that follow it.
fn list(xml: &mut Xml, lines: &[Line], depth: usize) {
    xml.element("ol", &[], |xml| {
        let mut rest = lines;
        while let Some(((_, label, target), after)) = rest.split_first() {
            let inner = after.iter().position(|(found, ..)| *found <= depth).unwrap_or(after.len());
            xml.element("li", &[], |xml| {
                match target {
                    Some(target) => xml.text("a", &[("href", target)], label),
                    None => xml.text("span", &[], label),
                }
                if inner > 0 {
                    list(xml, &after[..inner], depth + 1);
                }
            });
            rest = &after[inner..];
        }
    });
}
