//! A tree as XHTML again, for documents that were mended to be read: the same text nodes, well-formed.

use super::{Dom, NodeData, Step};

/// Elements of HTML that never have content.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Writes a document.
pub(crate) fn xhtml(dom: &Dom) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html>\n");
    for step in dom.walk(Dom::ROOT) {
        match step {
            Step::Enter(node) => match dom.data(node) {
                NodeData::Text(found) => text.push_str(&escaped(found)),
                NodeData::Element(element) => {
                    text.push_str(&format!("<{}", element.name));
                    text.push_str(match &*element.name {
                        "html" => {
                            " xmlns=\"http://www.w3.org/1999/xhtml\" xmlns:epub=\"http://www.idpf.org/2007/ops\""
                        }
                        "svg" => " xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"",
                        "math" => " xmlns=\"http://www.w3.org/1998/Math/MathML\"",
                        _ => "",
                    });
                    for (name, value) in &element.attributes {
                        if is_name(name) {
                            text.push_str(&format!(" {name}=\"{}\"", escaped(value).replace('"', "&quot;")));
                        }
                    }
                    text.push_str(if is_void(dom, node) { "/>" } else { ">" });
                }
                NodeData::Container => {}
            },
            Step::Leave(node) => {
                if let NodeData::Element(element) = dom.data(node)
                    && !is_void(dom, node)
                {
                    text.push_str(&format!("</{}>", element.name));
                }
            }
        }
    }
    text
}

fn is_void(dom: &Dom, node: super::NodeId) -> bool {
    VOID.contains(&dom.name(node)) && dom.children(node).next().is_none()
}

/// HTML takes names that XML does not.
fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    let starts = |c: char| c.is_alphabetic() || c == '_';
    characters.next().is_some_and(starts)
        && name.matches(':').count() <= 1
        && characters.all(|c| c.is_alphanumeric() || "-_.:".contains(c))
        && name.split_once(':').is_none_or(|(prefix, _)| matches!(prefix, "xml" | "epub" | "xlink"))
}

fn escaped(text: &str) -> String {
    let is_legal = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    // A character that XML cannot write stays one character, so that the count holds.
    let text: String = text.chars().map(|c| if is_legal(&c) { c } else { '\u{FFFD}' }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dom::{SelfClosing, parse_html, parse_xml};

    #[test]
    fn what_was_mended_is_well_formed_and_has_the_same_text() {
        let html = "<html><head><title>A & b</title></head><body><p class=x>One<br>two &lt;i&gt;<p>Three <b>four</p></b>";
        let dom = parse_html(html, SelfClosing::Honoured).unwrap();
        let again = parse_xml(&xhtml(&dom)).unwrap();
        assert_eq!(again.text(Dom::ROOT).trim_start(), dom.text(Dom::ROOT).trim_start());
    }
}
