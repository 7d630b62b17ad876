//! `ledger.json`: what of the manuscript was not spoken, why, and behind which words it stands. Written with the plan,
//! because only the run that reads the manuscript knows by which policy it was read.

use std::collections::BTreeMap;

use rhapsode_book::{SkipReason, Span};
use rhapsode_script::Script;
use serde::{Deserialize, Serialize};

/// The ledger's file in the job directory.
pub(crate) const LEDGER: &str = "ledger.json";

/// Characters of the words before a passage that are kept.
const CONTEXT: usize = 80;

/// Passages that are named of each reason; the rest is counted. A novel has thousands of note references.
const NAMED: usize = 200;

/// What was not spoken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SkippedText {
    /// By reason, those with the most characters first.
    pub reasons: Vec<SkippedFor>,
}

/// What was not spoken for one reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SkippedFor {
    /// The reason in words.
    pub reason: String,
    /// Characters of the manuscript.
    pub characters: u64,
    /// Passages.
    pub count: usize,
    /// The first of them; none for a reason that says where they are, such as white space between blocks.
    pub passages: Vec<Passage>,
}

/// Characters in a row that were not spoken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Characters.
    pub characters: u64,
    /// Title of the chapter in which they stand, if it is spoken.
    pub chapter: Option<String>,
    /// The words that were spoken before them, the end of those.
    pub after: String,
}

impl SkippedText {
    pub(crate) fn of(script: &Script) -> Self {
        let spoken = Spoken::of(script);
        let mut reasons: BTreeMap<SkipReason, SkippedFor> = BTreeMap::new();
        for skip in &script.skips {
            let entry = reasons.entry(skip.reason).or_insert_with(|| SkippedFor {
                reason: skip.reason.describe(),
                characters: 0,
                count: 0,
                passages: Vec::new(),
            });
            entry.characters += skip.span.len();
            entry.count += 1;
            if skip.reason != SkipReason::WhiteSpace && entry.passages.len() < NAMED {
                entry.passages.push(spoken.passage(skip.span));
            }
        }
        let mut reasons: Vec<SkippedFor> = reasons.into_values().collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.characters));
        Self { reasons }
    }
}

/// Where the spoken words stand in the manuscript.
struct Spoken<'a>(BTreeMap<u64, (&'a str, &'a str)>);

impl<'a> Spoken<'a> {
    fn of(script: &'a Script) -> Self {
        let chapters = script.chapters.iter();
        let chunks = chapters.flat_map(|chapter| chapter.chunks.iter().map(move |chunk| (chapter, chunk)));
        Self(
            chunks
                .filter_map(|(chapter, chunk)| {
                    let first = chunk.source.spans.first()?;
                    Some((first.start, (chapter.title.as_str(), chunk.source.text.as_str())))
                })
                .collect(),
        )
    }

    fn passage(&self, span: Span) -> Passage {
        let before = self.0.range(..span.start).next_back().map(|(_, words)| *words);
        let (chapter, words) = before.unzip();
        let words = words.unwrap_or_default();
        let from = words.char_indices().rev().take(CONTEXT).last().map_or(0, |(at, _)| at);
        Passage {
            characters: span.len(),
            chapter: chapter.map(str::to_owned),
            after: words[from..].to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Settings, prepare::Prepared};

    #[test]
    fn what_is_skipped_is_told_with_its_chapter_and_the_words_before_it() {
        let settings = Settings::for_tests();
        let text = "Before it.\n\n```\nlet code = 1;\n```\n\nBehind it.";
        let prepared = Prepared::for_tests(&["Nothing.", text], &settings);
        let skipped = SkippedText::of(&prepared.script);
        let all: u64 = skipped.reasons.iter().map(|reason| reason.characters).sum();
        assert_eq!(all, prepared.script.skipped().values().sum::<u64>());
        let code = skipped.reasons.iter().find(|reason| reason.reason == "code").unwrap();
        assert_eq!(code.count, 1);
        assert_eq!(code.passages[0].chapter.as_deref(), Some("Part 2"));
        assert!(code.passages[0].after.ends_with("Before it."), "{code:?}");
    }
}
