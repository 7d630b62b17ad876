//! The chapters of a job before their takes are chosen: which chunks each has, and which it needs beside its own.

use rhapsode_release::{ChapterPlan, PlannedTake};

use crate::{Settings, prepare::Prepared};

/// Takes whose loudness stands for the voice in chapters too short to be measured.
const REFERENCE_TAKES: u32 = 30;
/// A chapter with fewer characters than this may have under 10 s of speech.
const SHORT_CHAPTER_CHARACTERS: usize = 400;

/// A chapter without its takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChapterDraft {
    pub(crate) title: String,
    /// Number in the book, from 1.
    pub(crate) number: u32,
    /// Ordinal and pause of each chunk, in milliseconds.
    pub(crate) chunks: Vec<(u32, u32)>,
    /// Chunks that it takes its gain from if it is short; empty if it is not.
    pub(crate) reference: Vec<u32>,
}

impl ChapterDraft {
    /// The chapters of a book.
    pub(crate) fn of(prepared: &Prepared, settings: &Settings) -> Vec<Self> {
        let reference: Vec<u32> =
            prepared.script.chunks().map(|chunk| chunk.ordinal).take(REFERENCE_TAKES as usize).collect();
        let draft = |chapter: &rhapsode_script::ScriptChapter| {
            let characters: usize = chapter.chunks.iter().map(|c| c.plain_text().chars().count()).sum();
            let pause = |reason| settings.pauses.milliseconds(reason);
            Self {
                title: chapter.title.clone(),
                number: chapter.number,
                chunks: chapter.chunks.iter().map(|c| (c.ordinal, pause(c.pause_after.reason))).collect(),
                reference: match characters < SHORT_CHAPTER_CHARACTERS {
                    true => reference.clone(),
                    false => Vec::new(),
                },
            }
        };
        prepared.script.chapters.iter().map(draft).collect()
    }

    /// The chapter with the takes that were chosen; `keys` are those of all chunks by ordinal.
    pub(crate) fn plan(&self, keys: &[[u8; 32]]) -> ChapterPlan {
        let key = |ordinal: u32| keys[ordinal as usize];
        let take = |&(ordinal, pause_after_ms): &(u32, u32)| PlannedTake {
            ordinal,
            key: key(ordinal),
            pause_after_ms,
        };
        ChapterPlan {
            title: self.title.clone(),
            takes: self.chunks.iter().map(take).collect(),
            loudness_reference: self.reference.iter().map(|&ordinal| key(ordinal)).collect(),
        }
    }
}
