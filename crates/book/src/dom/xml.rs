//! XML to a tree, strictly: what is not well-formed is an error with its line, never mended. The one thing
//! allowed beyond XML is the named entities of HTML, which old EPUBs use without declaring them.

use std::collections::HashMap;

use quick_xml::XmlVersion;
use quick_xml::escape::{resolve_html5_entity, resolve_xml_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::{Dom, Element, MAX_NODES, NodeData, NodeId};

/// Entities that a document may declare for itself. They hold plain text and no references, so that a document
/// grows by at most their length for each use.
const MAX_ENTITIES: usize = 1024;

/// Longest text of a declared entity, in bytes.
const MAX_ENTITY_BYTES: usize = 1024;

/// Why a document is not read as XML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum XmlError {
    /// It is not well-formed.
    IllFormed(String),
    /// It declares entities by way of other entities or of files, or too many of them.
    Entities(String),
    /// It has more than [`MAX_NODES`] nodes.
    TooManyNodes(String),
}

impl XmlError {
    /// What is wrong, with its line and column.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Self::IllFormed(reason) | Self::Entities(reason) | Self::TooManyNodes(reason) => reason,
        }
    }
}

/// Parses an XML document.
///
/// # Errors
/// [`XmlError`]; its text says the line and column, counted from 1.
pub(crate) fn parse_xml(text: &str) -> Result<Dom, XmlError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = false;
    let mut builder = Builder { dom: Dom::new(), open: vec![Dom::ROOT], entities: Entities::default() };
    loop {
        let event = reader.read_event().map_err(|e| (reader.error_position(), e.to_string()));
        let result = event.and_then(|event| match event {
            Event::Eof => builder.end().map(|()| false).map_err(|e| (reader.buffer_position(), e)),
            event => builder.event(event).map(|()| true).map_err(|e| (reader.buffer_position(), e)),
        });
        if builder.dom.len() > MAX_NODES {
            return Err(XmlError::TooManyNodes(format!("it has more than {MAX_NODES} elements and texts")));
        }
        match result {
            Ok(true) => {}
            Ok(false) => return Ok(builder.dom),
            Err((offset, reason)) => {
                let reason = format!("{}: {reason}", line_and_column(text, offset));
                return Err(match reason.contains(ENTITY) {
                    true => XmlError::Entities(reason),
                    false => XmlError::IllFormed(reason),
                });
            }
        }
    }
}

/// Marks the reasons that no other parser may work around.
const ENTITY: &str = "the entity declaration";

struct Builder {
    dom: Dom,
    /// Open elements; the document is the first.
    open: Vec<NodeId>,
    entities: Entities,
}

impl Builder {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => {
                let node = self.element(&start)?;
                self.open.push(node);
            }
            Event::Empty(start) => {
                self.element(&start)?;
            }
            Event::End(_) => {
                // The reader checks that the names match.
                self.open.pop();
            }
            Event::Text(text) => return self.text(&text.xml10_content()),
            Event::CData(text) => return self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => return self.reference(&reference),
            Event::DocType(declaration) => return self.entities.declare(&declaration),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        match self.open.last() {
            Some(open) if *open != Dom::ROOT => Err(format!("<{}> is never closed", self.dom.name(*open))),
            _ if self.dom.children(Dom::ROOT).next().is_none() => Err("there is no element".into()),
            _ => Ok(()),
        }
    }

    fn top(&self) -> NodeId {
        self.open.last().copied().unwrap_or(Dom::ROOT)
    }

    fn element(&mut self, start: &BytesStart<'_>) -> Result<NodeId, String> {
        if self.top() == Dom::ROOT && self.dom.children(Dom::ROOT).next().is_some() {
            return Err("there is a second root element".into());
        }
        let mut element = Element::new(start.name().as_ref());
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|e| e.to_string())?;
            if attribute.value.contains('<') {
                return Err("an attribute contains <".into());
            }
            let entities = &self.entities;
            let value = attribute
                .normalized_value_with(XmlVersion::Explicit1_0, 1, |name| entities.resolve(name))
                .map_err(|e| e.to_string())?;
            element.add(attribute.key.as_ref(), &value);
        }
        let node = self.dom.create(NodeData::Element(element));
        let parent = self.top();
        self.dom.insert(parent, node, None);
        Ok(node)
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        let parent = self.top();
        if parent == Dom::ROOT {
            let blank = text.chars().all(|c| c.is_ascii_whitespace() || c == '\u{feff}');
            return if blank { Ok(()) } else { Err("there is text outside of the root element".into()) };
        }
        self.dom.insert_text(parent, text, None);
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), String> {
        let text = self.entities.text(reference)?;
        self.text(&text)
    }
}

/// The entities that a document declares, and those of HTML.
#[derive(Debug, Default)]
pub(crate) struct Entities(HashMap<String, String>);

impl Entities {
    /// What a reference stands for.
    pub(crate) fn text(&self, reference: &BytesRef<'_>) -> Result<String, String> {
        if let Some(character) = reference.resolve_char_ref().map_err(|e| e.to_string())? {
            return Ok(character.into());
        }
        let name: &str = reference;
        self.resolve(name).map(str::to_owned).ok_or_else(|| format!("the entity &{name}; is not declared"))
    }

    /// Takes the entities from the internal subset. Anything else in it describes the markup, not the text.
    pub(crate) fn declare(&mut self, doctype: &str) -> Result<(), String> {
        let mut rest = doctype;
        while let Some(at) = rest.find("<!ENTITY") {
            rest = &rest[at + "<!ENTITY".len()..];
            let declaration = rest.trim_start();
            let (name, value) = declaration
                .split_once(|c: char| c.is_ascii_whitespace())
                .ok_or_else(|| format!("{ENTITY} is cut off"))?;
            if name == "%" {
                continue; // Parameter entities describe the document type; their names resolve to nothing.
            }
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
            let Some(quote) = quote else {
                // An external entity: it is never fetched, and a reference to it is an undeclared one.
                continue;
            };
            let (value, after) =
                value[1..].split_once(quote).ok_or_else(|| format!("{ENTITY} of &{name}; is cut off"))?;
            rest = after;
            if self.0.len() >= MAX_ENTITIES || value.len() > MAX_ENTITY_BYTES {
                return Err(format!(
                    "{ENTITY} of &{name}; is beyond {MAX_ENTITIES} entities of {MAX_ENTITY_BYTES} bytes"
                ));
            }
            let value = quick_xml::escape::unescape_with(value, |_| None)
                .ok()
                .filter(|value| !value.contains(['&', '<', '%']))
                .ok_or_else(|| format!("{ENTITY} of &{name}; holds markup or other entities"))?;
            // The first declaration of a name binds.
            self.0.entry(name.to_owned()).or_insert_with(|| value.into_owned());
        }
        Ok(())
    }

    fn resolve(&self, name: &str) -> Option<&str> {
        let declared = self.0.get(name).map(String::as_str);
        declared.or_else(|| resolve_xml_entity(name)).or_else(|| resolve_html5_entity(name))
    }
}

fn line_and_column(text: &str, offset: u64) -> String {
    let offset = usize::try_from(offset).unwrap_or(text.len()).min(text.len());
    let before = &text.as_bytes()[..offset];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
    format!("line {line}, column {column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(xml: &str) -> Result<String, XmlError> {
        parse_xml(xml).map(|dom| dom.text(Dom::ROOT))
    }

    #[test]
    fn text_comes_whole_across_references_and_cdata() {
        let xml = "<p a='1'>A&amp;B &#8212;&#x2014; &nbsp;&mdash;<![CDATA[<raw> & ]]><b>c</b><!-- no --></p>";
        assert_eq!(text_of(xml).unwrap(), "A&B —— \u{a0}—<raw> & c");
        let dom = parse_xml(xml).unwrap();
        let p = dom.children(Dom::ROOT).next().unwrap();
        assert_eq!(dom.children(p).count(), 2, "one text node and one element");
    }

    #[test]
    fn what_is_not_well_formed_is_an_error_with_its_line() {
        for (xml, place) in [
            ("<p>\n<b>x</p>", "line 2"),
            ("<p>\n\nx", "line 3"),
            ("<p>a & b</p>", "line 1"),
            ("<p>&unknown;</p>", "line 1"),
            ("<p a='1' a='2'/>", "line 1"),
            ("<p/><p/>", "line 1"),
            ("x<p/>", "line 1"),
            ("", "line 1"),
        ] {
            match text_of(xml) {
                Err(XmlError::IllFormed(reason)) => assert!(reason.contains(place), "{xml}: {reason}"),
                other => panic!("{xml}: {other:?}"),
            }
        }
    }

    #[test]
    fn declared_entities_hold_plain_text_only() {
        let declared = r#"<!DOCTYPE html [ <!ENTITY who "Ahab &#38; crew"> ]><p title="&who;">&who;</p>"#;
        assert!(
            matches!(text_of(declared), Err(XmlError::Entities(_))),
            "an ampersand could start a reference"
        );
        let plain = r#"<!DOCTYPE html [ <!ENTITY who 'Ahab'> <!ENTITY who "Starbuck"> ]><p>&who;</p>"#;
        assert_eq!(text_of(plain).unwrap(), "Ahab");
    }

    #[test]
    fn entities_by_way_of_entities_are_refused() {
        let mut bomb = String::from("<!DOCTYPE p [<!ENTITY a0 \"ha\">");
        for level in 1..30 {
            let last = level - 1;
            bomb += &format!("<!ENTITY a{level} \"&a{last};&a{last};\">");
        }
        bomb += "]><p>&a29;</p>";
        assert!(matches!(text_of(&bomb), Err(XmlError::Entities(_))));
    }

    #[test]
    fn external_entities_are_never_fetched() {
        let xml = r#"<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><p>&x;</p>"#;
        assert!(matches!(text_of(xml), Err(XmlError::IllFormed(_))));
    }

    #[test]
    fn a_tree_a_million_levels_deep_is_parsed_and_dropped() {
        let depth = 1_000_000;
        let xml = format!("{}x{}", "<b>".repeat(depth), "</b>".repeat(depth));
        assert_eq!(text_of(&xml).unwrap(), "x");
    }

    #[test]
    fn prefixes_of_the_epub_namespace_may_have_any_name() {
        let dom = parse_xml("<html:aside ops:type='footnote' xml:lang='fr' xmlns:ops='x'/>").unwrap();
        let aside = dom.find(Dom::ROOT, "aside").unwrap();
        assert_eq!(dom.attribute(aside, "epub:type"), Some("footnote"));
        assert_eq!(dom.attribute(aside, "xml:lang"), Some("fr"));
        assert_eq!(dom.attribute(aside, "xmlns:ops"), None);
    }
}
