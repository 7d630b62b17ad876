//! English text to phonemes: a lexicon with grammar and context, a net for the words that it lacks, and names of
//! letters for what is left. Text that holds a letter or digit always yields something.

mod clean;
mod letters;
mod solved;
mod speller;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use misaki_rs::{G2P, Language, MToken};
use rten::ThreadPool;

use crate::VoiceError;

pub(crate) use speller::Speller;

use solved::{SolvedWords, UNSOLVED};

/// Whose English it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accent {
    American,
    British,
}

impl Accent {
    /// The accent of a BCP 47 language tag.
    pub(crate) fn of(language: &str) -> Self {
        if language.eq_ignore_ascii_case("en-GB") { Self::British } else { Self::American }
    }
}

/// How something begins that is spoken next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning {
    Vowel,
    Consonant,
}

impl Beginning {
    /// How phonemes begin; `None` if they have no sound.
    pub(crate) fn of(phonemes: &str) -> Option<Self> {
        const VOWELS: &str = "AIOQWYaiuæɑɒɐɔəɚɛɜɪʊʌᵊᵻeoyøœɨɯɤ";
        let first = phonemes.chars().find(|c| c.is_alphabetic() && !"ˈˌː".contains(*c))?;
        Some(if VOWELS.contains(first) { Self::Vowel } else { Self::Consonant })
    }

    /// A name that the lexicon knows and that begins so.
    fn stand_in(self) -> &'static str {
        match self {
            Self::Vowel => "Anna",
            Self::Consonant => "Bob",
        }
    }
}

/// A pronouncer of English, shared by all sessions.
pub(crate) struct English {
    misaki: G2P,
    solved: SolvedWords,
    speller: Speller,
    accent: Accent,
}

/// Phonemes with the mark that ends their sentence. The lexicon takes the point of "U.S." or "I." for a part of the
/// word; without it the voice ends as in the middle of a sentence, and without a pause.
fn closed(phonemes: &str, text: &str) -> String {
    let ends = |c: &char| matches!(c, '.' | '!' | '?' | '…');
    let closing = |c: char| matches!(c, '"' | '\'' | '”' | '’' | ')' | ']');
    match text.trim_end_matches(closing).chars().next_back().filter(ends) {
        Some(mark) if phonemes.trim_end_matches(closing).ends_with(char::is_alphabetic) => {
            format!("{phonemes}{mark}")
        }
        _ => phonemes.to_owned(),
    }
}

impl English {
    /// Loads the lexicon of an accent.
    pub(crate) fn new(accent: Accent, speller: Speller) -> Self {
        let language = match accent {
            Accent::American => Language::EnglishUS,
            Accent::British => Language::EnglishGB,
        };
        let solved = SolvedWords::default();
        let misaki = G2P::with_fallback(language, Some(Box::new(solved.clone())));
        Self { misaki, solved, speller, accent }
    }

    /// Phonemes of a text, with a space wherever it had one. Empty only if the text has no letter and no digit.
    /// `next` is how that begins which is spoken after it, if that is known: "the" hangs on it.
    pub(crate) fn phonemes(
        &self,
        text: &str,
        next: Option<Beginning>,
        pool: &Arc<ThreadPool>,
    ) -> Result<String, VoiceError> {
        // The net has met a few letters of other scripts, but what it makes of them is no reading.
        let clean = clean::clean(text, |letter| is_latin(letter) && self.speller.reads(letter));
        if clean.is_empty() {
            return Ok(String::new());
        }
        let mut tokens = self.tokens_before(&clean, next);
        // Words met for the first time are solved and the sentence is read again, since what "the" sounds like
        // depends on the word that follows.
        let mut learnt = false;
        for token in tokens.iter().filter(|token| is_unsolved(token)) {
            let solution = self.solve(&token.text, pool)?;
            self.solved.learn(&token.text, solution);
            learnt = true;
        }
        if learnt {
            tokens = self.tokens_before(&clean, next);
        }
        let mut phonemes = String::new();
        for token in &tokens {
            match &token.phonemes {
                Some(known) if !known.contains(UNSOLVED) => phonemes.push_str(known),
                _ => phonemes.push_str(&self.solve(&token.text, pool)?),
            }
            if !token.whitespace.is_empty() {
                phonemes.push(' ');
            }
        }
        let phonemes = phonemes.trim();
        if phonemes.chars().any(char::is_alphabetic) {
            return Ok(match next {
                Some(_) => phonemes.to_owned(),
                None => closed(phonemes, &clean),
            });
        }
        let spelled = letters::spell(&clean, self.accent);
        Ok(if spelled.is_empty() { phonemes.to_owned() } else { spelled })
    }

    /// The tokens of a text as they are before what comes next.
    fn tokens_before(&self, clean: &str, next: Option<Beginning>) -> Vec<MToken> {
        let Some(next) = next else { return self.tokens(clean) };
        let stand_in = next.stand_in();
        let mut tokens = self.tokens(&format!("{clean} {stand_in}"));
        match tokens.pop() {
            Some(last) if last.text == stand_in => tokens,
            // It became part of something else, and nothing is gained.
            _ => self.tokens(clean),
        }
    }

    fn tokens(&self, clean: &str) -> Vec<MToken> {
        // Its only error is that of a fallback, and ours has none.
        self.misaki.g2p(clean).map(|(_, tokens)| tokens).unwrap_or_default()
    }

    /// Reads a word that the lexicon lacks: part by part, each by the lexicon, the net, or its letters' names.
    fn solve(&self, word: &str, pool: &Arc<ThreadPool>) -> Result<String, VoiceError> {
        let mut parts = Vec::new();
        for part in word.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|part| !part.is_empty()) {
            let part = part.trim_matches('\'');
            let phonemes = match part.split_once('\'') {
                Some((stem, ending)) => self.inflected(part, stem, ending, pool)?,
                None => self.stem(part, word, pool)?,
            };
            if !phonemes.is_empty() {
                parts.push(phonemes);
            }
        }
        Ok(parts.join(" "))
    }

    /// A word with an apostrophe: "Ahab's", "Ahab'll".
    fn inflected(
        &self,
        word: &str,
        stem: &str,
        ending: &str,
        pool: &Arc<ThreadPool>,
    ) -> Result<String, VoiceError> {
        let phonemes = self.stem(stem, word, pool)?;
        let ending = match ending {
            "s" | "S" => return Ok(self.misaki.lexicon.append_s(&phonemes)),
            "d" | "D" => return Ok(self.misaki.lexicon.append_ed(&phonemes)),
            "ll" | "LL" => "əl",
            "ve" | "VE" => "əv",
            "re" | "RE" => "əɹ",
            "m" | "M" => "m",
            _ => return self.by_letters(&word.replace('\'', ""), pool),
        };
        Ok(phonemes + ending)
    }

    /// A word or number without marks, found in `whole`.
    fn stem(&self, stem: &str, whole: &str, pool: &Arc<ThreadPool>) -> Result<String, VoiceError> {
        // Asking for the whole again would not tell more than the first time.
        if stem != whole {
            let tokens = self.tokens(stem);
            if tokens.iter().all(|token| token.phonemes.is_some() && !is_unsolved(token)) {
                let known: String = tokens.iter().filter_map(|token| token.phonemes.as_deref()).collect();
                if !known.is_empty() {
                    return Ok(known);
                }
            }
        }
        let mut phonemes = Vec::new();
        for run in runs(stem) {
            phonemes.push(self.by_letters(run, pool)?);
        }
        Ok(phonemes.join(" "))
    }

    /// A run of letters or of digits.
    fn by_letters(&self, run: &str, pool: &Arc<ThreadPool>) -> Result<String, VoiceError> {
        let pronounceable = run
            .chars()
            .any(|c| c.is_alphabetic() && !"bcdfghjklmnpqrstvwxz".contains(c.to_ascii_lowercase()));
        if pronounceable {
            let read = self.speller.read(run, pool)?;
            if read.chars().any(char::is_alphabetic) {
                return Ok(read);
            }
        }
        Ok(letters::spell(run, self.accent))
    }
}

fn is_unsolved(token: &MToken) -> bool {
    match &token.phonemes {
        None => token.text.chars().any(char::is_alphanumeric),
        Some(phonemes) => phonemes.contains(UNSOLVED),
    }
}

/// Whether a letter is one of Latin script, without the alphabets of phonetics.
fn is_latin(letter: char) -> bool {
    letter < '\u{250}' || ('\u{1e00}'..='\u{1eff}').contains(&letter)
}

/// Splits at each change between digits and other characters.
fn runs(word: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut start = 0;
    for ((at, previous), (next_at, next)) in word.char_indices().zip(word.char_indices().skip(1)) {
        debug_assert!(at < next_at);
        if previous.is_numeric() != next.is_numeric() {
            runs.push(&word[start..next_at]);
            start = next_at;
        }
    }
    if start < word.len() {
        runs.push(&word[start..]);
    }
    runs
}
