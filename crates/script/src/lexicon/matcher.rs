//! Finds a lexicon's words in a text, all of them in one pass, so that ten thousand entries cost what ten do.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::{Case, Entry, Extent, Lexicon};
use crate::language::primary;
use crate::{Pronunciation, ScriptError};

/// A lexicon made ready for search.
#[derive(Debug)]
pub(crate) struct Matcher {
    automaton: Option<AhoCorasick>,
    /// The entry and its spelling of each pattern of the automaton.
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    entry: Entry,
    /// The word with the apostrophes of this pattern.
    word: String,
}

/// A word whose pronunciation is given, with its possessive `'s` if it has one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Bytes of the text.
    pub range: Range<usize>,
    pub pronunciation: Pronunciation,
}

impl Matcher {
    /// Makes a lexicon ready.
    ///
    /// # Errors
    /// [`ScriptError::LexiconTooLarge`] beyond some hundred million characters.
    pub(crate) fn new(lexicon: &Lexicon) -> Result<Self, ScriptError> {
        let mut patterns = Vec::with_capacity(lexicon.entries.len());
        for entry in &lexicon.entries {
            patterns.push(Pattern { word: entry.word.clone(), entry: entry.clone() });
            // Books write both apostrophes; the offsets of a text must not change in the search.
            for (other, apostrophe) in [('\'', "’"), ('’', "'")] {
                if entry.word.contains(other) {
                    patterns
                        .push(Pattern { word: entry.word.replace(other, apostrophe), entry: entry.clone() });
                }
            }
        }
        let automaton = if patterns.is_empty() {
            None
        } else {
            let folded = patterns.iter().map(|p| fold(&p.word));
            Some(AhoCorasick::new(folded).map_err(|error| ScriptError::LexiconTooLarge(error.to_string()))?)
        };
        Ok(Self { automaton, patterns })
    }

    /// The words in a part of a line, ordered and disjoint: of those that overlap the first, and of those that
    /// begin together the longest.
    pub(crate) fn find(&self, line: &str, part: Range<usize>, language: &str) -> Vec<Found> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let folded = fold(&line[part.clone()]);
        let mut candidates: Vec<(Range<usize>, usize)> = automaton
            .find_overlapping_iter(&folded)
            .map(|m| (part.start + m.start()..part.start + m.end(), m.pattern().as_usize()))
            .filter(|(range, pattern)| self.patterns[*pattern].allows(line, range, language))
            .collect();
        // Later entries override earlier ones, and an entry for exact capitals one for any.
        candidates.sort_by_key(|(range, pattern)| {
            let any_case = self.patterns[*pattern].entry.case == Case::Any;
            (range.start, std::cmp::Reverse(range.end), any_case, std::cmp::Reverse(*pattern))
        });
        let mut found: Vec<Found> = Vec::new();
        for (range, pattern) in candidates {
            if found.last().is_none_or(|last| last.range.end <= range.start) {
                found.push(self.patterns[pattern].found(line, range, part.end, language));
            }
        }
        found
    }
}

impl Pattern {
    fn allows(&self, line: &str, range: &Range<usize>, language: &str) -> bool {
        let entry = &self.entry;
        (entry.case == Case::Any || line[range.clone()] == self.word)
            && (entry.extent == Extent::Part || is_whole_word(line, range))
            && entry.language.as_deref().is_none_or(|l| primary(l).eq_ignore_ascii_case(primary(language)))
    }

    fn found(&self, line: &str, range: Range<usize>, limit: usize, language: &str) -> Found {
        let pronunciation = self.entry.pronunciation.clone();
        let possessive =
            if self.entry.extent == Extent::Word { possessive(&line[range.end..limit]) } else { None };
        match possessive {
            Some(mark) if primary(language).eq_ignore_ascii_case("en") => Found {
                range: range.start..range.end + mark.len(),
                pronunciation: with_possessive(pronunciation),
            },
            _ => Found { range, pronunciation },
        }
    }
}

/// Small letters, where they are as long as the capitals, so that offsets stay.
fn fold(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut small = c.to_lowercase();
            match (small.next(), small.next()) {
                (Some(one), None) if one.len_utf8() == c.len_utf8() => one,
                _ => c,
            }
        })
        .collect()
}

/// Unicode's word boundaries (UAX #29) at both ends, but a possessive may follow.
fn is_whole_word(line: &str, range: &Range<usize>) -> bool {
    let word = &line[range.clone()];
    let inner = |c: char| c.is_alphanumeric() || c == '_' || is_mark(c);
    let joins = |c: char| matches!(c, '\'' | '’' | '.' | '·');
    let mut before = line[..range.start].chars().rev();
    let starts = !word.starts_with(inner)
        || match before.next() {
            Some(c) if inner(c) => false,
            Some(c) if joins(c) => !before.next().is_some_and(inner),
            _ => true,
        };
    let rest = &line[range.end..];
    let mut after = rest.chars();
    let ends = !word.ends_with(inner)
        || match after.next() {
            Some(c) if inner(c) => false,
            Some(c) if joins(c) => !after.next().is_some_and(inner) || possessive(rest).is_some(),
            _ => true,
        };
    starts && ends
}

fn is_mark(c: char) -> bool {
    use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
    !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Mark
}

/// The possessive at the head of what follows a word.
fn possessive(rest: &str) -> Option<&str> {
    let length = ["'s", "’s", "'S", "’S"].iter().find(|mark| rest.starts_with(**mark))?.len();
    (!rest[length..].starts_with(char::is_alphanumeric)).then(|| &rest[..length])
}

/// English adds the sound that fits the last one.
fn with_possessive(pronunciation: Pronunciation) -> Pronunciation {
    match pronunciation {
        Pronunciation::Respelling(sound) => Pronunciation::Respelling(sound + "'s"),
        Pronunciation::Phonemes(sound) => {
            let ending = match sound.trim_end_matches(['ˈ', 'ˌ', 'ː']).chars().next_back() {
                Some('s' | 'z' | 'ʃ' | 'ʒ' | 'ʧ' | 'ʤ') => "ᵻz",
                Some('p' | 't' | 'k' | 'f' | 'θ') => "s",
                _ => "z",
            };
            Pronunciation::Phonemes(sound + ending)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(toml: &str, line: &str) -> Vec<String> {
        let matcher = Matcher::new(&Lexicon::parse(toml).unwrap()).unwrap();
        let spelt = |found: Found| {
            let (Pronunciation::Respelling(sound) | Pronunciation::Phonemes(sound)) = found.pronunciation;
            format!("{}={sound}", &line[found.range])
        };
        matcher.find(line, 0..line.len(), "en").into_iter().map(spelt).collect()
    }

    #[test]
    fn words_are_found_whole_and_not_inside_others() {
        let toml = "[words]\nann = \"an\"\n";
        assert_eq!(
            found(toml, "Ann's annual (ann), O'Ann Ann-Marie ann.com"),
            ["Ann's=an's", "ann=an", "Ann=an"]
        );
    }

    #[test]
    fn capitals_count_where_the_entry_has_them() {
        let toml = "[words]\nPolish = \"poh-lish\"\nreading = \"reed-ing\"\n";
        assert_eq!(found(toml, "Polish polish READING"), ["Polish=poh-lish", "READING=reed-ing"]);
    }

    #[test]
    fn an_exact_entry_comes_before_one_for_any_case() {
        let toml = "[words]\nReading = \"redding\"\nreading = \"reed-ing\"\n";
        assert_eq!(found(toml, "Reading reading"), ["Reading=redding", "reading=reed-ing"]);
    }

    #[test]
    fn the_longest_match_wins() {
        let toml =
            "[words]\n\"New\" = \"noo\"\n\"New York\" = \"noo york\"\n\"York Minster\" = \"minster\"\n";
        assert_eq!(found(toml, "New York Minster, New"), ["New York=noo york", "New=noo"]);
    }

    #[test]
    fn a_part_is_found_inside_words() {
        let toml = "[[word]]\nword = \"cester\"\nrespelling = \"ster\"\nmatch = \"part\"\n";
        assert_eq!(found(toml, "Worcester"), ["cester=ster"]);
    }

    #[test]
    fn possessives_sound_as_the_last_phoneme_asks() {
        let toml = "[words]\nJames = \"/ʤˈAmz/\"\nKeith = \"/kˈiθ/\"\nAhab = \"/ˈAhæb/\"\n";
        assert_eq!(
            found(toml, "James’s Keith's Ahab’s"),
            ["James’s=ʤˈAmzᵻz", "Keith's=kˈiθs", "Ahab’s=ˈAhæbz"]
        );
    }

    #[test]
    fn either_apostrophe_finds_the_word() {
        assert_eq!(found("[words]\n\"O'Brien\" = \"oh-bry-en\"\n", "O’Brien and O'Brien").len(), 2);
    }

    #[test]
    fn an_entry_for_a_language_is_silent_in_others() {
        let toml = "[[word]]\nword = \"chat\"\nrespelling = \"shah\"\nlanguage = \"fr\"\n";
        let matcher = Matcher::new(&Lexicon::parse(toml).unwrap()).unwrap();
        assert!(matcher.find("le chat", 0..7, "en-GB").is_empty());
        assert_eq!(matcher.find("le chat", 0..7, "fr-CA").len(), 1);
    }

    #[test]
    fn ten_thousand_entries_are_all_found() {
        let entries: String = (0..10_000).map(|n| format!("name{n} = \"sound {n}\"\n")).collect();
        let line: String = (0..10_000).map(|n| format!("Name{n} ")).collect();
        let found = found(&format!("[words]\n{entries}"), &line);
        assert_eq!(found.len(), 10_000);
        assert_eq!(found[4321], "Name4321=sound 4321");
    }

    #[test]
    fn a_later_lexicon_overrides_the_same_word() {
        let lexicon = |sound: &str| Lexicon::parse(&format!("[words]\nAhab = \"{sound}\"\n")).unwrap();
        let merged = lexicon("ah").merge(lexicon("ay"));
        assert_eq!(merged.len(), 1);
        let found = Matcher::new(&merged).unwrap().find("Ahab", 0..4, "en");
        assert_eq!(found[0].pronunciation, Pronunciation::Respelling("ay".into()));
    }
}
