//! Words that the lexicon lacks and that were read before, for all sessions: a name is solved once a book.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use misaki_rs::{Fallback, fallback::FallbackError};

/// Stands where a word could not be read yet.
pub(super) const UNSOLVED: char = '❓';

/// So many words are remembered. A long-lived server forgets all of them then, and learns anew.
const CAPACITY: usize = 50_000;

/// Words and their phonemes.
#[derive(Debug, Clone, Default)]
pub(super) struct SolvedWords(Arc<RwLock<HashMap<String, String>>>);

impl SolvedWords {
    /// Remembers a word.
    pub(super) fn learn(&self, word: &str, phonemes: String) {
        // Every state of the map is a whole one, so a panic elsewhere does not matter here.
        let mut words = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if words.len() >= CAPACITY {
            words.clear();
        }
        words.insert(word.to_owned(), phonemes);
    }
}

impl Fallback for SolvedWords {
    fn phonemize(&self, word: &str) -> Result<String, FallbackError> {
        let words = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(words.get(word).cloned().unwrap_or_else(|| UNSOLVED.to_string()))
    }
}
