//! Making takes again that are there: each chunk that is named gets the next generation that has no take yet, so that
//! it really is another take, whoever asked for the same text before.

use std::collections::BTreeSet;

use rhapsode_store::TakeStore;

use crate::{
    DefectPolicy, EngineError, Redo, casting::Cast, lookup::Present, prepare::Prepared, selections::Choice,
};

impl Redo {
    /// Makes sure that everything that is named is in the book.
    pub(crate) fn check(&self, prepared: &Prepared) -> Result<(), EngineError> {
        let chunks = prepared.script.chunks().count();
        if let Some(&wanted) = self.chunks.iter().find(|&&ordinal| ordinal as usize >= chunks) {
            return Err(EngineError::NoSuchChunk { wanted, chunks });
        }
        let chapters = &prepared.script.chapters;
        let known = |wanted: &&u32| !chapters.iter().any(|chapter| chapter.number == **wanted);
        match self.chapters.iter().find(known) {
            Some(&wanted) => Err(EngineError::NoSuchChapter { wanted, chapters: chapters.len() }),
            None => Ok(()),
        }
    }

    /// Raises the generation of every chunk that is named and has a take. One whose take is missing is made anyway.
    /// Gives the chunks that were raised.
    pub(crate) fn raise(
        &self,
        present: &[Present],
        choices: &mut [Choice],
        prepared: &Prepared,
        cast: &Cast,
        store: &TakeStore,
    ) -> Vec<u32> {
        let of_chapters: BTreeSet<u32> = prepared
            .script
            .chapters
            .iter()
            .filter(|chapter| self.chapters.contains(&chapter.number))
            .flat_map(|chapter| chapter.chunks.iter().map(|chunk| chunk.ordinal))
            .collect();
        let mut raised = Vec::new();
        for Present { ordinal, take } in present {
            let defect = self.defects == DefectPolicy::Retry && !take.defects.is_empty();
            if !(defect || self.chunks.contains(ordinal) || of_chapters.contains(ordinal)) {
                continue;
            }
            let Some(chunk) = prepared.chunk(*ordinal) else { continue };
            let choice = &mut choices[*ordinal as usize];
            for generation in choice.generation + 1.. {
                let keys = cast.keys(chunk, generation);
                if !keys.iter().any(|key| store.contains(&key.0)) {
                    *choice = Choice { key: keys[0], generation };
                    raised.push(*ordinal);
                    break;
                }
            }
        }
        raised
    }
}

#[cfg(test)]
mod tests {
    use rhapsode_speech::TakeKey;
    use rhapsode_store::{Pcm16, TakeRecord, Verdict};

    use super::*;
    use crate::{Settings, casting::tests::cast_of, lookup::Take, selections::Selections};

    fn put(store: &TakeStore, key: TakeKey) {
        let record = TakeRecord {
            measurements: serde_json::Value::Null,
            verdict: Verdict::Accepted,
            seed: 0,
            identity: serde_json::Value::Null,
        };
        store.put(&key.0, Pcm16 { rate: 24_000, samples: &[1; 240] }, &record).unwrap();
    }

    #[test]
    fn a_chunk_gets_the_next_generation_that_has_no_take_and_a_missing_one_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = TakeStore::open(folder.path()).unwrap();
        let prepared = Prepared::for_tests(&["One. Two."], &Settings::for_tests());
        let cast = cast_of("1");
        let mut choices = Selections::default().choices(&prepared, &cast);
        let present = |ordinal: u32, defects: &[&str]| Present {
            ordinal,
            take: Take {
                key: choices[ordinal as usize].key,
                variant: 0,
                defects: defects.iter().map(ToString::to_string).collect(),
                measured: None,
            },
        };
        let there = [present(0, &["silent"]), present(1, &[])];
        // Another book asked for a second take of the same words.
        put(&store, cast.keys(prepared.chunk(1).unwrap(), 1)[0]);
        let redo = Redo { chunks: [1, 2].into(), defects: DefectPolicy::Retry, ..Redo::default() };
        let raised = redo.raise(&there, &mut choices, &prepared, &cast, &store);
        assert_eq!(raised, [0, 1]);
        let generations: Vec<u32> = choices.iter().map(|choice| choice.generation).collect();
        assert_eq!(generations, [1, 2, 0]);
    }

    #[test]
    fn what_is_not_in_the_book_is_refused() {
        let prepared = Prepared::for_tests(&["One. Two."], &Settings::for_tests());
        let chunk = Redo { chunks: [7].into(), ..Redo::default() };
        assert!(matches!(chunk.check(&prepared), Err(EngineError::NoSuchChunk { wanted: 7, .. })));
        let chapter = Redo { chapters: [2].into(), ..Redo::default() };
        assert!(matches!(chapter.check(&prepared), Err(EngineError::NoSuchChapter { wanted: 2, .. })));
        assert!(
            Redo { chunks: [0].into(), chapters: [1].into(), ..Redo::default() }.check(&prepared).is_ok()
        );
    }
}
