//! Which language a stretch of text is in: what the manuscript says, and where that cannot be, what the letters say.

use std::borrow::Cow;
use std::ops::Range;

use unicode_script::{Script, UnicodeScript};

use crate::flow::Flow;

/// A writing system, the language that text in it is taken for, and the other languages that are written in it.
struct Writing {
    script: Script,
    guess: &'static str,
    others: &'static [&'static str],
}

/// Latin is not here: any language may be written in it.
static WRITINGS: &[Writing] = &[
    writing(Script::Greek, "el", &["grc"]),
    writing(
        Script::Cyrillic,
        "ru",
        &[
            "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg", "tt", "ba", "ce", "cv", "os", "uz", "az",
            "bs", "cu",
        ],
    ),
    writing(Script::Han, "zh", &["ja", "ko", "yue", "wuu", "nan", "hak", "lzh", "cmn", "vi"]),
    writing(Script::Hiragana, "ja", &[]),
    writing(Script::Katakana, "ja", &["ain"]),
    writing(Script::Hangul, "ko", &[]),
    writing(Script::Bopomofo, "zh", &["cmn", "nan", "hak"]),
    writing(
        Script::Arabic,
        "ar",
        &["fa", "ur", "ps", "ckb", "ku", "sd", "ug", "ks", "az", "pa", "prs", "arz"],
    ),
    writing(Script::Hebrew, "he", &["iw", "yi", "lad", "arc"]),
    writing(Script::Syriac, "syr", &["arc"]),
    writing(Script::Armenian, "hy", &["hyw"]),
    writing(Script::Georgian, "ka", &[]),
    writing(Script::Ethiopic, "am", &["ti", "gez", "tig"]),
    writing(Script::Devanagari, "hi", &["mr", "ne", "sa", "kok", "mai", "bho"]),
    writing(Script::Bengali, "bn", &["as", "mni"]),
    writing(Script::Gurmukhi, "pa", &[]),
    writing(Script::Gujarati, "gu", &[]),
    writing(Script::Oriya, "or", &[]),
    writing(Script::Tamil, "ta", &[]),
    writing(Script::Telugu, "te", &[]),
    writing(Script::Kannada, "kn", &[]),
    writing(Script::Malayalam, "ml", &[]),
    writing(Script::Sinhala, "si", &["pi"]),
    writing(Script::Thai, "th", &[]),
    writing(Script::Lao, "lo", &[]),
    writing(Script::Khmer, "km", &[]),
    writing(Script::Myanmar, "my", &["shn"]),
    writing(Script::Tibetan, "bo", &["dz"]),
    writing(Script::Cherokee, "chr", &[]),
    writing(Script::Tifinagh, "zgh", &["ber", "kab"]),
];

const fn writing(script: Script, guess: &'static str, others: &'static [&'static str]) -> Writing {
    Writing { script, guess, others }
}

/// The primary subtag of a BCP 47 tag: `en` of `en-GB`.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

/// A tag that names a language, in its usual form; `und`, `mul` and the like name none.
pub(crate) fn known(tag: Option<&str>) -> Option<&str> {
    tag.map(str::trim).filter(|tag| {
        let primary = primary(tag);
        (2..=3).contains(&primary.len())
            && primary.bytes().all(|b| b.is_ascii_alphabetic())
            && !["und", "mul", "mis", "zxx"].iter().any(|none| primary.eq_ignore_ascii_case(none))
    })
}

/// The language of a part of a line whose block is in `base`.
///
/// A part is in another language only as a whole: a foreign word inside a sentence stays in the sentence.
pub(crate) fn of_part<'a>(flow: &'a Flow<'a>, range: Range<usize>, base: &'a str) -> Cow<'a, str> {
    let declared = if flow.has_tags() { declared(flow, range.clone()).unwrap_or(base) } else { base };
    let text = &flow.text[range];
    if text.is_ascii() { Cow::Borrowed(declared) } else { by_letters(text, declared) }
}

/// The language that the runs of all letters of a part name.
fn declared<'a>(flow: &'a Flow<'a>, range: Range<usize>) -> Option<&'a str> {
    let mut spoken =
        flow.tagged(range).filter(|(text, _)| text.contains(char::is_alphabetic)).map(|(_, tag)| tag);
    let first = spoken.next()?;
    if spoken.all(|tag| tag == first) { known(first) } else { None }
}

/// Corrects a declared language that is not written in the letters that most of the text has.
fn by_letters<'a>(text: &str, declared: &'a str) -> Cow<'a, str> {
    let mut letters = 0_usize;
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        if c.is_ascii() {
            continue;
        }
        let script = c.script();
        if let Some(row) = WRITINGS.iter().position(|w| w.script == script) {
            match counts.iter_mut().find(|(known, _)| *known == row) {
                Some((_, count)) => *count += 1,
                None => counts.push((row, 1)),
            }
        }
    }
    if counts.iter().map(|(_, count)| count).sum::<usize>() * 2 <= letters {
        return Cow::Borrowed(declared);
    }
    // Kana make a text Japanese however many Han characters stand between them.
    let kana =
        counts.iter().find(|(row, _)| matches!(WRITINGS[*row].script, Script::Hiragana | Script::Katakana));
    let Some((row, _)) = kana.or_else(|| counts.iter().max_by_key(|(_, count)| *count)) else {
        return Cow::Borrowed(declared);
    };
    let writing = &WRITINGS[*row];
    let tag = primary(declared);
    let fits =
        std::iter::once(&writing.guess).chain(writing.others).any(|known| tag.eq_ignore_ascii_case(known));
    Cow::Borrowed(if fits { declared } else { writing.guess })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_correct_a_language_that_is_not_written_in_them() {
        assert_eq!(by_letters("μῆνιν ἄειδε θεά", "en"), "el");
        assert_eq!(by_letters("μῆνιν ἄειδε θεά", "grc"), "grc");
        assert_eq!(by_letters("Все счастливые семьи похожи.", "en-GB"), "ru");
        assert_eq!(by_letters("Усі щасливі родини.", "uk-UA"), "uk-UA");
        assert_eq!(by_letters("吾輩は猫である。名前はまだ無い。", "en"), "ja");
        assert_eq!(by_letters("道可道，非常道。", "en"), "zh");
        assert_eq!(by_letters("בראשית ברא אלהים", "en"), "he");
        assert_eq!(by_letters("كان يا ما كان", "en"), "ar");
    }

    #[test]
    fn a_foreign_word_does_not_change_the_language_of_its_sentence() {
        assert_eq!(by_letters("The word λόγος means reason, naïvely.", "en"), "en");
        assert_eq!(by_letters("“Café” — 1999…", "en"), "en");
    }

    #[test]
    fn a_tag_that_names_no_language_counts_for_nothing() {
        assert_eq!(known(Some("und")), None);
        assert_eq!(known(Some("x-klingon")), None);
        assert_eq!(known(Some("")), None);
        assert_eq!(known(Some("en-GB")), Some("en-GB"));
    }
}
