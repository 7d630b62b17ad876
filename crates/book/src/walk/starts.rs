//! Where a chapter starts whose place is an anchor. Anchors stand in headings, in paragraphs and between them;
//! a chapter starts at the border of a block.

use super::Tag;
use crate::dom::{Dom, NodeData, NodeId, Step};

/// The step at which a chapter starts that the table of contents places at `anchor`.
pub(crate) fn start_of(dom: &Dom, anchor: NodeId) -> Step {
    if is_block(dom, anchor) {
        return Step::Enter(anchor);
    }
    let Some(block) = dom.ancestors(anchor).find(|node| is_block(dom, *node)) else {
        return Step::Enter(anchor);
    };
    let mut before = false;
    let mut passed = false;
    for node in dom.descendants(block).skip(1) {
        if node == anchor {
            passed = true;
        }
        match dom.data(node) {
            // The block holds other blocks; the anchor stands between them.
            _ if is_block(dom, node) => return Step::Enter(anchor),
            NodeData::Text(text) if !text.trim().is_empty() => match passed {
                false => before = true,
                // Text follows in the same block: the whole block opens the chapter.
                true => return Step::Enter(block),
            },
            _ => {}
        }
    }
    if before { Step::Leave(block) } else { Step::Enter(block) }
}

fn is_block(dom: &Dom, node: NodeId) -> bool {
    let tag = Tag::of(dom.name(node));
    tag.is_block() && tag != Tag::Rule
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dom::parse_xml;

    fn start(xml: &str) -> (&'static str, String) {
        let dom = parse_xml(xml).unwrap();
        let anchor = dom.descendants(Dom::ROOT).find(|n| dom.attribute(*n, "id") == Some("x")).unwrap();
        match start_of(&dom, anchor) {
            Step::Enter(node) => ("before", dom.name(node).to_owned()),
            Step::Leave(node) => ("after", dom.name(node).to_owned()),
        }
    }

    #[test]
    fn an_anchor_starts_its_chapter_at_the_border_of_its_block() {
        let before = |name: &str| ("before", name.to_owned());
        assert_eq!(start("<body><h2 id='x'>Two</h2></body>"), before("h2"));
        assert_eq!(start("<body><h2><a id='x'/>Two</h2></body>"), before("h2"));
        assert_eq!(start("<body><h2>Chapter <b><a id='x'>2</a></b></h2></body>"), before("h2"));
        assert_eq!(start("<body><p>end</p><a id='x'/><h2>Two</h2></body>"), before("a"));
        assert_eq!(start("<body><p>the end.<a id='x'/> </p><h2>Two</h2></body>"), ("after", "p".to_owned()));
    }
}
