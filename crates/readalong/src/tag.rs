//! Start tags, read and written one at a time.

use std::borrow::Cow;

use quick_xml::{
    escape::{escape, resolve_html5_entity, resolve_xml_entity, unescape_with},
    events::attributes::Attributes,
};

/// A start tag or the tag of an empty element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    /// With its prefix.
    pub(crate) name: String,
    /// Names with their prefixes, and values with references resolved.
    pub(crate) attributes: Vec<(String, String)>,
    /// Whether it ends with `/>`.
    pub(crate) is_empty: bool,
}

impl Tag {
    /// Reads a tag as it stands in markup.
    pub(crate) fn parse(markup: &str) -> Self {
        let inside = markup.trim_start_matches('<').trim_end_matches('>');
        let is_empty = inside.ends_with('/');
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let name = inside.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
        // The reader has been here before: what is no attribute was an error then.
        let attributes = Attributes::new(inside, name.len())
            .flatten()
            .map(|attribute| (attribute.key.as_ref().to_owned(), resolved(&attribute.value).into_owned()));
        Self { name: name.to_owned(), attributes: attributes.collect(), is_empty }
    }

    /// The value of an attribute, by its name with its prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The value of an attribute, by its name without its prefix.
    pub(crate) fn local_attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(found, _)| crate::marks::local(found) == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Sets an attribute.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.attributes.iter_mut().find(|(found, _)| found == name) {
            Some((_, known)) => *known = value,
            None => self.attributes.push((name.to_owned(), value)),
        }
    }

    /// The tag as markup.
    pub(crate) fn write(&self) -> String {
        let attributes = self.attributes.iter().map(|(name, value)| format!(" {name}=\"{}\"", escape(value)));
        let end = if self.is_empty { "/>" } else { ">" };
        format!("<{}{}{end}", self.name, attributes.collect::<String>())
    }
}

/// A value or a text with its references resolved; as it stands if one of them cannot be.
pub(crate) fn resolved(raw: &str) -> Cow<'_, str> {
    let entity = |name: &str| resolve_xml_entity(name).or_else(|| resolve_html5_entity(name));
    unescape_with(raw, entity).unwrap_or(Cow::Borrowed(raw))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_written_as_it_was_read() {
        let markup = r#"<opf:item id="a" href='b&amp;c.xhtml'/>"#;
        let mut tag = Tag::parse(markup);
        assert_eq!(
            (tag.name.as_str(), tag.attribute("href"), tag.is_empty),
            ("opf:item", Some("b&c.xhtml"), true)
        );
        tag.set("x", "\"");
        assert_eq!(tag.write(), r#"<opf:item id="a" href="b&amp;c.xhtml" x="&quot;"/>"#);
    }
}
