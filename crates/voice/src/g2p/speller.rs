//! The net that reads words which no lexicon has, from their letters.

use std::{collections::HashMap, sync::Arc};

use rten::{NodeId, ThreadPool};
use serde::Deserialize;

use crate::{
    VoiceError,
    hibari::graph::{Graph, row},
};

/// The alphabets of the net, as the pack's JSON has them.
#[derive(Debug, Deserialize)]
struct Alphabets {
    r#in: Vec<char>,
    out: Vec<char>,
    maxlen: usize,
}

/// A character net with one output for each step: repeats collapse, and 0 is nothing.
pub(crate) struct Speller {
    graph: Graph,
    chars: NodeId,
    ids: NodeId,
    letters: HashMap<char, i32>,
    sounds: Vec<char>,
    longest: usize,
}

impl Speller {
    /// Puts a loaded graph and its alphabets together.
    pub(crate) fn new(graph: Graph, alphabets: &[u8]) -> Result<Self, VoiceError> {
        let alphabets: Alphabets = serde_json::from_slice(alphabets).map_err(|error| graph.failed(error))?;
        if alphabets.maxlen == 0 {
            return Err(graph.failed("its alphabet allows no letters"));
        }
        let letters = alphabets.r#in.into_iter().zip(1..).collect();
        let (chars, ids) = (graph.node("chars")?, graph.node("ids")?);
        Ok(Self { graph, chars, ids, letters, sounds: alphabets.out, longest: alphabets.maxlen })
    }

    /// Whether the net was taught this letter.
    pub(crate) fn reads(&self, letter: char) -> bool {
        self.letters.contains_key(&letter)
    }

    /// Phonemes of a word of letters; empty if the net knows none of them. Longer words than the net takes are
    /// read in parts.
    pub(crate) fn read(&self, word: &str, pool: &Arc<ThreadPool>) -> Result<String, VoiceError> {
        let known: Vec<char> = word.chars().filter(|&letter| self.reads(letter)).collect();
        let mut phonemes = String::new();
        for part in parts(&known, self.longest) {
            let ids = part.iter().map(|letter| self.letters[letter]).collect();
            let [output] = self.graph.run(pool, [(self.chars, row(ids))], [self.ids])?;
            let mut previous = 0;
            for id in self.graph.integers(output)? {
                if id != previous && id > 0 {
                    let sound = usize::try_from(id - 1).ok().and_then(|index| self.sounds.get(index));
                    phonemes.push(*sound.ok_or_else(|| self.graph.failed("its alphabet is too short"))?);
                }
                previous = id;
            }
        }
        Ok(phonemes)
    }
}

/// Cuts letters into parts of about the same length, none longer than `longest`, each as near as can be to a
/// place where a vowel is followed by a consonant.
fn parts(letters: &[char], longest: usize) -> Vec<&[char]> {
    let count = letters.len().div_ceil(longest);
    let mut parts = Vec::with_capacity(count);
    let mut rest = letters;
    for left in (1..=count).rev() {
        if left == 1 {
            parts.push(rest);
            break;
        }
        // What follows still has to fit.
        let least = rest.len().saturating_sub((left - 1) * longest).max(1);
        let most = longest.min(rest.len() - (left - 1));
        let even = rest.len() / left;
        let cut = (least..=most)
            .filter(|&cut| is_vowel(rest[cut - 1]) && !is_vowel(rest[cut]))
            .min_by_key(|&cut| cut.abs_diff(even))
            .unwrap_or_else(|| even.clamp(least, most));
        let (part, remaining) = rest.split_at(cut);
        parts.push(part);
        rest = remaining;
    }
    parts
}

fn is_vowel(letter: char) -> bool {
    matches!(letter.to_ascii_lowercase(), 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(word: &str, longest: usize) -> Vec<String> {
        let letters: Vec<char> = word.chars().collect();
        parts(&letters, longest).into_iter().map(|part| part.iter().collect()).collect()
    }

    #[test]
    fn long_words_are_cut_between_syllables() {
        assert_eq!(cut("queequeg", 24), ["queequeg"]);
        assert_eq!(cut("", 24), Vec::<String>::new());
        assert_eq!(
            cut("llanfairpwllgwyngyllgogerychwyrndrobwll", 24),
            ["llanfairpwllgwyngy", "llgogerychwyrndrobwll"]
        );
    }

    #[test]
    fn no_part_is_too_long_and_no_letter_is_lost() {
        for length in 1..200 {
            for word in ["x".repeat(length), "ab".repeat(length), "aeiouxxxxxx".repeat(length)] {
                let parts = cut(&word, 24);
                assert!(parts.iter().all(|part| (1..=24).contains(&part.chars().count())));
                assert_eq!(parts.concat(), word);
            }
        }
    }
}
