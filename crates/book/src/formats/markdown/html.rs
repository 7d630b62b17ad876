//! Raw HTML in Markdown. Its tags are not text; the text between them is read with the little structure that
//! such fragments have.

use crate::assemble::Assembler;
use crate::dom::{Dom, NodeData, NodeId, SelfClosing, Step, parse_html};
use crate::{BlockKind, ReadPolicy, Reading, SkipReason, TablePolicy};

/// Whether an inline tag is a `<br>`.
pub(super) fn is_line_break(tag: &str) -> bool {
    let name = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    name.eq_ignore_ascii_case("br")
}

/// Hands over the text of a fragment; `reason` is why everything at this point is left out, if it is.
pub(super) fn walk(fragment: &str, reason: Option<SkipReason>, policy: &ReadPolicy, out: &mut Assembler) {
    out.close_block();
    let dom = match parse_html(fragment, SelfClosing::Ignored) {
        Ok(dom) => dom,
        Err((what, limit)) => {
            out.remark(format!("raw HTML is left out: {what} is more than the limit of {limit}"));
            return out.skip(fragment, SkipReason::MachineText);
        }
    };
    // Below an element with a reason every element pushes that reason, so that each can pop one.
    let mut reasons: Vec<SkipReason> = reason.into_iter().collect();
    for step in dom.walk(Dom::ROOT) {
        match step {
            Step::Enter(node) => match dom.data(node) {
                NodeData::Text(text) => match reasons.last() {
                    Some(reason) => out.skip(text, *reason),
                    None => out.text(text, None),
                },
                NodeData::Element(_) => {
                    reasons.extend(reasons.last().copied().or_else(|| reason_of(&dom, node, policy)));
                    open(&dom, node, !reasons.is_empty(), out);
                }
                NodeData::Container => {}
            },
            Step::Leave(node) if dom.element(node).is_some() => {
                reasons.pop();
                if is_block(dom.name(node)) {
                    out.close_block();
                }
            }
            Step::Leave(_) => {}
        }
    }
    out.close_block();
}

/// Opens the block that an element stands for.
fn open(dom: &Dom, node: NodeId, skipped: bool, out: &mut Assembler) {
    let kind = match dom.name(node) {
        "br" => return out.line_break(),
        "td" | "th" => {
            let mut before = std::iter::successors(dom.previous(node), |id| dom.previous(*id));
            if before.any(|id| dom.element(id).is_some()) {
                out.line_break();
            }
            return;
        }
        "hr" if skipped => return,
        "hr" => BlockKind::SceneBreak,
        "h1" => BlockKind::Heading { level: 1 },
        "h2" => BlockKind::Heading { level: 2 },
        "h3" => BlockKind::Heading { level: 3 },
        "h4" => BlockKind::Heading { level: 4 },
        "h5" => BlockKind::Heading { level: 5 },
        "h6" => BlockKind::Heading { level: 6 },
        "li" => BlockKind::ListItem { ordinal: None },
        "pre" => BlockKind::Code,
        "tr" => BlockKind::TableRow,
        "figcaption" | "caption" => BlockKind::Caption,
        "blockquote" => BlockKind::Quotation,
        "p" | "div" if dom.ancestors(node).any(|id| dom.name(id) == "blockquote") => BlockKind::Quotation,
        "p" | "div" => BlockKind::Paragraph,
        name if is_block(name) => return out.close_block(),
        _ => return,
    };
    out.open_block(kind, None);
}

fn is_block(name: &str) -> bool {
    const BLOCKS: &str = "address article aside blockquote caption center dd details div dl dt figcaption figure footer \
        form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul";
    BLOCKS.split(' ').any(|block| block == name)
}

/// Why an element's text is left out, if it is.
fn reason_of(dom: &Dom, node: NodeId, policy: &ReadPolicy) -> Option<SkipReason> {
    let attribute = |name: &str| dom.attribute(node, name);
    let style = attribute("style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    if attribute("hidden").is_some()
        || attribute("aria-hidden") == Some("true")
        || style.contains("display:none")
    {
        return Some(SkipReason::HiddenText);
    }
    match dom.name(node) {
        "script" | "style" | "template" | "title" | "noscript" => Some(SkipReason::MachineText),
        "nav" => Some(SkipReason::Navigation),
        "rt" | "rp" => Some(SkipReason::RubyAnnotation),
        "pre" if policy.code == Reading::Skip => Some(SkipReason::Code),
        "table" if policy.tables == TablePolicy::Skip => Some(SkipReason::Table),
        "figcaption" | "caption" if policy.captions == Reading::Skip => Some(SkipReason::Caption),
        _ => None,
    }
}
