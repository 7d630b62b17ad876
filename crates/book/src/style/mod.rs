//! As much of CSS as reading aloud needs: which elements are not displayed, and which are blocks or lines
//! whatever their names say. Type, class and id selectors with descendant and child combinators are understood;
//! a rule with any other selector is left out, as CSS demands of what a program does not know.

mod matching;
mod sheet;

use std::collections::HashMap;
use std::rc::Rc;

use crate::dom::{Dom, NodeId};

pub(crate) use sheet::StyleSheet;

/// The values of `display` that matter to the ear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Display {
    /// Not shown.
    None,
    /// In the line.
    Inline,
    /// Apart from what is around it.
    Block,
}

/// A declaration's weight in the cascade: importance, specificity, order.
type Weight = (bool, u32, usize);

/// The style sheets of a document, ready to be asked.
#[derive(Debug, Default)]
pub(crate) struct Styles {
    /// Rules by the id, class or type that their last compound demands; the rest under the empty name.
    rules: HashMap<String, Vec<(Weight, Rc<sheet::Rule>)>>,
}

impl Styles {
    /// The cascade of `sheets`, in document order.
    pub(crate) fn new<'a>(sheets: impl IntoIterator<Item = &'a StyleSheet>) -> Self {
        let mut styles = Self::default();
        for (order, rule) in sheets.into_iter().flat_map(|sheet| &sheet.rules).enumerate() {
            let weight = (rule.important, rule.specificity(), order);
            styles.rules.entry(rule.key()).or_default().push((weight, Rc::clone(rule)));
        }
        styles
    }

    /// What the style sheets and the element's own style say of its display; `None` if they do not.
    pub(crate) fn display(&self, dom: &Dom, node: NodeId) -> Option<Display> {
        let element = dom.element(node)?;
        let mut best: Option<(Weight, Display)> = None;
        let mut consider = |weight: Weight, display| {
            if best.is_none_or(|(known, _)| weight >= known) {
                best = Some((weight, display));
            }
        };
        if !self.rules.is_empty() {
            let id = element.attribute("id").map(|id| format!("#{id}"));
            let classes = element.words("class").map(|class| format!(".{}", class.to_ascii_lowercase()));
            let keys = classes.chain(id).chain([str::to_ascii_lowercase(&element.name), String::new()]);
            for (weight, rule) in keys.filter_map(|key| self.rules.get(&key)).flatten() {
                if matching::matches(&rule.selector, dom, node) {
                    consider(*weight, rule.display);
                }
            }
        }
        if let Some(style) = element.attribute("style")
            && let Some((display, important)) = sheet::inline_display(style)
        {
            consider((important, u32::MAX, 0), display);
        }
        best.map(|(_, display)| display)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dom::parse_xml;

    fn hidden(css: &str, xml: &str) -> Vec<String> {
        let dom = parse_xml(xml).unwrap();
        let sheet = StyleSheet::parse(css);
        let styles = Styles::new([&sheet]);
        dom.descendants(Dom::ROOT)
            .filter(|n| styles.display(&dom, *n) == Some(Display::None))
            .map(|n| dom.attribute(n, "id").unwrap_or_default().to_owned())
            .collect()
    }

    const PAGE: &str = "<body><div id='a' class='note x'><p id='b'>1</p><b><i id='c' class='Y'>2</i></b></div>\
                        <p id='d' class='x' style='color: red'>3</p></body>";

    #[test]
    fn the_simple_selectors_find_their_elements() {
        for (css, found) in [
            (".x{display:none}", vec!["a", "d"]),
            ("p.x { display : none }", vec!["d"]),
            ("#c {DISPLAY:None}", vec!["c"]),
            ("div p, .nothing {display:none}", vec!["b"]),
            ("div > i {display:none}", vec![]),
            ("div > b > i, body > p {display:none}", vec!["c", "d"]),
            (".note.x p {display:none}", vec!["b"]),
            (
                "* {display:block} @media screen { #b {display:none} } @media print { #d {display:none} }",
                vec!["b"],
            ),
            ("p:hover {display:none} p + p {display:none} p[lang] {display:none}", vec![]),
            ("/* #d{display:none} */ @font-face{src:url(x)} }}} #b{display:none}", vec![]),
        ] {
            assert_eq!(hidden(css, PAGE), found, "{css}");
        }
    }

    #[test]
    fn the_cascade_decides_between_rules() {
        assert_eq!(hidden("#d{display:block} .x{display:none}", PAGE), ["a"]);
        assert_eq!(hidden(".x{display:none} .x{display:block}", PAGE), [""; 0]);
        assert_eq!(hidden(".x{display:none!important} #d.x{display:block}", PAGE), ["a", "d"]);
        let own = "<p><b id='a' style='display:none'/><b id='b' class='x' style='display: inline'/></p>";
        assert_eq!(hidden(".x{display:none}", own), ["a"]);
    }

    #[test]
    fn a_style_sheet_nested_without_end_is_survived() {
        let css = format!("{} .x{{display:none}}", "@media screen{".repeat(100_000));
        hidden(&css, PAGE);
        hidden(&format!(".x{}", "(".repeat(100_000)), PAGE);
    }
}
