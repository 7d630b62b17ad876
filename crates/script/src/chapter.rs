//! One chapter: its blocks into sentences, the sentences into chunks with their pauses, and the rest into skips.

use std::borrow::Cow;
use std::ops::Range;

use rhapsode_book::{Block, BlockKind, Chapter, Inline, SkipReason, Span, TitleOrigin};

use crate::flow::{Flow, push_span};
use crate::language::{known, of_part};
use crate::lexicon::Matcher;
use crate::normaliser::Setting;
use crate::pack::{End, Item, pack};
use crate::sentences::sentences;
use crate::speak::{Line, Spoken};
use crate::split::split;
use crate::titles::Heard;
use crate::{Chunk, Pause, PauseReason, Piece, Profile, Skip, Source};

/// What a chapter became. The ordinals of its chunks are not set yet.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub chunks: Vec<Chunk>,
    pub skips: Vec<Skip>,
}

/// What every chapter of a book is written with.
pub(crate) struct Scribe<'a> {
    pub profile: Profile,
    /// BCP 47 language of the book.
    pub language: &'a str,
    pub matcher: &'a Matcher,
}

/// A sentence, or a part of one that was too long.
struct Unit<'a> {
    range: Range<usize>,
    spoken: Spoken,
    language: Cow<'a, str>,
    pause: PauseReason,
}

impl Scribe<'_> {
    /// Writes a chapter. One that has no speakable text comes back without chunks.
    pub(crate) fn write(&self, chapter: &Chapter) -> Draft {
        let mut draft = Draft::default();
        let mut heard = Heard::before(chapter);
        let repeated = Heard::repeats_at_head(chapter);
        let mut before: Option<BlockKind> = None;
        let mut scene = false;
        for (i, block) in chapter.blocks.iter().enumerate() {
            if block.kind == BlockKind::SceneBreak {
                draft.skip_block(block, SkipReason::SceneBreak);
                scene = true;
                continue;
            }
            if i < repeated || heard.repeats(block) {
                draft.skip_block(block, SkipReason::RepeatedTitle);
                continue;
            }
            let first = draft.chunks.len();
            self.block(block, &mut draft);
            if draft.chunks.len() > first {
                if let (Some(kind), Some(last)) = (before, first.checked_sub(1)) {
                    draft.chunks[last].pause_after.reason = pause_between(kind, block.kind, scene);
                }
                before = Some(block.kind);
                scene = false;
            }
        }
        if let Some(last) = draft.chunks.last_mut() {
            last.pause_after.reason = PauseReason::Chapter;
            self.announce(chapter, &mut draft);
        }
        draft
    }

    /// Speaks a title that no heading speaks.
    fn announce(&self, chapter: &Chapter, draft: &mut Draft) {
        if chapter.title_origin != TitleOrigin::Contents {
            return;
        }
        let flow = Flow::of_nowhere(&chapter.title);
        let mut title = Draft::default();
        self.line(&flow, BlockKind::Heading { level: 1 }, self.language, &mut title);
        if let Some(last) = title.chunks.last_mut() {
            last.pause_after.reason = PauseReason::Heading;
        }
        draft.chunks.splice(0..0, title.chunks);
    }

    fn block(&self, block: &Block, draft: &mut Draft) {
        let language = known(block.language.as_deref()).unwrap_or(self.language);
        for flow in Flow::lines(block) {
            draft.skip_all(&flow.outer, SkipReason::WhiteSpace);
            self.line(&flow, block.kind, language, draft);
        }
    }

    /// Writes one line; the pause after its last chunk is that of a line.
    fn line(&self, flow: &Flow<'_>, kind: BlockKind, language: &str, draft: &mut Draft) {
        let mut units = self.units(flow, kind, language, draft);
        if let Some(last) = units.last_mut() {
            last.pause = PauseReason::Line;
        }
        let items: Vec<Item> = units
            .iter()
            .enumerate()
            .map(|(i, unit)| {
                let goes_on = unit.pause == PauseReason::Sentence
                    && units.get(i + 1).is_some_and(|next| next.language == unit.language);
                Item { length: unit.spoken.length, end: if goes_on { End::Open } else { End::Closed } }
            })
            .collect();
        let mut units = units.into_iter();
        for group in pack(&items, &self.profile) {
            draft.chunks.extend(chunk(flow, units.by_ref().take(group.len())));
        }
    }

    /// The sentences of a line that have a sound; what has none goes to the skips.
    fn units<'f>(
        &self,
        flow: &'f Flow<'_>,
        kind: BlockKind,
        language: &'f str,
        draft: &mut Draft,
    ) -> Vec<Unit<'f>> {
        let whole = 0..flow.text.len();
        if whole.is_empty() {
            return Vec::new();
        }
        let setting =
            if matches!(kind, BlockKind::Heading { .. }) { Setting::Heading } else { Setting::Prose };
        // A stop may be added at the end.
        let max = if is_set_apart(kind) {
            self.profile.max_chars.saturating_sub(1)
        } else {
            self.profile.max_chars
        };
        let mut units: Vec<Unit<'f>> = Vec::new();
        for sentence in sentences(&flow.text, &of_part(flow, whole, language)) {
            let language = of_part(flow, sentence.clone(), language);
            let line = Line { text: &flow.text, setting, language: &language, matcher: self.matcher };
            let mut parts: Vec<Unit<'f>> = Vec::new();
            for (range, spoken) in split(&line, sentence, max) {
                for (dropped, reason) in &spoken.dropped {
                    draft.skip_all(&flow.spans(dropped.clone()), *reason);
                }
                if spoken.is_silent() {
                    draft.skip_silent(flow, range, &spoken);
                } else {
                    parts.push(Unit {
                        range,
                        spoken,
                        language: language.clone(),
                        pause: PauseReason::Clause,
                    });
                }
            }
            if let Some(last) = parts.last_mut() {
                last.pause = PauseReason::Sentence;
            }
            units.append(&mut parts);
        }
        if let Some(last) = units.last_mut().filter(|_| is_set_apart(kind)) {
            last.spoken.stop(&last.language);
        }
        units
    }
}

/// Blocks that end without a stop as often as with one.
fn is_set_apart(kind: BlockKind) -> bool {
    matches!(
        kind,
        BlockKind::Heading { .. } | BlockKind::ListItem { .. } | BlockKind::TableRow | BlockKind::Caption
    )
}

fn pause_between(kind: BlockKind, next: BlockKind, scene: bool) -> PauseReason {
    match (kind, next) {
        _ if scene => PauseReason::Scene,
        (BlockKind::Heading { .. }, _) => PauseReason::Heading,
        (BlockKind::ListItem { .. }, BlockKind::ListItem { .. })
        | (BlockKind::TableRow, BlockKind::TableRow) => PauseReason::Line,
        _ => PauseReason::Paragraph,
    }
}

/// Joins units to a chunk.
fn chunk<'f>(flow: &Flow<'_>, units: impl Iterator<Item = Unit<'f>>) -> Option<Chunk> {
    let mut chunk: Option<Chunk> = None;
    for unit in units {
        let chunk = chunk.get_or_insert_with(|| Chunk {
            ordinal: 0,
            language: unit.language.into_owned(),
            voice: None,
            text: Vec::new(),
            source: Source { text: String::new(), spans: Vec::new() },
            pause_after: Pause { reason: unit.pause },
        });
        chunk.pause_after.reason = unit.pause;
        if !chunk.text.is_empty() && flow.text[..unit.range.start].ends_with(' ') {
            push_plain(&mut chunk.text, " ");
        }
        for piece in unit.spoken.pieces {
            match piece {
                Piece::Plain(text) => push_plain(&mut chunk.text, &text),
                pronounced @ Piece::Pronounced { .. } => chunk.text.push(pronounced),
            }
        }
        for kept in without(unit.range, &unit.spoken.dropped) {
            flow.spans(kept.clone()).into_iter().for_each(|span| push_span(&mut chunk.source.spans, span));
            flow.push_original(kept, &mut chunk.source.text);
        }
    }
    if let Some(chunk) = &mut chunk {
        chunk.source.text.truncate(chunk.source.text.trim_end().len());
    }
    chunk
}

fn push_plain(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Plain(last)) => last.push_str(text),
        _ => pieces.push(Piece::Plain(text.to_owned())),
    }
}

/// The ranges between those that were dropped.
fn without(
    range: Range<usize>,
    dropped: &[(Range<usize>, SkipReason)],
) -> impl Iterator<Item = Range<usize>> {
    let starts = std::iter::once(range.start).chain(dropped.iter().map(|(d, _)| d.end));
    let ends = dropped.iter().map(|(d, _)| d.start).chain(std::iter::once(range.end));
    starts.zip(ends).map(|(start, end)| start..end).filter(|range| !range.is_empty())
}

impl Draft {
    /// Leaves a whole block out.
    pub(crate) fn skip_block(&mut self, block: &Block, reason: SkipReason) {
        for inline in &block.inlines {
            if let Inline::Text(run) = inline {
                self.skip(run.span, reason);
            }
        }
    }

    /// Leaves out a stretch of which nothing is spoken: what the normaliser did not drop is ornament.
    fn skip_silent(&mut self, flow: &Flow<'_>, range: Range<usize>, spoken: &Spoken) {
        for rest in without(range, &spoken.dropped) {
            let blank = flow.text[rest.clone()].trim().is_empty();
            let reason = if blank { SkipReason::WhiteSpace } else { SkipReason::Ornament };
            self.skip_all(&flow.spans(rest), reason);
        }
    }

    fn skip_all(&mut self, spans: &[Span], reason: SkipReason) {
        spans.iter().for_each(|span| self.skip(*span, reason));
    }

    fn skip(&mut self, span: Span, reason: SkipReason) {
        if !span.is_empty() {
            self.skips.push(Skip { span, reason });
        }
    }
}
