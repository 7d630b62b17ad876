//! The voice's alphabet: which character is which id, and how long phoneme strings are cut into pieces.

use std::collections::HashMap;

use crate::VoiceError;

/// Phonemes in one call of the graph; longer ones lose their melody.
pub(crate) const MAX_PHONEMES: usize = 400;

/// Clause marks, after which a piece may end.
const CLAUSE_MARKS: &str = ".!?…;:,—";

/// Phoneme characters and their ids.
#[derive(Debug)]
pub(crate) struct Vocabulary(HashMap<char, i32>);

impl Vocabulary {
    /// Reads the alphabet from JSON: an object of one-character keys and ids.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, String> {
        let ids: HashMap<char, i32> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if ids.is_empty() || ids.values().any(|&id| id <= 0) {
            return Err("ids have to be positive".to_owned());
        }
        Ok(Self(ids))
    }

    pub(crate) fn contains(&self, character: char) -> bool {
        self.0.contains_key(&character)
    }

    /// Refuses phonemes that hold a character without an id.
    pub(crate) fn check(&self, phonemes: &str) -> Result<(), VoiceError> {
        match phonemes.chars().find(|&character| !self.contains(character)) {
            None => Ok(()),
            Some(character) => Err(VoiceError::UnknownPhoneme { phonemes: phonemes.to_owned(), character }),
        }
    }

    /// The ids of `phonemes` with the graph's mark at both ends; characters without an id are left out.
    pub(crate) fn ids(&self, phonemes: &str) -> Vec<i32> {
        let ids = phonemes.chars().filter_map(|character| self.0.get(&character).copied());
        std::iter::once(0).chain(ids).chain(std::iter::once(0)).collect()
    }
}

/// Cuts phonemes into pieces of at most [`MAX_PHONEMES`]: after the last clause mark that fits, else at the last
/// space, else anywhere.
pub(crate) fn pieces(phonemes: &str) -> Vec<&str> {
    let mut rest = phonemes.trim();
    let mut pieces = Vec::new();
    loop {
        let Some((limit, _)) = rest.char_indices().nth(MAX_PHONEMES) else {
            if !rest.is_empty() {
                pieces.push(rest);
            }
            return pieces;
        };
        let head = &rest[..limit];
        let cut = clause_end(head).or_else(|| head.rfind(' ')).filter(|&cut| cut > 0).unwrap_or(limit);
        pieces.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start();
    }
}

/// Where the last clause in `head` ends, if it leaves something on both sides.
fn clause_end(head: &str) -> Option<usize> {
    head.char_indices()
        .zip(head.chars().skip(1))
        .filter(|((_, mark), next)| CLAUSE_MARKS.contains(*mark) && *next == ' ')
        .map(|((at, mark), _)| at + mark.len_utf8())
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_string_is_one_piece() {
        assert_eq!(pieces(" həlˈO ðˈɛɹ. "), ["həlˈO ðˈɛɹ."]);
        assert!(pieces("  ").is_empty());
    }

    #[test]
    fn long_phonemes_are_cut_after_clause_marks() {
        let clause = format!("{}, ", "ˈæ".repeat(75));
        let text = clause.repeat(6);
        let pieces = pieces(&text);
        assert_eq!(pieces.len(), 3);
        assert!(pieces.iter().all(|piece| piece.ends_with(',') && piece.chars().count() <= MAX_PHONEMES));
        assert_eq!(pieces.join(" "), text.trim());
    }

    #[test]
    fn phonemes_without_marks_are_cut_at_spaces_and_then_anywhere() {
        let words = "ˈæbæ ".repeat(200);
        assert!(
            pieces(&words).iter().all(|piece| piece.ends_with('æ') && piece.chars().count() <= MAX_PHONEMES)
        );
        let solid = "æ".repeat(1001);
        let lengths: Vec<usize> = pieces(&solid).iter().map(|piece| piece.chars().count()).collect();
        assert_eq!(lengths, [400, 400, 201]);
    }

    #[test]
    fn an_unknown_character_is_named() {
        let vocabulary = Vocabulary::parse(r#"{"a": 1, "b": 2}"#.as_bytes()).unwrap();
        assert_eq!(vocabulary.ids("abxa"), [0, 1, 2, 1, 0]);
        let error = vocabulary.check("abß").unwrap_err().to_string();
        assert!(error.contains("'ß' (U+00DF)"), "{error}");
    }
}
