//! `selections.json`: the take of every chunk, and how often it was asked for anew. It pins the takes in the store,
//! and it is what makes a redo last: nothing else knows that a chunk is beyond its first generation.

use std::collections::BTreeMap;

use rhapsode_speech::TakeKey;
use rhapsode_store::{JobDir, StoreError};
use serde::{Deserialize, Serialize};

use crate::{casting::Cast, chapters::ChapterDraft, prepare::Prepared};

/// The take of a chunk, or the one that it should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) key: TakeKey,
    pub(crate) generation: u32,
}

/// The takes of the chapters that were spoken in this run or an earlier one.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Selections {
    chapters: Vec<SelectedChapter>,
}

/// The takes of a chapter.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SelectedChapter {
    /// Number of the chapter in the book, from 1.
    number: u32,
    takes: Vec<SelectedTake>,
}

/// The take of a chunk.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SelectedTake {
    ordinal: u32,
    key: TakeKey,
    pause_after_ms: u32,
    #[serde(default, skip_serializing_if = "is_first")]
    generation: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_first(generation: &u32) -> bool {
    *generation == 0
}

impl Selections {
    pub(crate) fn read(job: &JobDir) -> Result<Self, StoreError> {
        Ok(job.read_or_discard(JobDir::SELECTIONS)?.unwrap_or_default())
    }

    pub(crate) fn write(&self, job: &JobDir) -> Result<(), StoreError> {
        job.write_json(JobDir::SELECTIONS, self)
    }

    /// What each chunk should have, by ordinal: what was chosen for it, as long as one of the backends could have made
    /// that; else the first rendition's first generation.
    pub(crate) fn choices(&self, prepared: &Prepared, cast: &Cast) -> Vec<Choice> {
        let mut choices = Vec::new();
        // A long chapter is cut into pieces of one number, which may lie elsewhere in this run.
        let mut chunks_of: BTreeMap<u32, usize> = BTreeMap::new();
        for chapter in &prepared.script.chapters {
            let earlier = chunks_of.entry(chapter.number).or_default();
            let pieces = self.chapters.iter().filter(|selected| selected.number == chapter.number);
            let mut selected = pieces.flat_map(|piece| &piece.takes).skip(*earlier);
            *earlier += chapter.chunks.len();
            for chunk in &chapter.chunks {
                let chosen =
                    selected.next().filter(|take| cast.keys(chunk, take.generation).contains(&take.key));
                choices.push(chosen.map_or_else(
                    || Choice { key: cast.keys(chunk, 0)[0], generation: 0 },
                    |take| Choice { key: take.key, generation: take.generation },
                ));
            }
        }
        choices
    }

    /// These with the chapters of this run in the place of their earlier selves. Chapters that this run leaves
    /// out keep their takes: `--chapters 3` must not give those of the whole book up for pruning.
    pub(crate) fn with(mut self, drafts: &[ChapterDraft], choices: &[Choice]) -> Self {
        let chapters: Vec<SelectedChapter> = drafts
            .iter()
            .map(|draft| SelectedChapter {
                number: draft.number,
                takes: draft
                    .chunks
                    .iter()
                    .map(|&(ordinal, pause_after_ms)| {
                        let Choice { key, generation } = choices[ordinal as usize];
                        SelectedTake { ordinal, key, pause_after_ms, generation }
                    })
                    .collect(),
            })
            .collect();
        self.chapters.retain(|earlier| chapters.iter().all(|chapter| chapter.number != earlier.number));
        self.chapters.extend(chapters);
        self.chapters.sort_by_key(|chapter| chapter.number);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Settings, casting::tests::cast_of};

    fn choices(selections: &Selections, prepared: &Prepared, cast: &Cast) -> Vec<Choice> {
        selections.choices(prepared, cast)
    }

    #[test]
    fn a_raised_generation_lasts_as_long_as_the_backends_could_have_made_its_take() {
        let settings = Settings::for_tests();
        let prepared = Prepared::for_tests(&["One. Two.", "Three."], &settings);
        let drafts = ChapterDraft::of(&prepared, &settings);
        let cast = cast_of("1");
        let mut raised = choices(&Selections::default(), &prepared, &cast);
        let chunk = prepared.chunk(2).unwrap();
        raised[2] = Choice { key: cast.keys(chunk, 3)[0], generation: 3 };
        let selections = Selections::default().with(&drafts, &raised);
        assert_eq!(choices(&selections, &prepared, &cast), raised);

        let other = choices(&selections, &prepared, &cast_of("2"));
        assert!(other.iter().all(|choice| choice.generation == 0), "{other:?}");
        let json = serde_json::to_string(&selections).unwrap();
        assert_eq!(json.matches("generation").count(), 1, "the first generation is left out: {json}");
    }

    #[test]
    fn a_chapter_that_is_cut_keeps_its_takes_wherever_it_is_cut() {
        let settings = |seconds| Settings {
            longest_chapter: Some(std::time::Duration::from_secs(seconds)),
            ..Settings::for_tests()
        };
        let text = "This is a sentence of some length, and it goes on for a while. ".repeat(12);
        let (short, long) = (settings(20), settings(40));
        let (pieces, fewer) = (Prepared::for_tests(&[&text], &short), Prepared::for_tests(&[&text], &long));
        assert!(pieces.script.chapters.len() > fewer.script.chapters.len());
        let cast = cast_of("1");
        let mut raised = choices(&Selections::default(), &pieces, &cast);
        for (chunk, choice) in pieces.script.chunks().zip(&mut raised) {
            *choice = Choice { key: cast.keys(chunk, 2)[0], generation: 2 };
        }
        let selections = Selections::default().with(&ChapterDraft::of(&pieces, &short), &raised);
        assert_eq!(choices(&selections, &pieces, &cast), raised);
        assert_eq!(choices(&selections, &fewer, &cast), raised);
    }

    #[test]
    fn speaking_a_part_of_a_book_keeps_the_takes_of_the_rest() {
        let settings = Settings::for_tests();
        let whole = Prepared::for_tests(&["One.", "Two.", "Three."], &settings);
        let cast = cast_of("1");
        let all = choices(&Selections::default(), &whole, &cast);
        let selections = Selections::default().with(&ChapterDraft::of(&whole, &settings), &all);

        let second = Settings { selection: "2".parse().unwrap(), ..settings };
        let part = Prepared::for_tests(&["One.", "Two.", "Three."], &second);
        let drafts = ChapterDraft::of(&part, &second);
        let mut raised = choices(&selections, &part, &cast);
        let chunk = part.chunk(0).unwrap();
        raised[0] = Choice { key: cast.keys(chunk, 1)[0], generation: 1 };
        let selections = selections.with(&drafts, &raised);
        let after = choices(&selections, &whole, &cast);
        let first_of_second = all.iter().zip(&after).position(|(before, after)| before != after);
        let changed = all.iter().zip(&after).filter(|(before, after)| before != after).count();
        assert_eq!((changed, after[first_of_second.unwrap()].generation), (1, 1));
    }
}
