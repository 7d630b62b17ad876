//! Making takes again that are there: each chunk that is named gets the next generation that has no take yet, so that
//! it really is another take, whoever asked for the same text before.

use std::collections::BTreeSet;

use rhapsode_store::TakeStore;

use crate::{
    DefectPolicy, EngineError, Redo, Settings, casting::Cast, lookup::Present, prepare::Prepared,
    selections::Choice,
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
        settings: &Settings,
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
                let variants = cast.variants(chunk, settings, generation);
                if !variants.iter().any(|variant| store.contains(&variant.key.0)) {
                    *choice = Choice { key: variants[0].key, generation };
                    raised.push(*ordinal);
                    break;
                }
            }
        }
        raised
    }
}
