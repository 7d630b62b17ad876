//! A line of a block as one text: white space collapsed, runs joined over their gaps, and a map back to the
//! manuscript. It exists so that sentences, lexicon and normaliser can work on plain text while every byte of it
//! still knows which source characters it stands for.

use std::ops::Range;

use rhapsode_book::{Block, BlockKind, Inline, Span, TextRun};

/// Characters in a stretch at most: what it costs to find a place inside it.
const STRETCH: u64 = 64;

/// A line of text without outer white space.
#[derive(Debug, Default)]
pub(crate) struct Flow<'a> {
    /// The text, inner white space collapsed to single spaces.
    pub text: String,
    /// White space around the text, which no chunk holds.
    pub outer: Vec<Span>,
    stretches: Vec<Stretch>,
    /// Where a run's language begins, by byte.
    tags: Vec<(usize, Option<&'a str>)>,
}

/// A part of the text and the source characters that it stands for.
#[derive(Debug)]
struct Stretch {
    /// First byte in the text.
    at: usize,
    /// Bytes in the text; none for white space that the space before it swallowed.
    width: usize,
    source: Span,
    /// Whether the n-th character of the text is the n-th of the source.
    exact: bool,
}

impl<'a> Flow<'a> {
    /// The lines of a block. Forced breaks part lines, but join the cells of a table row.
    pub(crate) fn lines(block: &'a Block) -> Vec<Self> {
        let mut lines = vec![Self::default()];
        if let BlockKind::ListItem { ordinal: Some(number) } = block.kind {
            lines[0].push_added(&format!("{number}. "));
        }
        let mut cell_ended = false;
        for inline in &block.inlines {
            let line = lines.last_mut().expect("there is always a line, since none is ever removed");
            match inline {
                Inline::Text(run) => line.push(run, &mut cell_ended),
                Inline::Break if block.kind == BlockKind::TableRow => {
                    line.trim_end();
                    cell_ended = !line.text.is_empty();
                }
                Inline::Break => lines.push(Self::default()),
            }
        }
        for line in &mut lines {
            line.trim_end();
        }
        lines
    }

    /// Text that stands nowhere in the manuscript, such as a title that only the table of contents has.
    pub(crate) fn of_nowhere(text: &str) -> Self {
        let mut flow = Self::default();
        for word in text.split_whitespace() {
            if !flow.text.is_empty() {
                flow.text.push(' ');
            }
            flow.text.push_str(word);
        }
        flow
    }

    fn push(&mut self, run: &'a TextRun, cell_ended: &mut bool) {
        if self.tags.last().map_or(run.language.is_some(), |(_, tag)| *tag != run.language.as_deref()) {
            self.tags.push((self.text.len(), run.language.as_deref()));
        }
        let mut chars = run.text.chars().peekable();
        let mut at = run.span.start;
        while let Some(c) = chars.next() {
            let source = Span { start: at, end: at + 1 };
            at += 1;
            if c.is_whitespace() && !self.groups_thousands(c, chars.peek().copied()) {
                self.push_space(source, *cell_ended);
                continue;
            }
            if std::mem::take(cell_ended) {
                self.push_cell_border();
            }
            self.push_char(c, source);
        }
    }

    /// A thin space inside a number is part of the number.
    fn groups_thousands(&self, c: char, next: Option<char>) -> bool {
        matches!(c, '\u{2009}' | '\u{202f}')
            && next.is_some_and(|n| n.is_ascii_digit())
            && self.text.ends_with(|p: char| p.is_ascii_digit())
    }

    fn push_char(&mut self, c: char, source: Span) {
        let at = self.text.len();
        self.text.push(c);
        match self.stretches.last_mut() {
            Some(last) if last.exact && last.source.end == source.start && last.source.len() < STRETCH => {
                last.width += c.len_utf8();
                last.source.end = source.end;
            }
            _ => self.stretches.push(Stretch { at, width: c.len_utf8(), source, exact: true }),
        }
    }

    fn push_space(&mut self, source: Span, cell_ended: bool) {
        if self.text.is_empty() || cell_ended {
            push_span(&mut self.outer, source);
        } else if self.text.ends_with(' ') {
            match self.stretches.last_mut() {
                Some(last) if !last.exact && last.source.end == source.start => last.source.end = source.end,
                _ => self.stretches.push(Stretch { at: self.text.len() - 1, width: 0, source, exact: false }),
            }
        } else {
            self.push_char(' ', source);
        }
    }

    /// Cells are read like a list.
    fn push_cell_border(&mut self) {
        self.push_added(if self.text.ends_with(char::is_alphanumeric) { ", " } else { " " });
    }

    /// Adds what is spoken but stands in no character of the source.
    fn push_added(&mut self, added: &str) {
        let nowhere = self.stretches.last().map_or(0, |s| s.source.end);
        let source = Span { start: nowhere, end: nowhere };
        self.stretches.push(Stretch { at: self.text.len(), width: added.len(), source, exact: false });
        self.text.push_str(added);
    }

    /// Gives the space at the end to the outer white space.
    fn trim_end(&mut self) {
        if !self.text.ends_with(' ') {
            return;
        }
        let at = self.text.len() - 1;
        self.text.pop();
        for (tag_at, _) in self.tags.iter_mut().rev().take_while(|(tag_at, _)| *tag_at > at) {
            *tag_at = at;
        }
        let mut tail = Vec::new();
        while let Some(last) = self.stretches.last_mut().filter(|s| s.at + s.width > at || s.width == 0) {
            if last.exact && last.at < at {
                last.width -= 1;
                last.source.end -= 1;
                tail.push(Span { start: last.source.end, end: last.source.end + 1 });
                break;
            }
            tail.push(last.source);
            self.stretches.pop();
        }
        tail.into_iter().rev().for_each(|span| push_span(&mut self.outer, span));
    }

    /// The source characters behind a byte range of the text, ordered and disjoint.
    pub(crate) fn spans(&self, range: Range<usize>) -> Vec<Span> {
        let mut spans = Vec::new();
        for stretch in self.stretches_in(&range) {
            let from = stretch.at.max(range.start);
            let to = (stretch.at + stretch.width).min(range.end);
            if stretch.exact {
                let before = self.text[stretch.at..from].chars().count() as u64;
                let start = stretch.source.start + before;
                push_span(
                    &mut spans,
                    Span { start, end: start + self.text[from..to].chars().count() as u64 },
                );
            } else if stretch.at >= range.start {
                push_span(&mut spans, stretch.source);
            }
        }
        spans
    }

    /// Appends the original words of a byte range: what stands in the manuscript, without what was added here.
    /// White space stays single.
    pub(crate) fn push_original(&self, range: Range<usize>, original: &mut String) {
        let whole =
            [Stretch { at: 0, width: self.text.len(), source: Span { start: 0, end: 0 }, exact: true }];
        let nowhere = self.stretches.is_empty().then_some(&whole);
        for stretch in nowhere.into_iter().flatten().chain(self.stretches_in(&range)).filter(|s| s.width > 0)
        {
            let (from, to) = (stretch.at.max(range.start), (stretch.at + stretch.width).min(range.end));
            let words = if stretch.exact { &self.text[from..to] } else { " " };
            let doubled = original.is_empty() || original.ends_with(' ');
            original.push_str(if doubled { words.trim_start_matches(' ') } else { words });
        }
    }

    fn stretches_in(&self, range: &Range<usize>) -> impl Iterator<Item = &Stretch> {
        let (start, end) = (range.start, range.end);
        let from = self.stretches.partition_point(|s| s.at < start);
        let reaching_in = self.stretches[..from].iter().rposition(|s| s.width > 0);
        let from =
            reaching_in.filter(|&i| self.stretches[i].at + self.stretches[i].width > start).unwrap_or(from);
        self.stretches[from..].iter().take_while(move |s| s.at < end)
    }

    /// Whether any run names a language.
    pub(crate) fn has_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// The parts of a byte range with the language that their run names.
    pub(crate) fn tagged(&self, range: Range<usize>) -> impl Iterator<Item = (&str, Option<&'a str>)> {
        let reached = self.tags.partition_point(|(at, _)| *at <= range.start);
        let held = reached.checked_sub(1).and_then(|i| self.tags[i].1);
        let mut parts = self.tags[reached..].iter();
        let mut next = Some((range.start, held));
        std::iter::from_fn(move || {
            let (from, tag) = next?;
            next = parts.next().filter(|(at, _)| *at < range.end).copied();
            let to = next.map_or(range.end, |(at, _)| at);
            Some((&self.text[from..to], tag))
        })
    }
}

/// Adds a span, joined to the one before where they touch.
pub(crate) fn push_span(spans: &mut Vec<Span>, span: Span) {
    if span.is_empty() {
        return;
    }
    match spans.last_mut() {
        Some(last) if last.end == span.start => last.end = span.end,
        _ => spans.push(span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(start: u64, text: &str) -> Inline {
        let span = Span { start, end: start + text.chars().count() as u64 };
        Inline::Text(TextRun { span, text: text.into(), language: None })
    }

    fn block(kind: BlockKind, inlines: Vec<Inline>) -> Block {
        Block { kind, inlines, language: None }
    }

    fn span(start: u64, end: u64) -> Span {
        Span { start, end }
    }

    #[test]
    fn white_space_is_collapsed_and_the_outer_belongs_to_no_chunk() {
        let block = block(BlockKind::Paragraph, vec![run(10, " \n Call  me\n\tIshmael. ")]);
        let flow = &Flow::lines(&block)[0];
        assert_eq!(flow.text, "Call me Ishmael.");
        assert_eq!(flow.outer, [span(10, 13), span(31, 32)]);
        assert_eq!(flow.spans(0..flow.text.len()), [span(13, 31)]);
        assert_eq!(
            flow.spans(5..8),
            [span(19, 23)],
            "the space takes all the white space that it stands for"
        );
    }

    #[test]
    fn runs_join_over_the_gap_that_a_note_reference_left() {
        let block = block(BlockKind::Paragraph, vec![run(0, "word"), run(6, ". Next ône ")]);
        let flow = &Flow::lines(&block)[0];
        assert_eq!(flow.text, "word. Next ône");
        assert_eq!(flow.spans(0..6), [span(0, 4), span(6, 8)]);
        assert_eq!(flow.spans(6..flow.text.len()), [span(8, 16)]);
        assert_eq!(flow.outer, [span(16, 17)]);
    }

    #[test]
    fn white_space_on_both_sides_of_a_gap_is_one_space() {
        let block = block(BlockKind::Paragraph, vec![run(0, "a "), run(5, " b "), run(9, " ")]);
        let flow = &Flow::lines(&block)[0];
        assert_eq!(flow.text, "a b");
        assert_eq!(flow.spans(0..2), [span(0, 2), span(5, 6)]);
        assert_eq!(flow.spans(2..3), [span(6, 7)]);
        assert_eq!(flow.outer, [span(7, 8), span(9, 10)]);
    }

    #[test]
    fn the_cells_of_a_row_join_with_commas_that_no_source_character_pays_for() {
        let inlines = vec![run(0, " Ahab "), Inline::Break, Inline::Break, run(6, " captain"), Inline::Break];
        let block = block(BlockKind::TableRow, inlines);
        let flow = &Flow::lines(&block)[0];
        assert_eq!(flow.text, "Ahab, captain");
        let mut original = String::new();
        flow.push_original(0..flow.text.len(), &mut original);
        assert_eq!(original, "Ahab captain");
        assert_eq!(flow.spans(0..flow.text.len()), [span(1, 5), span(7, 14)]);
        assert_eq!(flow.outer, [span(0, 1), span(5, 7)]);
    }

    #[test]
    fn a_language_that_begins_with_white_space_begins_where_the_text_does() {
        let mut foreign = run(2, " ");
        if let Inline::Text(run) = &mut foreign {
            run.language = Some("fr".into());
        }
        let block = block(BlockKind::TableRow, vec![run(0, "a "), foreign, Inline::Break, run(3, "b")]);
        let flow = &Flow::lines(&block)[0];
        assert_eq!(flow.text, "a, b");
        assert_eq!(
            flow.tagged(0..4).filter(|(text, _)| !text.is_empty()).collect::<Vec<_>>(),
            [("a", None), (", b", None)]
        );
    }

    #[test]
    fn a_thin_space_inside_a_number_stays() {
        let block = block(BlockKind::Paragraph, vec![run(0, "12\u{202f}000\u{a0}men")]);
        assert_eq!(Flow::lines(&block)[0].text, "12\u{202f}000 men");
    }
}
