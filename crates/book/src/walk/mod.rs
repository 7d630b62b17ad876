//! From a markup tree to blocks: which text is read, as what, and where one block ends. Every text node is
//! handed to the [`Assembler`] exactly once, whatever stands around it.
//!
//! Two rules keep words whole: an inline element never separates, and the border of a block always does.

mod context;
mod drop_caps;
mod lookahead;
mod meanings;
mod notes;
mod outline;
mod skips;
mod starts;
mod tags;

use std::collections::HashMap;

use crate::assemble::{Assembler, ChapterStart};
use crate::dom::{Dom, Element, NodeData, NodeId, Step};
use crate::style::{Display, Styles};
use crate::{BlockKind, ReadPolicy, SkipReason};

pub(crate) use context::Language;
use context::{Context, Flow};
use meanings::Meaning;
pub(crate) use meanings::{Meanings, section_named};
pub(crate) use notes::{Linked, Mark, find_notes};
pub(crate) use outline::headings;
pub(crate) use starts::start_of;
use tags::Tag;

/// A document to walk, with what is known of its nodes beforehand.
pub(crate) struct Page<'a> {
    pub(crate) dom: &'a Dom,
    pub(crate) styles: &'a Styles,
    /// Notes and what refers to them.
    pub(crate) marks: &'a HashMap<NodeId, Mark>,
    /// Chapters that start inside of the document.
    pub(crate) starts: &'a HashMap<Step, ChapterStart>,
    /// Why nothing of the document is read, if so. Notes that are referred to may be read all the same.
    pub(crate) skip: Option<SkipReason>,
}

/// Walks documents and hands their text over.
pub(crate) struct Walker<'a> {
    out: &'a mut Assembler,
    policy: &'a ReadPolicy,
    language: Language,
    context: Context,
    frames: Vec<Frame>,
    lists: Vec<List>,
    /// A line ended; the next text of the block follows a break.
    break_due: bool,
    /// A note's own number was passed at its head; punctuation that follows belongs to the number.
    number_passed: bool,
}

/// What to restore and to do when an element ends.
struct Frame {
    outer: Context,
    leave: Leave,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leave {
    Nothing,
    CloseBlock,
    BreakLine,
    EndList,
    EndNote { break_due: bool },
}

struct List {
    next: i64,
    ordered: bool,
    /// Whether the current item has its first block.
    item_open: bool,
}

impl<'a> Walker<'a> {
    /// `language` is the book's.
    pub(crate) fn new(out: &'a mut Assembler, policy: &'a ReadPolicy, language: Option<&str>) -> Self {
        Self {
            out,
            policy,
            language: Language::of_book(language),
            context: Context::default(),
            frames: Vec::new(),
            lists: Vec::new(),
            break_due: false,
            number_passed: false,
        }
    }

    /// The assembler, for what stands between documents.
    pub(crate) fn out(&mut self) -> &mut Assembler {
        self.out
    }

    /// Walks a whole document.
    pub(crate) fn walk(&mut self, page: &Page<'_>) {
        self.context = Context { skip: page.skip, ..Context::default() };
        self.break_due = false;
        for step in page.dom.walk(Dom::ROOT) {
            if let Some(start) = page.starts.get(&step) {
                self.out.start_chapter(start.clone());
                self.break_due = false;
            }
            match step {
                Step::Enter(node) => match page.dom.data(node) {
                    NodeData::Text(text) => self.text(text),
                    NodeData::Element(element) => self.enter(page, node, element),
                    NodeData::Container => {}
                },
                Step::Leave(node) if page.dom.element(node).is_some() => self.leave(),
                Step::Leave(_) => {}
            }
        }
        self.out.close_block();
    }

    fn text(&mut self, text: &str) {
        if let Some(reason) = self.context.skip {
            return self.out.skip(text, reason);
        }
        if !self.context.preserved {
            return self.piece(text);
        }
        for line in text.split_inclusive('\n') {
            self.piece(line);
            self.break_due |= line.ends_with('\n') && self.out.in_block();
        }
    }

    fn piece(&mut self, mut text: &str) {
        if self.number_passed && !self.out.in_block() {
            let rest = text.trim_start_matches(|c: char| c.is_whitespace() || ".:)]}".contains(c));
            self.out.skip(&text[..text.len() - rest.len()], SkipReason::NoteReference);
            self.number_passed = rest.is_empty();
            text = rest;
        }
        if text.is_empty() {
            return;
        }
        if text.chars().all(char::is_whitespace) {
            if self.break_due || !self.out.in_block() {
                return self.out.skip(text, SkipReason::WhiteSpace);
            }
        } else if !self.out.in_block() {
            self.open_block();
        } else if std::mem::take(&mut self.break_due) {
            self.out.line_break();
        }
        self.out.text(text, self.language.of_run(&self.context));
    }

    fn open_block(&mut self) {
        let mut kind = self.context.kind;
        if let (BlockKind::ListItem { .. }, Some(list)) = (kind, self.lists.last_mut())
            && std::mem::replace(&mut list.item_open, true)
        {
            kind = BlockKind::Paragraph; // The item goes on; its number is not said again.
        }
        self.out.open_block(kind, self.context.block_language.as_deref().map(str::to_owned));
        self.break_due = false;
    }

    fn close_block(&mut self) {
        self.out.close_block();
        self.break_due = false;
    }

    /// The border of something block-like: in running text a block ends, in a line (a heading, a table row) the
    /// line is broken.
    fn border(&mut self) -> Leave {
        match self.context.flow {
            Flow::Blocks => {
                self.close_block();
                Leave::CloseBlock
            }
            Flow::Line => {
                self.break_due |= self.out.in_block();
                Leave::BreakLine
            }
        }
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        match frame.leave {
            Leave::Nothing => {}
            Leave::CloseBlock => self.close_block(),
            Leave::BreakLine => self.break_due |= self.out.in_block(),
            Leave::EndList => {
                self.lists.pop();
                self.close_block();
            }
            Leave::EndNote { break_due } => {
                self.out.end_note();
                self.break_due = break_due;
            }
        }
        self.context = frame.outer;
    }

    fn enter(&mut self, page: &Page<'_>, node: NodeId, element: &Element) {
        let outer = self.context.clone();
        self.language.enter(&mut self.context, element);
        let leave = self.element(page, node, element);
        self.frames.push(Frame { outer, leave });
    }

    /// Applies an element to the context and says what its end does.
    fn element(&mut self, page: &Page<'_>, node: NodeId, element: &Element) -> Leave {
        let meanings = Meanings::of(element);
        let mut tag = Tag::of(&element.name);
        let display = page.styles.display(page.dom, node);
        if display == Some(Display::Inline) && tag == Tag::Block {
            tag = Tag::Inline;
        }
        match page.marks.get(&node) {
            Some(Mark::Note { key, referenced }) => {
                if let Some(leave) = self.note(key, *referenced, tag) {
                    return leave;
                }
            }
            Some(Mark::Reference(key)) if self.context.skip.is_none() => {
                self.out.note_reference(key);
                self.context.skip = Some(SkipReason::NoteReference);
                return Leave::Nothing;
            }
            _ => {}
        }
        if self.context.skip.is_some() {
            return Leave::Nothing;
        }
        if let Some(reason) = self.skip_reason(page, node, tag, &meanings, display) {
            if tag.is_block() && reason != SkipReason::PageNumber {
                self.border();
            }
            self.number_passed = reason == SkipReason::NoteReference && !self.out.in_block();
            self.context.skip = Some(reason);
            return Leave::Nothing;
        }
        if &*element.name == "img"
            && let Some(remark) = drop_caps::remark(page.dom, node)
        {
            self.out.remark(remark);
        }
        self.context.verse |= meanings.has(Meaning::Verse);
        self.context.code |= meanings.has(Meaning::Code);
        if tag == Tag::Inline {
            let is_line =
                display == Some(Display::Block) || self.context.verse && meanings.has(Meaning::Line);
            if is_line && self.out.in_block() {
                self.break_due = true;
            }
            return if is_line { Leave::BreakLine } else { Leave::Nothing };
        }
        self.block(page, node, element, tag, &meanings)
    }

    /// Enters an element that ends the block before it.
    fn block(
        &mut self,
        page: &Page<'_>,
        node: NodeId,
        element: &Element,
        tag: Tag,
        meanings: &Meanings,
    ) -> Leave {
        match tag {
            Tag::Break => {
                // Two in a row are how old pages part paragraphs and stanzas.
                if self.break_due && self.context.flow == Flow::Blocks {
                    self.close_block();
                } else {
                    self.break_due = self.out.in_block();
                }
                return Leave::Nothing;
            }
            Tag::Block if self.context.verse && meanings.has(Meaning::Line) => {
                self.break_due |= self.out.in_block();
                return Leave::BreakLine;
            }
            _ => {}
        }
        let leave = self.border();
        if leave == Leave::CloseBlock {
            self.context.block_language = self.context.language.clone();
        }
        if tag == Tag::Rule || meanings.has(Meaning::SceneBreak) && page.dom.head_text(node).trim().is_empty()
        {
            if leave == Leave::CloseBlock {
                self.out.open_block(BlockKind::SceneBreak, None);
                self.close_block();
            }
            return leave;
        }
        match tag {
            Tag::OrderedList | Tag::BulletedList => {
                let start = element.attribute("start").and_then(|v| v.trim().parse().ok()).unwrap_or(1);
                self.lists.push(List { next: start, ordered: tag == Tag::OrderedList, item_open: false });
                return if leave == Leave::CloseBlock { Leave::EndList } else { leave };
            }
            Tag::Item => self.item(element),
            Tag::Heading(level) => self.heading(level),
            Tag::Table => self.context.data_table = !lookahead::is_layout(page.dom, node, meanings),
            Tag::Row if self.context.data_table && leave == Leave::CloseBlock => {
                self.context.kind = BlockKind::TableRow;
                self.context.flow = Flow::Line;
            }
            Tag::Preformatted => {
                self.context.preserved = true;
                let is_code = self.context.code || lookahead::is_code(page.dom, node, meanings);
                self.context.kind = if is_code { BlockKind::Code } else { BlockKind::Verse };
            }
            Tag::Quotation => self.context.kind = BlockKind::Quotation,
            _ if skips::is_caption(tag, meanings) => self.context.kind = BlockKind::Caption,
            Tag::Block if meanings.has(Meaning::Heading) && !lookahead::has_heading(page.dom, node) => {
                let level = element.attribute("aria-level").and_then(|v| v.trim().parse().ok());
                self.heading(level.unwrap_or(2));
            }
            Tag::Block
                if self.context.kind == BlockKind::Paragraph && lookahead::is_verse(page.dom, node) =>
            {
                self.context.kind = BlockKind::Verse;
            }
            _ => {}
        }
        if self.context.verse && matches!(self.context.kind, BlockKind::Paragraph | BlockKind::Quotation) {
            self.context.kind = BlockKind::Verse;
        }
        leave
    }

    fn heading(&mut self, level: u8) {
        self.context.kind = BlockKind::Heading { level: level.clamp(1, 6) };
        self.context.flow = Flow::Line;
    }

    fn item(&mut self, element: &Element) {
        let Some(list) = self.lists.last_mut() else { return };
        let number = element.attribute("value").and_then(|v| v.trim().parse().ok()).unwrap_or(list.next);
        list.next = number.saturating_add(1);
        list.item_open = false;
        let ordinal = u32::try_from(number).ok().filter(|_| list.ordered);
        self.context.kind = BlockKind::ListItem { ordinal };
    }
}
