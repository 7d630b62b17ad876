//! The tree of a markup document, in one vector. Both parsers build it and everything that reads markup walks
//! it with a loop: a tree of any depth costs heap, never stack.

mod decode;
mod html;
mod xhtml;
mod xml;

use html5ever::LocalName;

pub(crate) use decode::decode;
pub(crate) use html::{SelfClosing, parse_html};
pub(crate) use xhtml::xhtml;
pub(crate) use xml::{Entities, XmlError, parse_xml};

/// A node of a [`Dom`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct NodeId(u32);

const NONE: u32 = u32::MAX;

/// Most nodes of one document, some 300 MiB. A book of 200,000 words has about 30,000.
pub(crate) const MAX_NODES: usize = 4_000_000;

/// Nodes that [`Dom::head_text`] looks at.
pub(crate) const HEAD_NODES: usize = 256;

/// A document: node 0 holds everything.
#[derive(Debug, Default)]
pub(crate) struct Dom {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    parent: u32,
    previous: u32,
    next: u32,
    first: u32,
    last: u32,
    data: NodeData,
}

/// What a node is. Comments and processing instructions are no text and are not kept.
#[derive(Debug)]
pub(crate) enum NodeData {
    /// The document, or a node that a parser set aside.
    Container,
    /// An element.
    Element(Element),
    /// Text; references are resolved, line ends are line feeds.
    Text(String),
}

/// An element with the local part of its name. Prefixes are dropped but for `epub:` and `xml:`, whatever the
/// document calls them: `epub:type`, `xml:lang`.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: LocalName,
    attributes: Vec<(LocalName, Box<str>)>,
}

impl Element {
    /// An element from its qualified name.
    fn new(qualified: &str) -> Self {
        let local = qualified.rsplit_once(':').map_or(qualified, |(_, local)| local);
        Self { name: LocalName::from(local), attributes: Vec::new() }
    }

    /// Adds an attribute unless it is there.
    fn add(&mut self, qualified: &str, value: &str) {
        let name = match qualified.split_once(':') {
            Some(("xmlns", _)) => return,
            Some(("xml" | "xlink" | "opf", _)) | None => LocalName::from(qualified),
            Some((_, "type")) => LocalName::from("epub:type"),
            Some((_, local)) => LocalName::from(local),
        };
        if !self.attributes.iter().any(|(known, _)| *known == name) {
            self.attributes.push((name, value.into()));
        }
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| **known == *name).map(|(_, value)| &**value)
    }

    /// The words of an attribute such as `class`.
    pub(crate) fn words(&self, name: &str) -> impl Iterator<Item = &str> {
        self.attribute(name).unwrap_or_default().split_ascii_whitespace()
    }
}

/// A step of a walk through a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// Into a node, before its children.
    Enter(NodeId),
    /// Out of a node, after its children.
    Leave(NodeId),
}

impl Dom {
    pub(crate) const ROOT: NodeId = NodeId(0);

    fn new() -> Self {
        let mut dom = Self { nodes: Vec::new() };
        dom.create(NodeData::Container);
        dom
    }

    pub(crate) fn data(&self, id: NodeId) -> &NodeData {
        &self.node(id).data
    }

    pub(crate) fn element(&self, id: NodeId) -> Option<&Element> {
        match self.data(id) {
            NodeData::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The local name of an element, empty for other nodes.
    pub(crate) fn name(&self, id: NodeId) -> &str {
        self.element(id).map_or("", |e| &*e.name)
    }

    pub(crate) fn attribute(&self, id: NodeId, name: &str) -> Option<&str> {
        self.element(id)?.attribute(name)
    }

    pub(crate) fn parent(&self, id: NodeId) -> Option<NodeId> {
        link(self.node(id).parent)
    }

    /// The node's parent, its parent, and so on.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    pub(crate) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(link(self.node(id).first), |id| link(self.node(*id).next))
    }

    /// Every step through the subtree of `top`, in document order.
    pub(crate) fn walk(&self, top: NodeId) -> impl Iterator<Item = Step> {
        std::iter::successors(Some(Step::Enter(top)), move |step| self.step_after(*step, top))
    }

    /// The step that follows without going deeper: the subtree of a node just entered is passed over.
    pub(crate) fn step_after(&self, step: Step, top: NodeId) -> Option<Step> {
        match step {
            Step::Enter(id) => Some(link(self.node(id).first).map_or(Step::Leave(id), Step::Enter)),
            Step::Leave(id) if id == top => None,
            Step::Leave(id) => {
                let node = self.node(id);
                Some(link(node.next).map_or(Step::Leave(NodeId(node.parent)), Step::Enter))
            }
        }
    }

    /// The nodes of a subtree in document order, `top` first.
    pub(crate) fn descendants(&self, top: NodeId) -> impl Iterator<Item = NodeId> {
        self.walk(top).filter_map(|step| match step {
            Step::Enter(id) => Some(id),
            Step::Leave(_) => None,
        })
    }

    /// The first element of this name in a subtree.
    pub(crate) fn find(&self, top: NodeId, name: &str) -> Option<NodeId> {
        self.descendants(top).find(|id| self.name(*id) == name)
    }

    /// All text of a subtree, joined without anything between.
    pub(crate) fn text(&self, top: NodeId) -> String {
        self.descendants(top)
            .filter_map(|id| match self.data(id) {
                NodeData::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The text among the first nodes of a subtree, for questions that a heading or a mark answers: elements
    /// nested without end must not make each look cost as much as all of them.
    pub(crate) fn head_text(&self, top: NodeId) -> String {
        self.descendants(top)
            .take(HEAD_NODES)
            .filter_map(|id| match self.data(id) {
                NodeData::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    fn node_mut(&mut self, id: u32) -> Option<&mut Node> {
        self.nodes.get_mut(id as usize)
    }

    fn create(&mut self, data: NodeData) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).expect("documents are far below 4 Gi nodes"));
        self.nodes.push(Node { parent: NONE, previous: NONE, next: NONE, first: NONE, last: NONE, data });
        id
    }

    /// Puts `child`, which has no parent, under `parent`: before `before`, or last.
    fn insert(&mut self, parent: NodeId, child: NodeId, before: Option<NodeId>) {
        let next = before.map_or(NONE, |id| id.0);
        let previous = before.map_or(self.node(parent).last, |id| self.node(id).previous);
        let node = &mut self.nodes[child.0 as usize];
        (node.parent, node.previous, node.next) = (parent.0, previous, next);
        match self.node_mut(previous) {
            Some(node) => node.next = child.0,
            None => self.nodes[parent.0 as usize].first = child.0,
        }
        match self.node_mut(next) {
            Some(node) => node.previous = child.0,
            None => self.nodes[parent.0 as usize].last = child.0,
        }
    }

    /// Takes a node out of its parent, with its subtree.
    fn detach(&mut self, id: NodeId) {
        let node = &mut self.nodes[id.0 as usize];
        let (parent, previous, next) = (node.parent, node.previous, node.next);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
        match self.node_mut(previous) {
            Some(node) => node.next = next,
            None if parent != NONE => self.nodes[parent as usize].first = next,
            None => {}
        }
        match self.node_mut(next) {
            Some(node) => node.previous = previous,
            None if parent != NONE => self.nodes[parent as usize].last = previous,
            None => {}
        }
    }

    /// Adds text under `parent`, to the text node that stands there if there is one.
    fn insert_text(&mut self, parent: NodeId, text: &str, before: Option<NodeId>) {
        if text.is_empty() {
            return;
        }
        let previous = before.map_or(self.node(parent).last, |id| self.node(id).previous);
        if let Some(Node { data: NodeData::Text(known), .. }) = self.node_mut(previous) {
            known.push_str(text);
            return;
        }
        let node = self.create(NodeData::Text(text.to_owned()));
        self.insert(parent, node, before);
    }
}

fn link(id: u32) -> Option<NodeId> {
    (id != NONE).then_some(NodeId(id))
}
