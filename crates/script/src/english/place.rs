//! A place in the text and what can be seen from it. Every rule is a function from a place to a reading, so
//! that the rules stay independent of each other and their order is one table.

use super::context::{BlockKind, Context, Dialect};

/// A place in the cleaned text, at the start of a token.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The whole stretch, cleaned.
    pub text: &'a str,
    /// Byte offset of the token, on a character boundary.
    pub at: usize,
    /// What surrounds the stretch.
    pub context: &'a Context<'a>,
    /// How its capitals are to be taken.
    pub case: Case,
}

/// How capitals are to be taken in a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// Capitals mean something.
    Mixed,
    /// Everything is in capitals, so they mean nothing.
    Shouted,
}

/// What a rule makes of the text from its place on.
pub(super) struct Reading {
    /// Where the reading ends, in bytes of the stretch.
    pub end: usize,
    /// What is said.
    pub spoken: String,
}

impl Reading {
    pub fn new(end: usize, spoken: impl Into<String>) -> Option<Self> {
        Some(Self { end, spoken: spoken.into() })
    }
}

/// A rule: `None` where it has nothing to say.
pub(super) type Rule = fn(&Place<'_>) -> Option<Reading>;

impl<'a> Place<'a> {
    /// The text from here on.
    pub fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The text from here on, as far as a rule looks ahead.
    pub fn window(&self) -> &'a str {
        let inside = self.previous_char().is_some_and(|c| c.is_ascii_graphic());
        let bytes = if inside { INNER_WINDOW_BYTES } else { WINDOW_BYTES };
        let rest = self.rest();
        &rest[..rest.floor_char_boundary(bytes)]
    }

    /// The same view from another offset.
    pub fn moved(&self, at: usize) -> Self {
        Self { at, ..*self }
    }

    /// The character before this one in the stretch.
    pub fn previous_char(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    /// The run without white space before this place, `""` at the start of the block.
    pub fn previous_token(&self) -> &'a str {
        token_before(&self.text[..self.at]).or_else(|| token_before(self.before_stretch())).unwrap_or("")
    }

    /// The two tokens before this place, nearer one last.
    pub fn previous_two_tokens(&self) -> (&'a str, &'a str) {
        let nearer = self.previous_token();
        let before = self.text[..self.at].trim_end();
        let farther = match before.strip_suffix(nearer) {
            Some(text) if !before.is_empty() => {
                token_before(text).or_else(|| token_before(self.before_stretch()))
            }
            _ => self.before_stretch().trim_end().strip_suffix(nearer).and_then(token_before),
        };
        (farther.unwrap_or(""), nearer)
    }

    /// What stands before the stretch in its sentence. White space after a closing mark parts two sentences; a
    /// stretch that the lexicon cut out begins with its own.
    fn before_stretch(&self) -> &'a str {
        let before = self.context.before;
        let marked = before.trim_end();
        let parted = marked.len() < before.len()
            && marked.ends_with(['.', '!', '?', '…', '”', '"', '’', '\'', ')', ':']);
        if parted { "" } else { before }
    }

    /// Whether no word of the sentence stands before this place.
    pub fn starts_sentence(&self) -> bool {
        !self.text[..self.at].contains(char::is_alphanumeric) && self.before_stretch().trim().is_empty()
    }

    /// Whether nothing of the stretch follows `from`.
    pub fn ends_stretch(&self, from: usize) -> bool {
        self.text[from..].trim_start().is_empty()
    }

    /// The word before this place without its brackets, quotes and full stop; `""` where other punctuation
    /// stands between.
    pub fn previous_word(&self) -> &'a str {
        bare(self.previous_token())
    }

    /// The word after `from`, `""` where punctuation stands between or nothing follows.
    pub fn next_word(&self, from: usize) -> &'a str {
        let rest = self.text[from..].trim_start();
        let rest = if rest.is_empty() { self.context.after.trim_start() } else { rest };
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '\'')).unwrap_or(rest.len());
        &rest[..end]
    }

    /// Whether nothing but closing marks follows `from` in the sentence.
    pub fn ends_sentence(&self, from: usize) -> bool {
        let closing = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '’' | '”' | ')' | ']' | '»');
        if !self.text[from..].trim_start_matches(closing).is_empty() {
            return false;
        }
        let after = self.context.after.trim_start_matches(closing);
        !after.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit() || matches!(c, ',' | ';' | ':'))
    }

    /// Whether the block is a heading.
    pub fn in_heading(&self) -> bool {
        self.context.block == BlockKind::Heading
    }

    /// Whose English it is.
    pub fn dialect(&self) -> Dialect {
        self.context.dialect
    }
}

/// The last run without white space, or as much of it as a rule looks back.
fn token_before(text: &str) -> Option<&str> {
    let start = text.floor_char_boundary(text.len().saturating_sub(LOOK_BACK_BYTES));
    text[start..].split_whitespace().next_back()
}

/// A token without brackets, quotes and full stop; `""` if it ends with other punctuation.
pub(super) fn bare(token: &str) -> &str {
    let word = token.trim_start_matches(|c: char| !c.is_alphanumeric());
    let word = word.strip_suffix('.').unwrap_or(word);
    if word.ends_with(|c: char| !c.is_alphanumeric() && c != '\'') { "" } else { word }
}

/// Whether `text` goes on with a letter or digit, so that what stands before it is not a whole token.
pub(super) fn goes_on(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphanumeric())
}

/// The run of ASCII digits that `text` starts with.
pub(super) fn digits(text: &str) -> &str {
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    &text[..end]
}

/// The run of letters that `text` starts with.
pub(super) fn letters(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    &text[..end]
}

/// How far a rule looks back. Every part of a token like `a.a.a.a` looks, so the bound keeps the work linear.
const LOOK_BACK_BYTES: usize = 128;

/// How far a rule looks ahead: a bound keeps the work linear however long a stretch is.
const WINDOW_BYTES: usize = 2048;

/// How far a rule looks ahead from the inside of a token, whose start has already looked [`WINDOW_BYTES`] far.
const INNER_WINDOW_BYTES: usize = 128;

/// The start of `text`, as far as a rule looks ahead.
pub(super) fn window(text: &str) -> &str {
    &text[..text.floor_char_boundary(WINDOW_BYTES)]
}

/// Whether the word starts with a capital.
pub(super) fn is_capitalised(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_endless_token_look_only_so_far_around_them() {
        let text = "a.".repeat(10_000);
        let context = Context::default();
        let place = |at| Place { text: &text, at, context: &context, case: Case::Mixed };
        let (farther, nearer) = place(10_000).previous_two_tokens();
        assert_eq!((farther.len(), nearer.len()), (LOOK_BACK_BYTES, LOOK_BACK_BYTES));
        assert_eq!(place(10_000).window().len(), INNER_WINDOW_BYTES);
        assert_eq!(place(0).window().len(), WINDOW_BYTES);
    }
}
