//! Which headings of a Markdown file are the book's title, which start chapters, and which only divide them.

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::formats::outline::{Levels, byline};

/// A heading outside quotes, lists and notes that has text.
#[derive(Debug)]
pub(super) struct Heading {
    /// Index of its start in the events.
    pub(super) index: usize,
    /// 1 to 6.
    pub(super) level: u8,
    /// Its plain text.
    pub(super) text: String,
}

/// The headings of a file and what they are.
#[derive(Debug)]
pub(super) struct Outline {
    /// All headings in order.
    pub(super) headings: Vec<Heading>,
    /// Whether the first of them is the book's title.
    pub(super) titled: bool,
    /// Whether nothing but the author's name stands between the book's title and the next heading.
    pub(super) title_page: bool,
    /// The author, where a line "by …" follows the book's title.
    pub(super) byline: Option<String>,
    /// Headings of this level and above start chapters.
    pub(super) chapter_level: u8,
}

impl Outline {
    pub(super) fn of(events: &[Event<'_>]) -> Self {
        let headings = collect(events);
        // A comment or a picture in raw HTML may stand above the title; text may not.
        let before = headings.first().map_or(&[][..], |first| &events[..first.index]);
        let opens = !before.iter().any(|e| matches!(e, Event::Text(_) | Event::Code(_)));
        let levels: Vec<_> = headings.iter().map(|h| (h.level, h.text.as_str())).collect();
        let Levels { titled, chapter: chapter_level } = Levels::of(&levels, opens);
        let opening = match headings.as_slice() {
            [title, next, ..] if titled => &events[title.index..next.index],
            _ => &[],
        };
        let (title_page, byline) = read_opening(opening);
        Self { titled, title_page: titled && title_page, byline, chapter_level, headings }
    }

    /// The book's title, if a heading gives it: the title heading, or the only heading that starts a chapter.
    pub(super) fn title(&self) -> Option<&str> {
        let mut starts = self.headings.iter().filter(|h| h.level <= self.chapter_level);
        let first = starts.next()?;
        (self.titled || starts.next().is_none()).then_some(first.text.as_str())
    }
}

/// What stands under the book's title: whether it is no more than an author's line, and that line's name.
fn read_opening(events: &[Event<'_>]) -> (bool, Option<String>) {
    let mut text = String::new();
    let mut paragraphs = 0;
    let after_title = events.iter().skip_while(|e| !matches!(e, Event::End(TagEnd::Heading(_))));
    for event in after_title {
        match event {
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableCell | Tag::CodeBlock(_)) => paragraphs += 1,
            Event::Text(part) | Event::Code(part) | Event::Html(part) => text.push_str(part),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            _ => {}
        }
    }
    let text = text.trim();
    if text.is_empty() {
        return (true, None);
    }
    let author = byline(text).filter(|_| paragraphs == 1);
    (author.is_some(), author.map(str::to_owned))
}

fn collect(events: &[Event<'_>]) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    let (mut nesting, mut open) = (0usize, None);
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::FootnoteDefinition(_)) => nesting += 1,
            Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::FootnoteDefinition) => nesting -= 1,
            Event::Start(Tag::Heading { level, .. }) if nesting == 0 => {
                open = Some(Heading { index, level: *level as u8, text: String::new() });
            }
            Event::End(TagEnd::Heading(_)) => {
                headings.extend(open.take().filter(|h| !h.text.trim().is_empty()))
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut open {
                    heading.text.push_str(text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(heading) = &mut open {
                    heading.text.push(' ');
                }
            }
            _ => {}
        }
    }
    headings
}
