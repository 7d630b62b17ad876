//! The normalisers by language. Another language is one line in [`NORMALISERS`]; a language without one passes
//! unchanged but for marks that have no sound anywhere.

use std::ops::Range;

use rhapsode_book::SkipReason;
use unicode_properties::{EmojiStatus, UnicodeEmoji};

use crate::english;
use crate::language::primary;

/// Where a stretch of text stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The line before the stretch.
    pub before: &'a str,
    /// The line after it.
    pub after: &'a str,
    /// Whether the line is a heading.
    pub setting: Setting,
    /// BCP 47 language of the stretch.
    pub language: &'a str,
}

/// What kind of line a stretch stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    Prose,
    Heading,
}

/// A stretch as it is spoken, and the byte ranges of it that have no spoken form, ordered and disjoint.
pub(crate) struct Normalised {
    pub text: String,
    pub dropped: Vec<(Range<usize>, SkipReason)>,
}

type Normaliser = fn(&str, &Place<'_>) -> Normalised;

/// Normalisers by primary language subtag.
const NORMALISERS: &[(&str, Normaliser)] = &[("en", english)];

/// Makes a stretch of text speakable in its language. White space at both ends is kept.
pub(crate) fn normalise(text: &str, place: &Place<'_>) -> Normalised {
    let language = primary(place.language);
    let known = NORMALISERS.iter().find(|(tag, _)| language.eq_ignore_ascii_case(tag));
    known.map_or(unchanged as Normaliser, |(_, normaliser)| *normaliser)(text, place)
}

fn english(text: &str, place: &Place<'_>) -> Normalised {
    let block = match place.setting {
        Setting::Prose => english::BlockKind::Prose,
        Setting::Heading => english::BlockKind::Heading,
    };
    let dialect = english::Dialect::of_language(place.language);
    let context = english::Context { before: place.before, after: place.after, block, dialect };
    let english::Normalised { text, dropped } = english::normalise(text, &context);
    Normalised { text, dropped }
}

/// Leaves out what no language speaks; joiners stay, since Persian and the scripts of India spell with them.
fn unchanged(text: &str, _: &Place<'_>) -> Normalised {
    let mut kept = String::with_capacity(text.len());
    let mut dropped: Vec<(Range<usize>, SkipReason)> = Vec::new();
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        let after_emoji = dropped.last().is_some_and(|(range, r)| range.end == at && *r == SkipReason::Emoji);
        let reason = match c {
            _ if c.is_ascii() && !c.is_control() => None,
            '\u{200d}' | '\u{fe0f}' | '\u{20e3}' if after_emoji => Some(SkipReason::Emoji),
            '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' => {
                Some(SkipReason::ControlCharacter)
            }
            _ if c.is_control() => Some(SkipReason::ControlCharacter),
            _ if is_emoji(c) => Some(SkipReason::Emoji),
            _ => None,
        };
        match (reason, dropped.last_mut()) {
            (None, _) => kept.push(c),
            (Some(reason), Some((range, last))) if range.end == at && *last == reason => range.end = end,
            (Some(reason), _) => dropped.push((at..end, reason)),
        }
    }
    Normalised { text: kept, dropped }
}

fn is_emoji(c: char) -> bool {
    matches!(
        c.emoji_status(),
        EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiPresentationAndEmojiComponent
            | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str, language: &str) -> String {
        normalise(text, &Place { before: "", after: "", setting: Setting::Prose, language }).text
    }

    #[test]
    fn english_is_normalised_and_other_languages_pass_unchanged() {
        assert_eq!(spoken("He had 3 ships.", "en-GB"), "He had three ships.");
        assert_eq!(spoken("Er hatte 3 Schiffe.", "de"), "Er hatte 3 Schiffe.");
    }

    #[test]
    fn what_no_language_speaks_is_dropped_with_its_place_and_reason() {
        let place = Place { before: "", after: "", setting: Setting::Prose, language: "de" };
        let normalised = normalise("Ge\u{ad}duld 👩\u{200d}🚀!", &place);
        assert_eq!(normalised.text, "Geduld !");
        assert_eq!(normalised.dropped, [(2..4, SkipReason::ControlCharacter), (9..20, SkipReason::Emoji)]);
    }

    #[test]
    fn joiners_that_spell_words_stay() {
        assert_eq!(spoken("می\u{200c}خواهم", "fa"), "می\u{200c}خواهم");
    }
}
