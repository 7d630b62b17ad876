//! HTML to a tree, by the HTML standard's own rules for what is broken. The parser writes straight into a
//! [`Dom`]; two limits keep a hostile page from growing its tree without end.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use html5ever::buffer_queue::BufferQueue;
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TokenizerResult, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, QualName};

use super::{Dom, Element, MAX_NODES, Node, NodeData, NodeId};

/// Deepest nesting of open elements. Browsers stop at 512; the standard's algorithms take time in proportion
/// to depth for every tag.
const MAX_DEPTH: usize = 512;

/// Nodes for each tag in the source. Formatting elements that are never closed are opened again in every
/// paragraph, which a page can use to multiply them.
const MAX_NODES_A_TAG: usize = 32;

/// Bytes between two looks at the limits.
const CHUNK: usize = 4096;

/// What `<p/>` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelfClosing {
    /// As in HTML, the same as `<p>`.
    Ignored,
    /// As in XML, `<p></p>`; CDATA sections are text. For XHTML that is not well-formed.
    Honoured,
}

/// Parses a document as HTML; only a limit can make it fail.
///
/// # Errors
/// What was counted and its limit.
pub(crate) fn parse_html(text: &str, self_closing: SelfClosing) -> Result<Dom, (String, String)> {
    let tags = text.bytes().filter(|b| *b == b'<').count();
    let sink = Sink {
        dom: RefCell::new(Dom::new()),
        elements: RefCell::default(),
        deepest: Cell::new(0),
        max_nodes: (1024 + tags * MAX_NODES_A_TAG).min(MAX_NODES),
    };
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let tokens = Tokens { builder: TreeBuilder::new(sink, options), self_closing };
    let tokenizer = Tokenizer::new(tokens, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(rest.ceil_char_boundary(CHUNK.min(rest.len())));
        rest = after;
        input.push_back(StrTendril::from(chunk));
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        tokenizer.sink.builder.sink.check()?;
    }
    tokenizer.end();
    tokenizer.sink.builder.sink.check()?;
    Ok(tokenizer.sink.builder.sink.dom.take())
}

/// Stands between tokenizer and tree builder to close what XHTML closes by `/>`.
struct Tokens {
    builder: TreeBuilder<NodeId, Sink>,
    self_closing: SelfClosing,
}

impl TokenSink for Tokens {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        let closes = match &token {
            Token::TagToken(tag) => {
                self.self_closing == SelfClosing::Honoured
                    && tag.self_closing
                    && tag.kind == TagKind::StartTag
                    && !is_void(&tag.name)
            }
            _ => false,
        };
        let Token::TagToken(tag) = token else { return self.builder.process_token(token, line) };
        if !closes {
            return self.builder.process_token(Token::TagToken(tag), line);
        }
        let end = Tag {
            kind: TagKind::EndTag,
            name: tag.name.clone(),
            self_closing: false,
            attrs: Vec::new(),
            had_duplicate_attributes: false,
        };
        // Whatever the start tag asks of the tokenizer (a script's raw text, say) ends with the end tag.
        let foreign = self.builder.adjusted_current_node_present_but_not_in_html_namespace();
        let _ = self.builder.process_token(Token::TagToken(tag), line);
        if !foreign {
            let _ = self.builder.process_token(Token::TagToken(end), line);
        }
        TokenSinkResult::Continue
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.self_closing == SelfClosing::Honoured
            || self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Elements that have no end tag in HTML.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Writes what the tree builder asks for into a [`Dom`].
struct Sink {
    dom: RefCell<Dom>,
    /// For each node that is an element, its qualified name and how deep it was put into the tree.
    elements: RefCell<Vec<Option<(QualName, usize)>>>,
    deepest: Cell<usize>,
    max_nodes: usize,
}

impl Sink {
    fn check(&self) -> Result<(), (String, String)> {
        let nodes = self.dom.borrow().nodes.len();
        if nodes > self.max_nodes {
            return Err((format!("{nodes} nodes"), format!("{} nodes", self.max_nodes)));
        }
        if self.deepest.get() > MAX_DEPTH {
            return Err((format!("{} nested elements", self.deepest.get()), format!("{MAX_DEPTH} levels")));
        }
        Ok(())
    }

    fn put_below(&self, parent: NodeId, child: NodeId) {
        let mut elements = self.elements.borrow_mut();
        let above = elements.get(parent.0 as usize).and_then(Option::as_ref).map_or(0, |(_, depth)| *depth);
        if let Some(Some((_, depth))) = elements.get_mut(child.0 as usize) {
            *depth = above + 1;
            self.deepest.set(self.deepest.get().max(*depth));
        }
    }

    fn add_attributes(element: &mut Element, attributes: Vec<Attribute>) {
        for Attribute { name, value } in attributes {
            match &name.prefix {
                Some(prefix) => element.add(&format!("{prefix}:{}", name.local), &value),
                None => element.add(&name.local, &value),
            }
        }
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = ();
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) {}

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        Dom::ROOT
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        Ref::map(self.elements.borrow(), |elements| {
            let element = elements.get(target.0 as usize).and_then(Option::as_ref);
            element.map(|(name, _)| name).expect("the tree builder asks only for the names of elements")
        })
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _flags: ElementFlags) -> NodeId {
        let mut element = Element::new(&name.local);
        Self::add_attributes(&mut element, attributes);
        let node = self.dom.borrow_mut().create(NodeData::Element(element));
        let mut elements = self.elements.borrow_mut();
        elements.resize(node.0 as usize, None);
        elements.push(Some((name, 0)));
        node
    }

    fn create_comment(&self, _text: StrTendril) -> NodeId {
        self.dom.borrow_mut().create(NodeData::Container)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> NodeId {
        self.dom.borrow_mut().create(NodeData::Container)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        let mut dom = self.dom.borrow_mut();
        match child {
            NodeOrText::AppendNode(node) => {
                self.put_below(*parent, node);
                dom.detach(node);
                dom.insert(*parent, node, None);
            }
            NodeOrText::AppendText(text) => dom.insert_text(*parent, &text, None),
        }
    }

    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        let has_parent = self.dom.borrow().parent(*element).is_some();
        if has_parent {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        let mut dom = self.dom.borrow_mut();
        let Some(parent) = dom.parent(*sibling) else { return };
        match child {
            NodeOrText::AppendNode(node) => {
                self.put_below(parent, node);
                dom.detach(node);
                dom.insert(parent, node, Some(*sibling));
            }
            NodeOrText::AppendText(text) => dom.insert_text(parent, &text, Some(*sibling)),
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public: StrTendril, _system: StrTendril) {}

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        // A template's contents are machine text: they may stand under the template itself.
        *target
    }

    fn same_node(&self, a: &NodeId, b: &NodeId) -> bool {
        a == b
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        let mut dom = self.dom.borrow_mut();
        if let Some(Node { data: NodeData::Element(element), .. }) = dom.node_mut(target.0) {
            Self::add_attributes(element, attributes);
        }
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.dom.borrow_mut().detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let mut dom = self.dom.borrow_mut();
        while let Some(child) = super::link(dom.node(*node).first) {
            dom.detach(child);
            dom.insert(*new_parent, child, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(html: &str, self_closing: SelfClosing) -> String {
        let dom = parse_html(html, self_closing).unwrap();
        dom.text(dom.find(Dom::ROOT, "body").unwrap())
    }

    #[test]
    fn tag_soup_keeps_every_word() {
        let html = "<p>one<b>two<p>three</b>four<table>five<tr><td>six</table>&amp; &nbsp;seven";
        let text = body(html, SelfClosing::Ignored);
        for word in ["one", "two", "three", "four", "five", "six", "seven"] {
            assert_eq!(text.matches(word).count(), 1, "{word} in {text}");
        }
    }

    #[test]
    fn a_self_closing_script_or_title_swallows_nothing_of_broken_xhtml() {
        let xhtml =
            "<html><head><title/><script src='x'/></head><body><a id='c1'/><p>Text<p/> <![CDATA[more]]>";
        assert_eq!(
            body(xhtml, SelfClosing::Honoured).split_whitespace().collect::<Vec<_>>(),
            ["Text", "more"]
        );
        let dom = parse_html(xhtml, SelfClosing::Honoured).unwrap();
        let anchor = dom.find(Dom::ROOT, "a").unwrap();
        assert_eq!(dom.children(anchor).count(), 0);
    }

    #[test]
    fn nesting_without_end_is_refused() {
        let (what, limit) = parse_html(&"<div>".repeat(100_000), SelfClosing::Ignored).unwrap_err();
        assert!(what.contains("nested") && limit.contains("512"), "{what} {limit}");
    }

    #[test]
    fn formatting_that_multiplies_itself_is_refused() {
        let mut html = String::from("<p>");
        for number in 0..400 {
            html += &format!("<font a{number}=x>");
        }
        html += &"<p>x".repeat(20_000);
        let (what, _) = parse_html(&html, SelfClosing::Ignored).unwrap_err();
        assert!(what.contains("nodes"), "{what}");
    }

    #[test]
    fn paragraphs_one_after_another_are_not_nesting() {
        let html = "<p>x<br>y <img src=a><b>z</b>".repeat(5_000);
        assert_eq!(body(&html, SelfClosing::Ignored).matches('z').count(), 5_000);
    }
}
