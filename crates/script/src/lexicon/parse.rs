//! The lexicon's file format. Every refusal names a line, since a lexicon is written by hand.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Case, Entry, Extent, Lexicon};
use crate::{Pronunciation, ScriptError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    words: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    word: Vec<Spanned<Row>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    word: String,
    respelling: Option<String>,
    phonemes: Option<String>,
    case: Option<Case>,
    #[serde(default, rename = "match")]
    extent: Extent,
    language: Option<String>,
}

pub(super) fn parse(toml: &str) -> Result<Lexicon, ScriptError> {
    let wrong = |at: usize, reason: String| ScriptError::Lexicon { line: line_of(toml, at), reason };
    let file: File = toml::from_str(toml).map_err(|error| {
        wrong(error.span().map_or(0, |span| span.start), error.message().replace('\n', " "))
    })?;
    let mut entries = Vec::with_capacity(file.words.len() + file.word.len());
    for (word, sound) in file.words {
        let at = sound.span().start;
        let pronunciation = short(sound.into_inner());
        entries
            .push(entry(word, pronunciation, None, Extent::Word, None).map_err(|reason| wrong(at, reason))?);
    }
    for row in file.word {
        let at = row.span().start;
        entries.push(long(row.into_inner()).map_err(|reason| wrong(at, reason))?);
    }
    Ok(Lexicon { entries })
}

/// A value of the short table: phonemes stand between slashes, as in a dictionary.
fn short(sound: String) -> Pronunciation {
    match sound.trim().strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        Some(phonemes) => Pronunciation::Phonemes(phonemes.into()),
        None => Pronunciation::Respelling(sound),
    }
}

fn long(row: Row) -> Result<Entry, String> {
    let pronunciation = match (row.respelling, row.phonemes) {
        (Some(respelling), None) => Pronunciation::Respelling(respelling),
        (None, Some(phonemes)) => Pronunciation::Phonemes(phonemes.trim().trim_matches('/').into()),
        (Some(_), Some(_)) => {
            return Err(format!("`{}` has both a respelling and phonemes; keep one of them", row.word));
        }
        (None, None) => {
            return Err(format!(
                "`{}` has no pronunciation; add respelling = \"…\" or phonemes = \"…\"",
                row.word
            ));
        }
    };
    entry(row.word, pronunciation, row.case, row.extent, row.language)
}

fn entry(
    word: String,
    pronunciation: Pronunciation,
    case: Option<Case>,
    extent: Extent,
    language: Option<String>,
) -> Result<Entry, String> {
    let word = word.split_whitespace().collect::<Vec<_>>().join(" ");
    if !word.contains(char::is_alphanumeric) {
        return Err(format!(
            "the word `{word}` has no letter or digit; write the word as it stands in the book"
        ));
    }
    let (Pronunciation::Respelling(sound) | Pronunciation::Phonemes(sound)) = &pronunciation;
    if !sound.contains(char::is_alphanumeric) {
        return Err(format!(
            "the pronunciation of `{word}` is empty; write how it sounds or remove the entry"
        ));
    }
    let written_small = !word.contains(char::is_uppercase);
    let case = case.unwrap_or(if written_small { Case::Any } else { Case::Exact });
    Ok(Entry { word, pronunciation, case, extent, language })
}

/// The line, from 1, that a byte stands in.
fn line_of(toml: &str, at: usize) -> usize {
    1 + toml.bytes().take(at).filter(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(toml: &str) -> (usize, String) {
        match parse(toml).unwrap_err() {
            ScriptError::Lexicon { line, reason } => (line, reason),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn both_forms_are_read_and_slashes_mean_phonemes() {
        let toml = "[words]\nAhab = \"ay-hab\"\nqueequeg = \"/kwˈikwɛɡ/\"\n[[word]]\nword = \"St.  Elmo\"\nphonemes = \"/sAnt ˈɛlmO/\"\nmatch = \"part\"\ncase = \"any\"\nlanguage = \"en\"\n";
        let lexicon = parse(toml).unwrap();
        let ahab = &lexicon.entries[0];
        assert_eq!(
            (ahab.case, &ahab.pronunciation),
            (Case::Exact, &Pronunciation::Respelling("ay-hab".into()))
        );
        let queequeg = &lexicon.entries[1];
        assert_eq!(queequeg.case, Case::Any, "written small, it is found in any case");
        assert_eq!(queequeg.pronunciation, Pronunciation::Phonemes("kwˈikwɛɡ".into()));
        let elmo = &lexicon.entries[2];
        assert_eq!((elmo.word.as_str(), elmo.extent, elmo.case), ("St. Elmo", Extent::Part, Case::Any));
        assert_eq!(elmo.pronunciation, Pronunciation::Phonemes("sAnt ˈɛlmO".into()));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let (line, reason) = refusal("[[word]]\nword = \"a\"\nrespeling = \"b\"\n");
        assert_eq!(line, 3);
        assert!(reason.contains("respeling"), "{reason}");
    }

    #[test]
    fn two_pronunciations_or_none_are_refused_with_advice() {
        let (line, reason) = refusal("\n[[word]]\nword = \"a\"\nrespelling = \"b\"\nphonemes = \"c\"\n");
        assert_eq!((line, reason.contains("keep one")), (2, true), "{reason}");
        let (line, reason) = refusal("[[word]]\nword = \"a\"\nrespelling = \"b\"\n[[word]]\nword = \"x\"\n");
        assert_eq!((line, reason.contains("`x` has no pronunciation; add")), (4, true), "{reason}");
    }

    #[test]
    fn a_word_or_a_sound_without_letters_is_refused() {
        assert_eq!(refusal("[words]\nb = \"x\"\n\"--\" = \"dash\"\n").0, 3);
        assert!(refusal("[words]\na = \" \"\n").1.contains("is empty"));
    }

    #[test]
    fn a_broken_file_is_refused_at_its_line() {
        assert_eq!(refusal("[words]\na = \"x\"\nb = \n").0, 3);
    }
}
