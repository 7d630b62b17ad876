//! One paragraph of plain text to blocks: verse, quotations, captions and notes by custom, else prose.

use super::lines::lines;
use crate::assemble::Assembler;
use crate::{BlockKind, ReadPolicy, Reading, SkipReason};

/// Hands over a heading. A chapter's number and the title under it are two headings.
pub(super) fn heading(text: &str, level: u8, out: &mut Assembler) {
    let first = lines(text).next().unwrap_or_default();
    let is_split = super::headings::candidate(first)
        .is_some_and(|c| matches!(c, super::headings::Candidate::Numbered { titled: false, .. }));
    out.open_block(BlockKind::Heading { level }, None);
    if !is_split || first.len() == text.len() {
        return out.text(text, None);
    }
    out.text(first, None);
    out.open_block(BlockKind::Heading { level: level + 1 }, None);
    out.text(&text[first.len()..], None);
}

/// Hands over a paragraph. `width` is the width of a full line, `notes` whether `[1]` refers to a note.
pub(super) fn read(text: &str, width: usize, notes: bool, policy: &ReadPolicy, out: &mut Assembler) {
    if let Some(note) = notes.then(|| note_label(text)).flatten() {
        out.start_note(note);
        out.open_block(BlockKind::Note, None);
        out.text(text, None);
        return out.end_note();
    }
    if is_page_number(text) {
        return out.skip(text, SkipReason::PageNumber);
    }
    if text.starts_with("[Illustration") && text.ends_with(']') {
        return match text.strip_prefix("[Illustration").and_then(|rest| rest.strip_prefix(':')) {
            None => out.skip(text, SkipReason::MachineText),
            Some(_) if policy.captions == Reading::Skip => out.skip(text, SkipReason::Caption),
            Some(_) => caption(text, out),
        };
    }
    let shape = Shape::of(text, width);
    let kind = match shape {
        Shape::Prose => BlockKind::Paragraph,
        Shape::Quotation => BlockKind::Quotation,
        Shape::Lines => BlockKind::Verse,
    };
    out.open_block(kind, None);
    for (number, line) in lines(text).enumerate() {
        if shape == Shape::Lines && number > 0 {
            out.line_break();
        }
        match notes {
            true => text_with_references(line, out),
            false => out.text(line, None),
        }
    }
}

/// What the lines of a paragraph show it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Prose,
    /// Wrapped prose, indented as a whole.
    Quotation,
    /// Verse, an address, a list: its line ends are meant.
    Lines,
}

impl Shape {
    fn of(text: &str, width: usize) -> Self {
        let mut pairs = lines(text).zip(lines(text).skip(1)).peekable();
        if pairs.peek().is_none() {
            return Self::Prose;
        }
        // A line end is meant where the first word of the next line would have fitted on the line.
        let is_meant = |(line, next): (&str, &str)| {
            let word = next.split_whitespace().next().map_or(0, |w| w.chars().count());
            line.trim_end().chars().count() + 1 + word + 2 <= width
        };
        let indented = lines(text).all(|line| line.starts_with("  ") || line.starts_with('\t'));
        let (meant, all) =
            pairs.fold((0, 0), |(meant, all), pair| (meant + usize::from(is_meant(pair)), all + 1));
        match indented {
            _ if meant == all => Self::Lines,
            // Indented lines are wrapped narrower than the rest, so that some seem to end early.
            true if meant * 2 > all => Self::Lines,
            true => Self::Quotation,
            false => Self::Prose,
        }
    }
}

/// `[Illustration: The harbour]` is read as its words.
fn caption(text: &str, out: &mut Assembler) {
    let (opening, words) = text.split_at("[Illustration:".len());
    out.skip(opening, SkipReason::MachineText);
    out.open_block(BlockKind::Caption, None);
    let words = words.strip_suffix(']').unwrap_or(words);
    out.text(words, None);
    out.close_block();
    out.skip("]", SkipReason::MachineText);
}

/// The label of `[Footnote 12: …]`.
fn note_label(text: &str) -> Option<&str> {
    let (label, _) = text.trim_start().strip_prefix("[Footnote")?.split_once(':')?;
    let label = label.trim();
    (label.len() <= 8 && text.trim_end().ends_with(']')).then_some(label)
}

/// Hands over a line in which `[1]` refers to a note.
fn text_with_references(line: &str, out: &mut Assembler) {
    let mut rest = line;
    while let Some(open) = rest.find('[') {
        let label_length = rest[open + 1..].find(']').unwrap_or(0);
        let label = &rest[open + 1..open + 1 + label_length];
        let is_reference = (1..=3).contains(&label_length)
            && label
                .chars()
                .all(|c| c.is_ascii_digit() || label_length == 1 && (c.is_ascii_uppercase() || c == '*'));
        let end = if is_reference { open + label_length + 2 } else { open + 1 };
        match is_reference {
            true => {
                out.text(&rest[..open], None);
                out.skip(&rest[open..end], SkipReason::NoteReference);
                out.note_reference(label);
            }
            false => out.text(&rest[..end], None),
        }
        rest = &rest[end..];
    }
    out.text(rest, None);
}

/// `[Pg 12]`, `{12}`, `- 12 -`: a page number on a line of its own.
fn is_page_number(text: &str) -> bool {
    let text = text.trim();
    let framed = [("[", "]"), ("{", "}"), ("-", "-"), ("\u{2014}", "\u{2014}"), ("\u{2013}", "\u{2013}")];
    framed.iter().any(|(open, close)| {
        let inner = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        inner.is_some_and(|inner| {
            let number = inner.trim().trim_start_matches("Pg").trim_start_matches("Page").trim();
            !number.is_empty() && number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit())
        })
    })
}
