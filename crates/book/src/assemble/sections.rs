//! Front and back matter: the role of each chapter, told by the manuscript or by its title, and what the
//! policy leaves out because of it.

use std::collections::BTreeSet;

use super::titles::{is_heading, plain_text, spans};
use crate::roles::{matter_of, role_by_title};
use crate::{Block, BlockKind, Chapter, Inline, Matter, SectionRole, SkipReason, Span};

/// Longest paragraph, in characters, that may be a scene break: `*   *   *` with wide spaces.
const SCENE_BREAK_CHARS: usize = 60;

/// Settles roles and matter, joins what is only a heading with what it heads, and takes out the chapters
/// whose role is not read and those without text. Returns what was taken out.
pub(super) fn settle(chapters: &mut Vec<Chapter>, skip: &BTreeSet<SectionRole>) -> Vec<(Span, SkipReason)> {
    let told: Vec<bool> = chapters.iter().map(|c| c.role.is_some()).collect();
    for chapter in chapters.iter_mut() {
        chapter.role = chapter.role.or_else(|| role_by_title(&chapter.title));
        if chapter.matter == Matter::Body {
            chapter.matter = matter_of(chapter.role);
        }
    }
    let is_skipped = |c: &Chapter| c.role.is_some_and(|role| skip.contains(&role));
    // A title alone must not silence a whole book, say a story that is called "Index".
    if chapters.iter().filter(|c| has_text(c)).all(is_skipped) {
        for (chapter, _) in chapters.iter_mut().zip(told).filter(|(_, told)| !told) {
            chapter.role = None;
        }
    }
    chapters.iter_mut().for_each(trim_scene_breaks);
    let mut left_out = Vec::new();
    for chapter in chapters.iter_mut() {
        let reason = match chapter.role {
            Some(role) if skip.contains(&role) => SkipReason::Section(role),
            _ if !has_text(chapter) => SkipReason::SceneBreak,
            _ => continue,
        };
        left_out.extend(chapter.blocks.drain(..).flat_map(|b| spans(&b, reason)));
    }
    chapters.retain(|c| !c.blocks.is_empty());
    join_bare_parts(chapters);
    left_out
}

/// Whether a paragraph holds nothing but the marks that printers put between scenes.
pub(super) fn is_scene_break(block: &Block) -> bool {
    let mut ornaments = 0;
    let mut dashes = 0;
    let runs = block.inlines.iter().filter_map(|i| match i {
        Inline::Text(run) => Some(run.text.as_str()),
        Inline::Break => None,
    });
    for c in runs.flat_map(str::chars) {
        match c {
            '*' | '⁂' | '⁎' | '∗' | '❦' | '❧' | '☙' | '#' | '~' | '•' | '·' | '◆' | '◇' | '○' | '●' | '■'
            | '□' | '★' | '☆' | '✦' | '✧' | '✶' | '✻' | '※' | '†' | '§' => ornaments += 1,
            '-' | '–' | '—' | '―' | '_' | '=' | '+' => dashes += 1,
            c if c.is_whitespace() => {}
            _ => return false,
        }
    }
    (ornaments > 0 || dashes > 2) && plain_text(block).chars().count() <= SCENE_BREAK_CHARS
}

/// Takes out rules that part nothing: at the head of a chapter, under its heading, at its end, and doubled.
fn trim_scene_breaks(chapter: &mut Chapter) {
    let is_rule = |b: &Block| b.kind == BlockKind::SceneBreak && b.inlines.is_empty();
    let mut kept: Vec<Block> = Vec::with_capacity(chapter.blocks.len());
    for block in chapter.blocks.drain(..) {
        let parts_nothing = kept.last().is_none_or(|b| is_heading(b) || b.kind == BlockKind::SceneBreak);
        if !(is_rule(&block) && parts_nothing) {
            kept.push(block);
        }
    }
    while kept.last().is_some_and(is_rule) {
        kept.pop();
    }
    chapter.blocks = kept;
}

fn has_text(chapter: &Chapter) -> bool {
    chapter.blocks.iter().any(|b| b.kind != BlockKind::SceneBreak)
}

/// A part that is nothing but its heading ("PART ONE") is spoken at the head of its first chapter: a chapter
/// mark of two seconds helps nobody.
fn join_bare_parts(chapters: &mut Vec<Chapter>) {
    for at in (0..chapters.len().saturating_sub(1)).rev() {
        let bare = chapters[at].role == Some(SectionRole::Part)
            && chapters[at].blocks.iter().all(|b| is_heading(b) || b.kind == BlockKind::SceneBreak);
        if bare && chapters[at + 1].matter == Matter::Body {
            let part = chapters.remove(at);
            chapters[at].blocks.splice(0..0, part.blocks);
        }
    }
}
