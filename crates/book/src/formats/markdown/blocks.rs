//! Walks the parser's events and hands every text to the assembler, as a block's text or as a skip.

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::html;
use super::outline::Outline;
use crate::assemble::{Assembler, ChapterStart};
use crate::roles::role_by_title;
use crate::{BlockKind, Matter, ReadPolicy, Reading, SectionRole, SkipReason, TablePolicy};

/// What a block stands in.
#[derive(Debug)]
enum Container {
    Quote,
    /// A list, with the number of its next item if it is ordered.
    List(Option<u64>),
    /// An item; `fresh` until its first paragraph is over, which shares the item's block.
    Item {
        fresh: bool,
    },
}

/// A section below a chapter's heading that is left out, and the level of the heading that began it.
#[derive(Debug, Clone, Copy)]
struct SkippedSection {
    level: u8,
    role: SectionRole,
}

/// What surrounds the text at hand. A note has surroundings of its own, wherever it is defined.
#[derive(Debug, Default)]
struct Surroundings {
    containers: Vec<Container>,
    section: Option<SkippedSection>,
    /// Reasons of the code, tables and pictures that are open, innermost last.
    reasons: Vec<SkipReason>,
}

pub(super) struct Walker<'a, 'p> {
    events: &'a [Event<'a>],
    outline: Outline,
    next_heading: usize,
    policy: &'p ReadPolicy,
    out: Assembler,
    here: Surroundings,
    /// Surroundings of the notes that are open.
    outside: Vec<Surroundings>,
    first_cell: bool,
    html: String,
    indented_code: usize,
}

impl<'a, 'p> Walker<'a, 'p> {
    pub(super) fn new(
        events: &'a [Event<'a>],
        outline: Outline,
        policy: &'p ReadPolicy,
        out: Assembler,
    ) -> Self {
        Self {
            events,
            outline,
            next_heading: 0,
            policy,
            out,
            here: Surroundings::default(),
            outside: Vec::new(),
            first_cell: true,
            html: String::new(),
            indented_code: 0,
        }
    }

    pub(super) fn walk(mut self) -> Assembler {
        for (index, event) in self.events.iter().enumerate() {
            match event {
                Event::Start(tag) => self.start(index, tag),
                Event::End(tag) => self.end(*tag),
                other => self.inline(other),
            }
        }
        if self.indented_code > 0 {
            self.out.remark(format!(
                "{} indented blocks are code in Markdown and are not read; if they are prose, remove the indent",
                self.indented_code
            ));
        }
        self.out
    }

    fn inline(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.put(text);
            }
            Event::SoftBreak => self.put("\n"),
            Event::HardBreak => self.out.line_break(),
            Event::Rule if self.reason().is_some() => self.out.close_block(),
            Event::Rule => self.out.open_block(BlockKind::SceneBreak, None),
            Event::Html(part) => self.html.push_str(part),
            Event::InlineHtml(tag) if html::is_line_break(tag) => self.out.line_break(),
            Event::FootnoteReference(label) => {
                let reason = self.reason();
                self.out.skip(label, reason.unwrap_or(SkipReason::NoteReference));
                if reason.is_none() {
                    self.out.note_reference(&label.to_lowercase());
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, index: usize, tag: &Tag<'_>) {
        match tag {
            Tag::Paragraph => self.start_paragraph(index),
            Tag::Heading { level, .. } => self.start_heading(index, *level as u8),
            Tag::BlockQuote(_) => {
                self.out.close_block();
                self.here.containers.push(Container::Quote);
            }
            Tag::List(first) => {
                self.out.close_block();
                self.here.containers.push(Container::List(*first));
            }
            Tag::Item => {
                let ordinal = match self.here.containers.last_mut() {
                    Some(Container::List(Some(next))) => {
                        *next = next.saturating_add(1);
                        Some(u32::try_from(*next - 1).unwrap_or(u32::MAX))
                    }
                    _ => None,
                };
                self.out.open_block(BlockKind::ListItem { ordinal }, None);
                self.here.containers.push(Container::Item { fresh: true });
            }
            Tag::FootnoteDefinition(label) => {
                self.out.start_note(&label.to_lowercase());
                self.outside.push(std::mem::take(&mut self.here));
            }
            Tag::CodeBlock(kind) => {
                self.out.open_block(BlockKind::Code, None);
                if self.policy.code == Reading::Skip {
                    self.indented_code += usize::from(matches!(kind, CodeBlockKind::Indented));
                    self.here.reasons.push(SkipReason::Code);
                }
            }
            Tag::Table(_) => {
                self.out.close_block();
                if self.policy.tables == TablePolicy::Skip {
                    self.here.reasons.push(SkipReason::Table);
                }
            }
            Tag::TableHead | Tag::TableRow => {
                self.out.open_block(BlockKind::TableRow, None);
                self.first_cell = true;
            }
            Tag::TableCell if std::mem::replace(&mut self.first_cell, false) => {}
            Tag::TableCell => self.out.line_break(),
            Tag::Image { .. } if self.policy.captions == Reading::Skip => {
                self.here.reasons.push(SkipReason::Caption)
            }
            Tag::HtmlBlock => self.html.clear(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                self.out.close_block();
                if let Some(Container::Item { fresh }) = self.here.containers.last_mut() {
                    *fresh = false;
                }
            }
            TagEnd::Heading(_) => self.out.close_block(),
            TagEnd::BlockQuote(_) | TagEnd::List(_) => {
                self.out.close_block();
                self.here.containers.pop();
            }
            TagEnd::Item => {
                self.out.close_block();
                self.here.containers.pop();
            }
            TagEnd::FootnoteDefinition => {
                self.out.end_note();
                self.here = self.outside.pop().unwrap_or_default();
            }
            TagEnd::CodeBlock => {
                self.out.close_block();
                self.end_reason(SkipReason::Code);
            }
            TagEnd::Table => {
                self.end_reason(SkipReason::Table);
            }
            TagEnd::TableHead | TagEnd::TableRow => self.out.close_block(),
            TagEnd::Image => self.end_reason(SkipReason::Caption),
            TagEnd::HtmlBlock => {
                let fragment = std::mem::take(&mut self.html);
                html::walk(&fragment, self.reason(), self.policy, &mut self.out);
            }
            _ => {}
        }
    }

    fn start_paragraph(&mut self, index: usize) {
        if matches!(self.here.containers.last(), Some(Container::Item { fresh: true })) {
            return;
        }
        let paragraph = &self.events[index + 1..];
        let end = paragraph.iter().position(|e| matches!(e, Event::End(TagEnd::Paragraph)));
        let quoted = self.here.containers.iter().any(|c| matches!(c, Container::Quote));
        let kind = match Shape::of(&paragraph[..end.unwrap_or(0)]) {
            Shape::Picture => BlockKind::Caption,
            Shape::Verse => BlockKind::Verse,
            Shape::Plain if quoted => BlockKind::Quotation,
            Shape::Plain => BlockKind::Paragraph,
        };
        self.out.open_block(kind, None);
    }

    fn start_heading(&mut self, index: usize, level: u8) {
        let number = self.next_heading;
        // Headings in quotes, lists and notes, and those without text, are not in the outline.
        let Some(heading) = self.outline.headings.get(number).filter(|h| h.index == index) else {
            let empty = matches!(self.events.get(index + 1), Some(Event::End(_)));
            return match empty {
                // A lone `#` is how typescripts mark a break between scenes.
                true => self.inline(&Event::Rule),
                false => self.out.open_block(BlockKind::Heading { level }, None),
            };
        };
        self.next_heading += 1;
        if level <= self.outline.chapter_level {
            self.here.section = None;
            let is_title_page = number == 0 && self.outline.title_page;
            let role = is_title_page.then_some(SectionRole::TitlePage);
            let matter = if is_title_page { Matter::Front } else { Matter::Body };
            self.out.start_chapter(ChapterStart { title: None, matter, role });
        } else if self.here.section.is_none_or(|section| level <= section.level) {
            self.here.section = role_by_title(&heading.text)
                .filter(|role| self.policy.skip_sections.contains(role))
                .map(|role| SkippedSection { level, role });
        }
        self.out.open_block(BlockKind::Heading { level }, None);
    }

    fn put(&mut self, text: &str) {
        match self.reason() {
            Some(reason) => self.out.skip(text, reason),
            None => self.out.text(text, None),
        }
    }

    /// Why the text at this point is left out, if it is.
    fn reason(&self) -> Option<SkipReason> {
        self.here.section.map(|s| SkipReason::Section(s.role)).or(self.here.reasons.last().copied())
    }

    fn end_reason(&mut self, reason: SkipReason) {
        if self.here.reasons.last() == Some(&reason) {
            self.here.reasons.pop();
        }
    }
}

/// What a paragraph's events show it to be.
#[derive(Debug, PartialEq, Eq)]
enum Shape {
    Plain,
    /// Three lines or more, and every line ends with a forced break.
    Verse,
    /// A picture alone, whose description is its caption.
    Picture,
}

impl Shape {
    fn of(paragraph: &[Event<'_>]) -> Self {
        let count = |wanted: &Event<'_>| paragraph.iter().filter(|e| *e == wanted).count();
        match paragraph {
            [Event::Start(Tag::Image { .. }), within @ .., Event::End(TagEnd::Image)]
                if !within.contains(&Event::End(TagEnd::Image)) =>
            {
                Self::Picture
            }
            _ if count(&Event::HardBreak) >= 2 && count(&Event::SoftBreak) == 0 => Self::Verse,
            _ => Self::Plain,
        }
    }
}
