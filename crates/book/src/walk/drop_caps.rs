//! Letters that are pictures. A drawn initial is no text, so the word after it is read without its first letter;
//! the book says so, since nothing else would tell.

use crate::dom::{Dom, NodeData, NodeId, Step};

/// Steps from a picture to the text after it.
const STEPS: usize = 8;

/// Words of the text after it that the remark shows.
const WORDS: usize = 4;

/// The remark about a picture whose alternative text is the first letter of the word that goes on after it.
pub(super) fn remark(dom: &Dom, picture: NodeId) -> Option<String> {
    let letter = dom.attribute(picture, "alt")?.trim();
    let bare = letter.trim_start_matches(['“', '"', '‘', '\'', '«', '(']);
    let mut chars = bare.chars();
    if !chars.next().is_some_and(char::is_alphabetic) || chars.next().is_some() {
        return None;
    }
    let mut step = Step::Leave(picture);
    for _ in 0..STEPS {
        step = dom.step_after(step, Dom::ROOT)?;
        let Step::Enter(node) = step else { continue };
        let NodeData::Text(text) = dom.data(node) else { continue };
        if !text.starts_with(char::is_alphabetic) {
            return None;
        }
        let words: Vec<&str> = text.split_whitespace().take(WORDS).collect();
        let words = words.join(" ");
        return Some(format!("the letter “{letter}” before “{words}…” is a picture and is not read"));
    }
    None
}
