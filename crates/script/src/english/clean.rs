//! The first pass, character by character: look-alikes become the characters that the rules know, and what has
//! no spoken form is dropped with its reason. It works on the input's own offsets, so that the account of the
//! manuscript stays exact.

use std::borrow::Cow;
use std::ops::Range;

use rhapsode_book::SkipReason;
use unicode_properties::{EmojiStatus, GeneralCategory, UnicodeEmoji, UnicodeGeneralCategory};

/// Cleaned text and what was left out of it.
pub(super) struct Cleaned<'a> {
    pub text: Cow<'a, str>,
    /// Ordered, disjoint byte ranges of the input.
    pub dropped: Vec<(Range<usize>, SkipReason)>,
}

/// What becomes of a character.
enum Fate {
    Keep,
    Become(&'static str),
    BecomeChar(char),
    Drop(SkipReason),
}

/// ASCII that needs a look at its neighbours; everything else in ASCII but control characters passes.
const ASCII_MARKS: &[u8] = b"*_|^`=~\\+<>#";

/// How far a mark looks for the ends of its token; a bound keeps the work linear.
const TOKEN_CHARACTERS: usize = 64;

/// Cleans a stretch of text.
pub(super) fn clean(input: &str) -> Cleaned<'_> {
    let suspicious = |b: u8| !(0x20..0x7f).contains(&b) || ASCII_MARKS.contains(&b);
    let Some(first) = input.bytes().position(suspicious) else {
        return Cleaned { text: Cow::Borrowed(input), dropped: Vec::new() };
    };
    let mut text = String::with_capacity(input.len() + 8);
    text.push_str(&input[..first]);
    let mut dropped: Vec<(Range<usize>, SkipReason)> = Vec::new();
    for (at, c) in input[first..].char_indices().map(|(at, c)| (at + first, c)) {
        let end = at + c.len_utf8();
        match fate(input, at, c, &text) {
            Fate::Keep => text.push(c),
            Fate::Become(other) => text.push_str(other),
            Fate::BecomeChar(other) => text.push(other),
            Fate::Drop(reason) => {
                // The parts of an emoji sequence share its reason.
                let reason = match dropped.last() {
                    Some((range, SkipReason::Emoji)) if range.end == at && is_emoji_part(c) => {
                        SkipReason::Emoji
                    }
                    _ => reason,
                };
                match dropped.last_mut() {
                    Some((range, last)) if range.end == at && *last == reason => range.end = end,
                    _ => dropped.push((at..end, reason)),
                }
            }
        }
    }
    Cleaned { text: Cow::Owned(text), dropped }
}

fn fate(input: &str, at: usize, c: char, cleaned: &str) -> Fate {
    let next = input[at + c.len_utf8()..].chars().next();
    if c.is_ascii() {
        return ascii_fate(input, at, c, next);
    }
    if c.is_alphanumeric() {
        return letter_fate(c, next, cleaned);
    }
    match c {
        '\u{2009}' | '\u{202f}' if groups_thousands(&input[at + c.len_utf8()..], cleaned) => {
            Fate::BecomeChar(',')
        }
        _ if c.is_whitespace() => Fate::BecomeChar(' '),
        '‐' | '‑' | '⁃' => Fate::BecomeChar('-'),
        '‒' => Fate::BecomeChar('–'),
        '―' | '⸺' | '⸻' => Fate::BecomeChar('—'),
        '′' | 'ʼ' | '＇' => Fate::BecomeChar('\''),
        '″' | '‟' | '〃' => Fate::BecomeChar('"'),
        '‛' => Fate::BecomeChar('‘'),
        '‹' => Fate::BecomeChar('‘'),
        '›' => Fate::BecomeChar('’'),
        '„' | '«' => Fate::BecomeChar('“'),
        '»' => Fate::BecomeChar('”'),
        '⁄' | '∕' => Fate::BecomeChar('/'),
        '℃' => Fate::Become("°C"),
        '℉' => Fate::Become("°F"),
        '€' | '£' | '¥' | '¢' | '₹' | '₽' | '₩' | '₪' | '°' | '§' | '¶' | '©' | '‰' | '×' | '÷' | '±'
        | '≤' | '≥' | '≠' | '≈' | '→' | '√' | '∞' | '№' | '℅' | '−' => Fate::Keep,
        '’' if ends_word(cleaned) && next.is_some_and(char::is_alphanumeric) => Fate::BecomeChar('\''),
        '‘' | '’' | '“' | '”' | '–' | '—' | '…' | '¿' | '¡' => Fate::Keep,
        '⁻' if matches!(next, Some('²' | '³' | '¹' | '⁰' | '⁴'..='⁹')) => Fate::Keep,
        _ if next == Some('\u{fe0f}') && c.is_emoji_char() => Fate::Drop(SkipReason::Emoji),
        _ => category_fate(c),
    }
}

fn category_fate(c: char) -> Fate {
    let emoji = matches!(
        c.emoji_status(),
        EmojiStatus::EmojiPresentation
            | EmojiStatus::EmojiPresentationAndModifierBase
            | EmojiStatus::EmojiPresentationAndEmojiComponent
            | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent
    );
    if emoji {
        return Fate::Drop(SkipReason::Emoji);
    }
    match c.general_category() {
        GeneralCategory::Control
        | GeneralCategory::Format
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::Surrogate
        | GeneralCategory::Unassigned => Fate::Drop(SkipReason::ControlCharacter),
        GeneralCategory::NonspacingMark if is_variation_selector(c) => {
            Fate::Drop(SkipReason::ControlCharacter)
        }
        GeneralCategory::OtherSymbol
        | GeneralCategory::MathSymbol
        | GeneralCategory::ModifierSymbol
        | GeneralCategory::CurrencySymbol
        | GeneralCategory::EnclosingMark
        | GeneralCategory::PrivateUse => Fate::Drop(SkipReason::Ornament),
        // Daggers, bullets and other marks of Latin typography; the punctuation of other scripts stays.
        GeneralCategory::OtherPunctuation if matches!(c, '\u{80}'..='\u{ff}' | '\u{2000}'..='\u{2e7f}') => {
            Fate::Drop(SkipReason::Ornament)
        }
        _ => Fate::Keep,
    }
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// What joins or colours emoji and has no life of its own.
fn is_emoji_part(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}') || is_variation_selector(c)
}

/// Letters and digits in other clothes.
fn letter_fate(c: char, next: Option<char>, cleaned: &str) -> Fate {
    match c {
        'ﬀ' => Fate::Become("ff"),
        'ﬁ' => Fate::Become("fi"),
        'ﬂ' => Fate::Become("fl"),
        'ﬃ' => Fate::Become("ffi"),
        'ﬄ' => Fate::Become("ffl"),
        'ﬅ' | 'ﬆ' => Fate::Become("st"),
        'ſ' => Fate::BecomeChar('s'),
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => folded(c, 0xfee0),
        '₀'..='₉' => folded(c, 0x2080 - 0x30),
        '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' if marks_a_note(cleaned) => {
            Fate::Drop(SkipReason::NoteReference)
        }
        'ˢ' | 'ᵗ' | 'ʰ' | 'ⁿ' | 'ᵈ' | 'ʳ' if ends_word(cleaned) => {
            Fate::BecomeChar(superscript_letter(c))
        }
        'Ⅰ' => Fate::BecomeChar('I'),
        'Ⅱ' => Fate::Become("II"),
        'Ⅲ' => Fate::Become("III"),
        'Ⅳ' => Fate::Become("IV"),
        'Ⅴ' => Fate::BecomeChar('V'),
        'Ⅵ' => Fate::Become("VI"),
        'Ⅶ' => Fate::Become("VII"),
        'Ⅷ' => Fate::Become("VIII"),
        'Ⅸ' => Fate::Become("IX"),
        'Ⅹ' => Fate::BecomeChar('X'),
        'Ⅺ' => Fate::Become("XI"),
        'Ⅻ' => Fate::Become("XII"),
        'ʼ' => Fate::BecomeChar('\''),
        _ if next == Some('\u{fe0f}') && c.is_emoji_char() => Fate::Drop(SkipReason::Emoji),
        // Letters in circles and squares count as alphabetic, but are pictures.
        '\u{1f130}'..='\u{1f189}' | '\u{24b6}'..='\u{24e9}' => category_fate(c),
        _ => Fate::Keep,
    }
}

fn folded(c: char, distance: u32) -> Fate {
    char::from_u32(u32::from(c) - distance).map_or(Fate::Keep, Fate::BecomeChar)
}

fn superscript_letter(c: char) -> char {
    match c {
        'ˢ' => 's',
        'ᵗ' => 't',
        'ʰ' => 'h',
        'ⁿ' => 'n',
        'ᵈ' => 'd',
        _ => 'r',
    }
}

/// A superscript digit after a longer word or after punctuation points at a note; after a digit, a unit or a
/// variable it is a power.
fn marks_a_note(cleaned: &str) -> bool {
    match cleaned.chars().next_back() {
        None => true,
        Some(last) if last.is_ascii_digit() => false,
        Some('⁻' | '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | ')') => false,
        Some(last) if last.is_alphabetic() => {
            cleaned.chars().rev().take_while(|c| c.is_alphabetic()).count() > 2
        }
        Some(_) => true,
    }
}

/// A thin space between groups of three digits is a grouping comma.
fn groups_thousands(rest: &str, cleaned: &str) -> bool {
    let run = rest.bytes().take_while(u8::is_ascii_digit).count();
    run == 3 && cleaned.ends_with(|c: char| c.is_ascii_digit())
}

/// ASCII marks have a spoken form only between words or figures.
fn ascii_fate(input: &str, at: usize, c: char, next: Option<char>) -> Fate {
    if c.is_ascii_whitespace() {
        return if c == ' ' { Fate::Keep } else { Fate::BecomeChar(' ') };
    }
    if c.is_ascii_control() {
        return Fate::Drop(SkipReason::ControlCharacter);
    }
    if !ASCII_MARKS.contains(&(c as u8)) {
        return Fate::Keep;
    }
    let before = input[..at].chars().next_back();
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let far_before = input[..at].trim_end().chars().next_back();
    let far_next = input[at + 1..].trim_start().chars().next();
    let spoken = match c {
        '#' => word(next) || word(before),
        '+' => {
            word(before)
                || word(next)
                || next == Some('+')
                || before == Some('+')
                || far_before.is_some_and(is_term) && word(far_next)
        }
        '~' => word(next),
        '*' => far_before.is_some_and(|c| c.is_ascii_digit()) && far_next.is_some_and(|c| c.is_ascii_digit()),
        '=' | '<' | '>' => far_before.is_some_and(is_term) && (word(far_next) || is_sign(far_next)),
        '_' => word(before) && word(next) && !in_emphasis(input, at),
        '\\' | '^' => word(before) && word(next),
        _ => false,
    };
    if c == '`' && word(next) && !word(before) {
        return Fate::BecomeChar('‘');
    }
    if spoken { Fate::Keep } else { Fate::Drop(SkipReason::Ornament) }
}

/// Whether the token around an underscore has one at an end: `_un_known` is stressed, `snake_case` is a name.
fn in_emphasis(input: &str, at: usize) -> bool {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let before = input[..at].chars().rev().take(TOKEN_CHARACTERS).take_while(|c| inside(*c)).last();
    let after = input[at + 1..].chars().take(TOKEN_CHARACTERS).take_while(|c| inside(*c)).last();
    before == Some('_') || after == Some('_')
}

fn ends_word(cleaned: &str) -> bool {
    cleaned.ends_with(|c: char| c.is_alphanumeric())
}

/// What can end a term of a sum.
fn is_term(c: char) -> bool {
    c.is_alphanumeric() || c == ')'
}

fn is_sign(c: Option<char>) -> bool {
    matches!(c, Some('-' | '−' | '+' | '$' | '£' | '€' | '.' | '('))
}
