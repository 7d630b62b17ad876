//! A content document with its marks: every byte of its text as it was, spans with ids around its phrases.

use rhapsode_book::markup::{Token, TokenKind};

use crate::{
    marks::{Mark, local},
    modernise::{Tagged, ids, modernise},
    tag::Tag,
};

/// Which EPUB a document was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// EPUB 2: its markup is brought to EPUB 3.
    Two,
    /// EPUB 3: its markup stays.
    Three,
}

/// What is changed in a document.
pub(crate) struct Changes<'a> {
    pub(crate) age: Age,
    /// Marks in their order, each with its id.
    pub(crate) marks: Vec<(&'a Mark, &'a str)>,
    /// Address of the style sheet for what is being read, if the document gets it.
    pub(crate) style_sheet: Option<String>,
}

/// What a changed document uses that its package must tell (EPUB 3.3 section D.1).
const TOLD: [(&str, &str); 3] = [("svg", "svg"), ("math", "mathml"), ("script", "scripted")];

/// A changed document.
pub(crate) struct Changed {
    pub(crate) markup: String,
    /// Properties of its item.
    pub(crate) properties: Vec<&'static str>,
}

/// Writes a document with its changes.
pub(crate) fn change(markup: &str, tokens: &[Token], changes: &Changes<'_>) -> Changed {
    let mut inserts = inserts(changes);
    inserts.reverse();
    let mut out = Writing {
        markup,
        changes,
        text: String::with_capacity(markup.len() + inserts.len() * 32),
        ends: Vec::new(),
        ids: ids(tags(markup, tokens).iter()),
        properties: Vec::new(),
        styled: false,
    };
    for token in tokens {
        let mut at = token.bytes.start;
        while let Some((place, text)) = inserts.pop_if(|(place, _)| *place < token.bytes.end) {
            if place > at {
                out.text.push_str(&markup[at..place]);
                at = place;
            }
            out.text.push_str(&text);
        }
        // Marks begin and end inside of texts only; anything else is whole.
        match at == token.bytes.start {
            true => out.token(token),
            false => out.text.push_str(&markup[at..token.bytes.end]),
        }
    }
    inserts.into_iter().rev().for_each(|(_, text)| out.text.push_str(&text));
    Changed { markup: out.text, properties: out.properties }
}

/// A table of contents of EPUB 2 for EPUB 3, which takes no document types of others: its references are written as what
/// they stand for.
pub(crate) fn without_document_type(markup: &str, tokens: &[Token]) -> String {
    let text = |token: &Token| {
        let raw = &markup[token.bytes.clone()];
        match &token.kind {
            TokenKind::DocumentType => String::new(),
            TokenKind::Whole(text) if !raw.starts_with("<!") && !is_of_xml(raw) => {
                quick_xml::escape::escape(text).into_owned()
            }
            _ => raw.to_owned(),
        }
    };
    tokens.iter().map(text).collect()
}

/// What is put where, in order.
fn inserts(changes: &Changes<'_>) -> Vec<(usize, String)> {
    let around = |&(mark, id): &(&Mark, &str)| {
        let prefix = if mark.prefix.is_empty() { String::new() } else { format!("{}:", mark.prefix) };
        let start = (mark.bytes.start, format!("<{prefix}span id=\"{id}\">"));
        [start, (mark.bytes.end, format!("</{prefix}span>"))]
    };
    changes.marks.iter().flat_map(around).collect()
}

fn tags(markup: &str, tokens: &[Token]) -> Vec<Tag> {
    let is_tag = |token: &&Token| matches!(token.kind, TokenKind::Start(_) | TokenKind::Empty(_));
    tokens.iter().filter(is_tag).map(|token| Tag::parse(&markup[token.bytes.clone()])).collect()
}

struct Writing<'a> {
    markup: &'a str,
    changes: &'a Changes<'a>,
    text: String,
    /// For each open element, its end tag where it is another than the document's.
    ends: Vec<Option<String>>,
    ids: std::collections::HashSet<String>,
    properties: Vec<&'static str>,
    styled: bool,
}

impl Writing<'_> {
    fn token(&mut self, token: &Token) {
        let raw = &self.markup[token.bytes.clone()];
        match (&token.kind, self.changes.age) {
            (TokenKind::Start(name) | TokenKind::Empty(name), age) => self.tag(name, raw, age),
            (TokenKind::End, _) => {
                let end = self.ends.pop().flatten().unwrap_or_else(|| raw.to_owned());
                if local(end.trim_start_matches("</").trim_end_matches('>').trim()) == "head" {
                    self.style(&end);
                }
                self.text.push_str(&end);
            }
            (TokenKind::Declaration, _) if !raw.to_ascii_lowercase().contains("utf-8") => {
                self.text.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
            }
            (TokenKind::DocumentType, Age::Two) => self.text.push_str("<!DOCTYPE html>"),
            // References that only the old document type declared are written as what they stand for.
            (TokenKind::Whole(text), Age::Two) if !raw.starts_with("<!") && !is_of_xml(raw) => {
                self.text.push_str(&quick_xml::escape::escape(text));
            }
            _ => self.text.push_str(raw),
        }
    }

    fn tag(&mut self, name: &str, raw: &str, age: Age) {
        for (element, property) in TOLD {
            if local(name) == element && !self.properties.contains(&property) {
                self.properties.push(property);
            }
        }
        let is_empty = raw.ends_with("/>");
        let (tag, end) = match age {
            Age::Three => (raw.to_owned(), None),
            Age::Two => match modernise(Tag::parse(raw), &mut self.ids) {
                Tagged::Tag(tag) if Tag::parse(raw) == tag => (raw.to_owned(), None),
                Tagged::Tag(tag) => (tag.write(), Some(format!("</{}>", tag.name))),
                Tagged::Gone => (String::new(), Some(String::new())),
            },
        };
        if !is_empty {
            self.ends.push(end);
        }
        self.text.push_str(&tag);
    }

    /// Links the style sheet at the end of the head, once.
    fn style(&mut self, end: &str) {
        if let Some(address) = self.changes.style_sheet.as_deref().filter(|_| !self.styled) {
            self.styled = true;
            let prefix =
                end.trim_start_matches("</").split_once(':').map_or(String::new(), |(p, _)| format!("{p}:"));
            let link = [("rel", "stylesheet"), ("type", "text/css"), ("href", address)];
            let attributes = link.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let link = Tag { name: format!("{prefix}link"), attributes, is_empty: true };
            self.text.push_str(&link.write());
        }
    }
}

/// Whether a reference needs no document type.
fn is_of_xml(raw: &str) -> bool {
    raw.starts_with("&#") || matches!(raw, "&amp;" | "&lt;" | "&gt;" | "&quot;" | "&apos;")
}

#[cfg(test)]
mod tests {
    use rhapsode_book::markup::tokens;

    use super::*;

    fn changed(markup: &str, age: Age, marks: &[(Mark, &str)]) -> String {
        let tokens = tokens(markup).unwrap();
        let changes = Changes {
            age,
            marks: marks.iter().map(|(mark, id)| (mark, *id)).collect(),
            style_sheet: Some("a.css".to_owned()),
        };
        change(markup, &tokens, &changes).markup
    }

    #[test]
    fn a_document_of_epub_3_gets_marks_and_a_style_sheet_and_nothing_else() {
        let markup = "<?xml version='1.0'  encoding='utf-8' ?><!DOCTYPE html>\r\n<html ><head ><title>T</title></head>\
                      <body><!-- c --><p  class = 'x' >One. Two.</p></body></html>\n";
        let at = markup.find("One").unwrap();
        let mark = |bytes| Mark { phrase: 0, bytes, prefix: String::new(), weight: 1 };
        let text = changed(markup, Age::Three, &[(mark(at..at + 4), "a"), (mark(at + 5..at + 9), "b")]);
        let expected = markup
            .replace("One. Two.", "<span id=\"a\">One.</span> <span id=\"b\">Two.</span>")
            .replace("</head>", "<link rel=\"stylesheet\" type=\"text/css\" href=\"a.css\"/></head>");
        assert_eq!(text, expected);
    }

    #[test]
    fn an_old_table_of_contents_has_no_document_type_and_no_entities_of_it() {
        let markup =
            "<?xml version=\"1.0\"?><!DOCTYPE ncx PUBLIC \"a\" \"b\">\n<ncx><text>A&nbsp;&amp;</text></ncx>";
        let tokens = tokens(markup).unwrap();
        assert_eq!(
            without_document_type(markup, &tokens),
            "<?xml version=\"1.0\"?>\n<ncx><text>A\u{a0}&amp;</text></ncx>"
        );
    }

    #[test]
    fn a_document_of_epub_2_becomes_one_of_epub_3() {
        let markup = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.1//EN\" \
                      \"x\"><html><head/><body><center><a name=\"x\"></a>A&nbsp;&amp;&mdash;</center></body></html>";
        assert_eq!(
            changed(markup, Age::Two, &[]),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!DOCTYPE html><html><head/><body>\
             <div style=\"text-align: center\"><a id=\"x\"></a>A\u{a0}&amp;—</div></body></html>"
        );
    }
}
