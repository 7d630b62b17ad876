//! What is not read, and why: the one place where an element's meaning meets the policy.

use super::context::Context;
use super::meanings::{Meaning, Meanings};
use super::notes::Mark;
use super::tags::Tag;
use super::{Leave, Page, Walker, lookahead};
use crate::dom::NodeId;
use crate::style::Display;
use crate::{NotePolicy, Reading, SkipReason, TablePolicy};

impl Walker<'_> {
    /// Enters a note; `None` if its text is like that of any other element.
    pub(super) fn note(&mut self, key: &str, referenced: bool, tag: Tag) -> Option<Leave> {
        let exempt = match self.context.skip {
            None | Some(SkipReason::Note) => true,
            Some(SkipReason::HiddenText | SkipReason::OutsideReadingOrder | SkipReason::Section(_)) => {
                referenced
            }
            Some(_) => false,
        };
        if self.policy.notes == NotePolicy::Skip {
            if tag.is_block() && self.context.skip.is_none() {
                self.border();
            }
            self.context.skip.get_or_insert(SkipReason::Note);
            return Some(Leave::Nothing);
        }
        if !exempt {
            return None;
        }
        if tag.is_block() && self.context.skip.is_none() {
            self.border();
        }
        let break_due = std::mem::take(&mut self.break_due);
        self.out.start_note(key);
        self.context = Context { language: self.context.language.clone(), ..Context::default() };
        self.context.block_language = self.context.language.clone();
        Some(Leave::EndNote { break_due })
    }

    /// Why nothing of an element is read, if so.
    pub(super) fn skip_reason(
        &self,
        page: &Page<'_>,
        node: NodeId,
        tag: Tag,
        meanings: &Meanings,
        display: Option<Display>,
    ) -> Option<SkipReason> {
        let section =
            meanings.section().filter(|role| tag.is_block() && self.policy.skip_sections.contains(role));
        Some(match tag {
            Tag::Machine => SkipReason::MachineText,
            _ if meanings.has(Meaning::PageBreak) => SkipReason::PageNumber,
            _ if meanings.has(Meaning::Hidden) || display == Some(Display::None) => SkipReason::HiddenText,
            Tag::Inline if lookahead::has_default(page.dom, node) => SkipReason::HiddenText,
            Tag::Annotation => SkipReason::RubyAnnotation,
            Tag::Picture => SkipReason::Picture,
            Tag::Navigation => SkipReason::Navigation,
            _ if meanings.has(Meaning::Navigation) => SkipReason::Navigation,
            _ if matches!(page.marks.get(&node), Some(Mark::BackLink)) => SkipReason::NoteReference,
            _ if tag.is_block() && meanings.has(Meaning::Notes) => SkipReason::Note,
            _ if section.is_some() => SkipReason::Section(section?),
            Tag::Table
                if self.policy.tables == TablePolicy::Skip
                    && !lookahead::is_layout(page.dom, node, meanings) =>
            {
                SkipReason::Table
            }
            Tag::Preformatted
                if self.policy.code == Reading::Skip
                    && (self.context.code || lookahead::is_code(page.dom, node, meanings)) =>
            {
                SkipReason::Code
            }
            _ if self.policy.captions == Reading::Skip && is_caption(tag, meanings) => SkipReason::Caption,
            _ => return None,
        })
    }
}

/// Whether an element is the caption of a picture or a table.
pub(super) fn is_caption(tag: Tag, meanings: &Meanings) -> bool {
    tag == Tag::Caption || tag == Tag::Block && meanings.has(Meaning::Caption)
}
