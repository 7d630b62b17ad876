//! The whole book: chapters in parallel, then one numbering and one account.

use rayon::prelude::*;
use rhapsode_book::{Book, Chapter, Disposition, SkipReason};

use crate::chapter::{Draft, Scribe};
use crate::language::known;
use crate::lexicon::Matcher;
use crate::{ChapterSelection, Lexicon, Profile, Script, ScriptChapter, ScriptError, Skip};

/// What a script is written with. The same book and the same options give the same script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptOptions {
    /// How chunks are cut.
    pub profile: Profile,
    /// BCP 47 language of a book that names none.
    pub language: String,
    /// Pronunciations that the user gave.
    pub lexicon: Lexicon,
    /// The chapters that are wanted.
    pub selection: ChapterSelection,
}

impl ScriptOptions {
    /// Options for an engine's profile: English where the book names no language, no lexicon, every chapter.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self { profile, language: "en".into(), lexicon: Lexicon::default(), selection: ChapterSelection::All }
    }
}

/// Makes a book speakable.
///
/// # Errors
/// [`ScriptError::Selection`] for a chapter that the book does not have, [`ScriptError::Empty`] where nothing is left
/// to speak, and [`ScriptError::Ledger`] where a character would be lost or spoken twice.
pub fn write(book: &Book, options: &ScriptOptions) -> Result<Script, ScriptError> {
    let chapters = u32::try_from(book.chapters.len()).unwrap_or(u32::MAX);
    if let Some(missing) = options.selection.beyond(chapters) {
        return Err(ScriptError::Selection { missing, chapters });
    }
    let matcher = Matcher::new(&options.lexicon)?;
    let language = known(book.metadata.language.as_deref()).unwrap_or(&options.language);
    let scribe = Scribe { profile: options.profile, language, matcher: &matcher };
    let numbered: Vec<(u32, &Chapter)> = (1..).zip(&book.chapters).collect();
    let drafts: Vec<Draft> = numbered
        .par_iter()
        .map(
            |(number, chapter)| {
                if options.selection.contains(*number) { scribe.write(chapter) } else { left_out(chapter) }
            },
        )
        .collect();
    let mut script =
        Script { chapters: Vec::new(), skips: read_skips(book), characters: book.ledger.total() };
    let mut ordinal = 0;
    for ((number, chapter), mut draft) in numbered.into_iter().zip(drafts) {
        for chunk in &mut draft.chunks {
            chunk.ordinal = ordinal;
            ordinal += 1;
        }
        script.skips.append(&mut draft.skips);
        if !draft.chunks.is_empty() {
            script.chapters.push(ScriptChapter {
                title: chapter.title.clone(),
                number,
                chunks: draft.chunks,
            });
        }
    }
    script.skips = joined(script.skips);
    script.verify()?;
    if script.chapters.is_empty() {
        return Err(ScriptError::Empty(why_empty(&script, options)));
    }
    Ok(script)
}

/// What the reader left out.
fn read_skips(book: &Book) -> Vec<Skip> {
    let skipped = book.ledger.entries().iter().filter_map(|entry| match entry.disposition {
        Disposition::Kept => None,
        Disposition::Skipped(reason) => Some(Skip { span: entry.span, reason }),
    });
    skipped.collect()
}

/// A chapter that was not selected.
fn left_out(chapter: &Chapter) -> Draft {
    let mut draft = Draft::default();
    for block in &chapter.blocks {
        draft.skip_block(block, SkipReason::NotSelected);
    }
    draft
}

/// Skips in order; neighbours with one reason are one skip.
fn joined(mut skips: Vec<Skip>) -> Vec<Skip> {
    skips.sort_by_key(|skip| skip.span);
    let mut joined: Vec<Skip> = Vec::with_capacity(skips.len());
    for skip in skips {
        match joined.last_mut() {
            Some(last) if last.reason == skip.reason && last.span.end == skip.span.start => {
                last.span.end = skip.span.end;
            }
            _ => joined.push(skip),
        }
    }
    joined
}

fn why_empty(script: &Script, options: &ScriptOptions) -> String {
    if script.characters == 0 {
        return "the manuscript has no text".into();
    }
    if options.selection != ChapterSelection::All {
        return format!("the chapters {} have no text that is spoken", options.selection);
    }
    let most = script.skipped().into_iter().max_by_key(|(_, characters)| *characters);
    let most = most.map_or_else(String::new, |(reason, _)| format!(", most of it as {}", reason.describe()));
    format!("all {} characters of the manuscript are skipped{most}", script.characters)
}
