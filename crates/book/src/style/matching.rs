//! Whether a selector matches an element.

use crate::dom::{Dom, NodeId};

/// Most compounds of a selector.
pub(super) const MAX_COMPOUNDS: usize = 16;

/// Ancestors that one selector looks at for one element. Books nest a few dozen levels; this keeps a hostile
/// depth from making every element cost as much.
const MAX_LOOKS: usize = 512;

/// Compounds from the element outward.
#[derive(Debug)]
pub(super) struct Selector {
    pub(super) last: Compound,
    /// Each with the combinator on its right.
    pub(super) before: Vec<(Combinator, Compound)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combinator {
    Descendant,
    Child,
}

/// What one element must have; names and classes in lower case, since class names of old books differ in case
/// between style sheet and page.
#[derive(Debug, Default)]
pub(super) struct Compound {
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) classes: Vec<String>,
}

impl Compound {
    pub(super) fn is_empty(&self) -> bool {
        self.name.is_none() && self.id.is_none() && self.classes.is_empty()
    }

    fn matches(&self, dom: &Dom, node: NodeId) -> bool {
        let Some(element) = dom.element(node) else { return false };
        self.name.as_ref().is_none_or(|name| str::eq_ignore_ascii_case(&element.name, name))
            && self.id.as_ref().is_none_or(|id| element.attribute("id") == Some(id))
            && self
                .classes
                .iter()
                .all(|class| element.words("class").any(|word| word.eq_ignore_ascii_case(class)))
    }
}

pub(super) fn matches(selector: &Selector, dom: &Dom, node: NodeId) -> bool {
    let mut looks = MAX_LOOKS;
    selector.last.matches(dom, node) && outward(&selector.before, dom, node, &mut looks)
}

/// Matches the compounds left of a matched one. The nearest ancestor that fits is taken and not reconsidered
/// unless a child combinator follows, the only case in which another could do better.
fn outward(before: &[(Combinator, Compound)], dom: &Dom, node: NodeId, looks: &mut usize) -> bool {
    let Some(((combinator, compound), rest)) = before.split_first() else { return true };
    if *combinator == Combinator::Child {
        return dom.parent(node).is_some_and(|up| compound.matches(dom, up) && outward(rest, dom, up, looks));
    }
    let child_follows = rest.first().is_some_and(|(combinator, _)| *combinator == Combinator::Child);
    for up in dom.ancestors(node) {
        if *looks == 0 {
            return false;
        }
        *looks -= 1;
        if compound.matches(dom, up) {
            let found = outward(rest, dom, up, looks);
            if found || !child_follows {
                return found;
            }
        }
    }
    false
}
