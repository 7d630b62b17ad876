//! Raw HTML in Markdown. Its tags are not text; the text between them is read as in an HTML manuscript, but
//! starts no chapters.

use std::collections::HashMap;

use crate::assemble::Assembler;
use crate::dom::{SelfClosing, parse_html};
use crate::style::Styles;
use crate::walk::{Page, Walker};
use crate::{ReadPolicy, SkipReason};

/// Whether an inline tag is a `<br>`.
pub(super) fn is_line_break(tag: &str) -> bool {
    let name = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/').trim();
    name.eq_ignore_ascii_case("br")
}

/// Hands over the text of a fragment; `reason` is why everything at this point is left out, if it is.
pub(super) fn walk(fragment: &str, reason: Option<SkipReason>, policy: &ReadPolicy, out: &mut Assembler) {
    out.close_block();
    match parse_html(fragment, SelfClosing::Ignored) {
        Ok(dom) => Walker::new(out, policy, None).walk(&Page {
            dom: &dom,
            styles: &Styles::default(),
            marks: &HashMap::new(),
            starts: &HashMap::new(),
            skip: reason,
        }),
        Err((what, limit)) => {
            out.remark(format!("raw HTML is left out: {what} is more than the limit of {limit}"));
            out.skip(fragment, SkipReason::MachineText);
        }
    }
}
