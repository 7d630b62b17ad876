//! Fields: text that the word processor made, such as a table of contents, a page number or a link. They open
//! and close by marks in the text and may span paragraphs.

use crate::{SectionRole, SkipReason};

/// The fields that are open, outermost first.
#[derive(Debug, Default)]
pub(super) struct Fields {
    open: Vec<Field>,
}

#[derive(Debug, Default)]
struct Field {
    instruction: String,
    in_result: bool,
}

impl Fields {
    /// A mark of the kind `begin`, `separate` or `end`.
    pub(super) fn mark(&mut self, kind: &str) {
        match kind {
            "begin" => self.open.push(Field::default()),
            "separate" => {
                if let Some(field) = self.open.last_mut() {
                    field.in_result = true;
                }
            }
            "end" => {
                self.open.pop();
            }
            _ => {}
        }
    }

    /// A piece of the innermost field's instruction.
    pub(super) fn instruct(&mut self, text: &str) {
        if let Some(field) = self.open.last_mut().filter(|f| !f.in_result) {
            field.instruction.push_str(text);
        }
    }

    /// Why the text at this point is left out, if a field says so; the outermost field decides.
    pub(super) fn reason(&self) -> Option<SkipReason> {
        self.open.iter().filter(|f| f.in_result).find_map(|f| reason_of(&f.instruction))
    }
}

/// Why the result of a field is left out, if it is.
pub(super) fn reason_of(instruction: &str) -> Option<SkipReason> {
    let name = instruction.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    match name.as_str() {
        "TOC" => Some(SkipReason::Section(SectionRole::Contents)),
        "INDEX" => Some(SkipReason::Section(SectionRole::Index)),
        "PAGE" | "PAGEREF" | "NUMPAGES" | "SECTIONPAGES" => Some(SkipReason::PageNumber),
        "NOTEREF" => Some(SkipReason::NoteReference),
        _ => None,
    }
}
