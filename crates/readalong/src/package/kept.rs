//! An EPUB 3 package: what stands in it stays, byte for byte, and the narration is added.

use std::collections::HashMap;

use quick_xml::escape::escape;
use rhapsode_book::{
    SourceItem,
    markup::{TokenKind, tokens},
};
use rhapsode_release::Tags;

use super::{Additions, address};
use crate::{marks::local, tag::Tag};

/// Writes the package.
pub(crate) fn write(
    package: &str,
    path: &str,
    items: &[SourceItem],
    additions: &Additions,
    tags: &Tags,
) -> Result<String, String> {
    let paths: HashMap<&str, &str> =
        items.iter().map(|item| (item.id.as_str(), item.path.as_str())).collect();
    let mut text = String::with_capacity(package.len() * 2);
    let mut open: Vec<String> = Vec::new();
    for token in tokens(package)? {
        let raw = &package[token.bytes];
        match &token.kind {
            TokenKind::Start(name) | TokenKind::Empty(name) if local(name) == "item" => {
                let mut tag = Tag::parse(raw);
                let overlay = tag.attribute("id").and_then(|id| additions.overlays.get(*paths.get(id)?));
                match overlay {
                    Some(overlay) => {
                        tag.set("media-overlay", overlay.clone());
                        text.push_str(&tag.write());
                    }
                    None => text.push_str(raw),
                }
            }
            TokenKind::End => {
                let name = open.last().map(String::as_str).unwrap_or_default();
                // What is added has the prefix of what it is added to.
                let prefix = name.split_once(':').map_or(String::new(), |(prefix, _)| format!("{prefix}:"));
                match (local(name), open.len()) {
                    ("metadata", 2) => {
                        for (property, about, value) in additions.metadata(tags) {
                            let about = about.map_or(String::new(), |id| format!(" refines=\"#{id}\""));
                            let value = escape(&value);
                            text.push_str(&format!(
                                "<{prefix}meta property=\"{property}\"{about}>{value}</{prefix}meta>\n"
                            ));
                        }
                    }
                    ("manifest", 2) => {
                        for item in &additions.items {
                            let href = address(path, &item.path);
                            let mut attributes = vec![
                                ("id", item.id.as_str()),
                                ("href", &href),
                                ("media-type", item.media_type),
                            ];
                            attributes.extend(item.properties.map(|properties| ("properties", properties)));
                            let attributes =
                                attributes.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
                            let tag = Tag { name: format!("{prefix}item"), attributes, is_empty: true };
                            text.push_str(&tag.write());
                            text.push('\n');
                        }
                    }
                    _ => {}
                }
                text.push_str(raw);
            }
            TokenKind::Declaration if !raw.to_ascii_lowercase().contains("utf-8") => {
                text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
            }
            _ => text.push_str(raw),
        }
        match token.kind {
            TokenKind::Start(name) => open.push(name),
            TokenKind::End => drop(open.pop()),
            _ => {}
        }
    }
    Ok(text)
}
