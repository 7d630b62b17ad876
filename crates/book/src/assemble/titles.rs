//! Who speaks a chapter's title. A title stands in the table of contents, in headings, or in both, in other
//! words and other pieces; it must be heard once. This is decided when all blocks of a chapter are known.

use crate::roles::is_number;
use crate::{Block, BlockKind, Chapter, Inline, SkipReason, Span, TitleOrigin};

/// Headings at the head of a chapter that may belong to its title: number, name, subtitle, and a part's.
const LEADING: usize = 4;

/// Settles where each chapter's title comes from. Returns what is left out because the title says it.
pub(super) fn settle(chapters: &mut [Chapter]) -> Vec<(Span, SkipReason)> {
    for next in 1..chapters.len() {
        let (before, after) = chapters.split_at_mut(next);
        if let (Some(before), Some(after)) = (before.last_mut(), after.first_mut()) {
            move_stray_headings(before, after);
        }
    }
    chapters.iter_mut().flat_map(settle_one).collect()
}

/// Gives titles to chapters that neither contents nor headings name: the book's for a book of one chapter.
pub(super) fn name_the_nameless(chapters: &mut [Chapter], book: &str) {
    let only = chapters.len() == 1;
    for (chapter, number) in chapters.iter_mut().zip(1..) {
        if chapter.title.is_empty() {
            chapter.title_origin = TitleOrigin::Inferred;
            chapter.title = match (chapter.role, only && !book.trim().is_empty()) {
                (_, true) => book.split_whitespace().collect::<Vec<_>>().join(" "),
                (Some(role), _) if role != crate::SectionRole::Chapter => capitalised(role.describe()),
                _ => format!("Chapter {number}"),
            };
        }
    }
}

/// The first heading of the book, the title of a manuscript that names none.
pub(super) fn first_heading(chapters: &[Chapter]) -> Option<String> {
    let mut blocks = chapters.iter().flat_map(|c| &c.blocks);
    blocks.find(|b| is_heading(b)).map(collapsed)
}

/// The text of a block with its breaks as spaces.
pub(super) fn plain_text(block: &Block) -> String {
    block.inlines.iter().map(|i| if let Inline::Text(run) = i { run.text.as_str() } else { " " }).collect()
}

/// A table of contents often points just below the heading; the heading then ends the chapter before.
fn move_stray_headings(before: &mut Chapter, after: &mut Chapter) {
    if after.title.is_empty() || after.blocks.first().is_some_and(is_heading) {
        return;
    }
    let trailing = before.blocks.iter().rev().take(LEADING).take_while(|b| is_heading(b)).count();
    let first = (before.blocks.len() - trailing..before.blocks.len())
        .find(|&first| same_words(&joined(&before.blocks[first..]), &after.title));
    if let Some(first) = first {
        after.blocks.splice(0..0, before.blocks.drain(first..));
    }
}

fn settle_one(chapter: &mut Chapter) -> Vec<(Span, SkipReason)> {
    chapter.title = chapter.title.split_whitespace().collect::<Vec<_>>().join(" ");
    promote_title_paragraphs(chapter);
    let leading = chapter.blocks.iter().take(LEADING).take_while(|b| is_heading(b)).count();
    let heading = joined(&chapter.blocks[..leading]);
    if chapter.title.is_empty() {
        if leading > 0 {
            (chapter.title, chapter.title_origin) = (heading, TitleOrigin::Heading);
        }
        return Vec::new();
    }
    if leading == 0 {
        return Vec::new();
    }
    let (title_words, heading_words) = (words(&chapter.title), words(&heading));
    if same_words(&chapter.title, &heading)
        || contains(&heading_words, &title_words)
        || without_number(&heading_words).len() < heading_words.len()
            && contains(&heading_words, without_number(&title_words))
    {
        chapter.title_origin = TitleOrigin::Heading;
        return Vec::new();
    }
    // The contents say more than the headings ("Chapter 1. Loomings" over "Loomings"): they speak for both,
    // but for a chapter that is nothing else.
    if leading < chapter.blocks.len()
        && chapter.blocks[..leading].iter().all(|b| contains(&title_words, &words(&plain_text(b))))
    {
        return chapter.blocks.drain(..leading).flat_map(|b| spans(&b, SkipReason::RepeatedTitle)).collect();
    }
    Vec::new()
}

/// Paragraphs at the head of a chapter that are its title, word for word, were headings in the author's mind.
fn promote_title_paragraphs(chapter: &mut Chapter) {
    if chapter.title.is_empty() {
        return;
    }
    for last in 1..=chapter.blocks.len().min(LEADING) {
        let head = &mut chapter.blocks[..last];
        if !matches!(head[last - 1].kind, BlockKind::Heading { .. } | BlockKind::Paragraph) {
            return;
        }
        if same_words(&joined(head), &chapter.title) {
            for block in head.iter_mut().filter(|b| !is_heading(b)) {
                block.kind = BlockKind::Heading { level: 1 };
            }
            return;
        }
    }
}

/// Every run of a block that is left out, with the reason.
pub(super) fn spans(block: &Block, reason: SkipReason) -> Vec<(Span, SkipReason)> {
    let runs = block.inlines.iter().filter_map(|i| match i {
        Inline::Text(run) => Some(run.span),
        Inline::Break => None,
    });
    runs.map(|span| (span, reason)).collect()
}

pub(super) fn is_heading(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading { .. })
}

/// Headings as one title: `Chapter 1` and `Loomings` are `Chapter 1: Loomings`.
fn joined(blocks: &[Block]) -> String {
    let mut title = String::new();
    for text in blocks.iter().map(collapsed).filter(|t| !t.is_empty()) {
        if title.ends_with(|c: char| c.is_alphanumeric()) {
            title.push(':');
        }
        if !title.is_empty() {
            title.push(' ');
        }
        title.push_str(&text);
    }
    title
}

fn collapsed(block: &Block) -> String {
    plain_text(block).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Whether two titles say the same, whatever their case, punctuation and white space.
fn same_words(a: &str, b: &str) -> bool {
    words(a).concat() == words(b).concat()
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

fn contains(whole: &[String], part: &[String]) -> bool {
    !part.is_empty() && whole.windows(part.len()).any(|window| window == part)
}

/// A title's words without `Chapter 1`, `Part II` or a bare number in front.
fn without_number(words: &[String]) -> &[String] {
    let label = usize::from(words.first().is_some_and(|w| matches!(w.as_str(), "chapter" | "part" | "book")));
    match words.get(label) {
        Some(number) if is_number(number) => &words[label + 1..],
        _ => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Matter, TextRun};

    fn block(kind: BlockKind, text: &str) -> Block {
        let span = Span { start: 0, end: text.chars().count() as u64 };
        let run = TextRun { span, text: text.into(), language: None };
        Block { kind, inlines: vec![Inline::Text(run)], language: None }
    }

    fn chapter(title: &str, blocks: Vec<Block>) -> Chapter {
        let title_origin = TitleOrigin::Contents;
        Chapter { title: title.into(), title_origin, matter: Matter::Body, role: None, blocks }
    }

    const HEADING: BlockKind = BlockKind::Heading { level: 2 };

    #[test]
    fn a_heading_in_two_pieces_speaks_the_title_of_the_contents() {
        let mut chapters = [chapter(
            "Chapter 1. Loomings",
            vec![
                block(HEADING, "CHAPTER 1"),
                block(HEADING, "Loomings."),
                block(BlockKind::Paragraph, "Call"),
            ],
        )];
        assert!(settle(&mut chapters).is_empty());
        assert_eq!(chapters[0].title_origin, TitleOrigin::Heading);
        assert_eq!(chapters[0].blocks.len(), 3);
    }

    #[test]
    fn a_heading_that_says_less_than_the_contents_is_left_out() {
        let blocks = vec![block(HEADING, "Loomings"), block(BlockKind::Paragraph, "Call me")];
        let mut chapters = [chapter("Chapter 1. Loomings", blocks)];
        let skipped = settle(&mut chapters);
        assert_eq!(skipped, [(Span { start: 0, end: 8 }, SkipReason::RepeatedTitle)]);
        assert_eq!(chapters[0].title_origin, TitleOrigin::Contents);
    }

    #[test]
    fn a_heading_that_says_something_else_stays_beside_the_title_of_the_contents() {
        let mut chapters = [chapter("Chapter 1", vec![block(HEADING, "A Whale Surfaces")])];
        assert!(settle(&mut chapters).is_empty());
        assert_eq!(chapters[0].title_origin, TitleOrigin::Contents);
        assert_eq!(chapters[0].blocks.len(), 1);
    }

    #[test]
    fn a_paragraph_that_is_the_title_becomes_a_heading() {
        let mut chapters =
            [chapter("One", vec![block(BlockKind::Paragraph, "ONE"), block(BlockKind::Paragraph, "x")])];
        settle(&mut chapters);
        assert_eq!(chapters[0].title_origin, TitleOrigin::Heading);
        assert!(is_heading(&chapters[0].blocks[0]) && !is_heading(&chapters[0].blocks[1]));
    }

    #[test]
    fn a_heading_just_above_the_anchor_moves_to_its_chapter() {
        let mut chapters = [
            chapter("One", vec![block(BlockKind::Paragraph, "text"), block(HEADING, "Two")]),
            chapter("Two", vec![block(BlockKind::Paragraph, "more")]),
        ];
        settle(&mut chapters);
        assert_eq!((chapters[0].blocks.len(), chapters[1].blocks.len()), (1, 2));
        assert_eq!(chapters[1].title_origin, TitleOrigin::Heading);
    }
}
