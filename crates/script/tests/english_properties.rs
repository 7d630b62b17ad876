//! What holds for any text at all.

use proptest::prelude::*;
use rhapsode_script::english::{BlockKind, Context, Dialect, normalise};

fn any_context() -> impl Strategy<Value = (String, String, bool, bool)> {
    ("\\PC{0,12}", "\\PC{0,12}", any::<bool>(), any::<bool>())
}

fn checked(text: &str, before: &str, after: &str, heading: bool, british: bool) {
    let context = Context {
        before,
        after,
        block: if heading { BlockKind::Heading } else { BlockKind::Prose },
        dialect: if british { Dialect::British } else { Dialect::American },
    };
    let said = normalise(text, &context);
    let mut at = 0;
    for (range, _) in &said.dropped {
        assert!(
            at <= range.start && range.start < range.end && range.end <= text.len(),
            "{:?}",
            said.dropped
        );
        assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end));
        at = range.end;
    }
    assert!(!said.text.contains("  "), "white space is collapsed: {:?}", said.text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_normalised_without_a_panic_and_its_drops_are_in_order(
        text in any::<String>(), (before, after, heading, british) in any_context(),
    ) {
        checked(&text, &before, &after, heading, british);
    }

    #[test]
    fn any_text_of_troublesome_pieces_is_normalised_without_a_panic(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "1", "12", "1984", "007", "1/2", "½", ".", "..", ",", ":", "-", "–", "—", "/", "$", "£", "€", "%", "°", "'",
            "\"", "‘", "’", "“", "I", "IV", "XIX", "mix", "Dr.", "No.", "St", "a.m.", "e.g.", "U.S.", "FBI", "OK", "s",
            "th", "st", "d", "m", "km", "C", "F", "x", "@", "#", "www.", "com", "http://", "_", "^", "²", "⁻", "(", ")", "[",
            " ", " ", " ", "March", "May", "am", "pm", "é", "日", "😀", "\u{200d}", "\u{ad}", "\u{fe0f}", "\u{301}", "bn",
            "million", "+", "=", "&", "~", "...", "…", "World War", "Henry", "BC", "AD", "\u{2009}", "０", "İ", "ß", "ǅ",
        ]), 0..14),
        (before, after, heading, british) in any_context(),
    ) {
        checked(&pieces.concat(), &before, &after, heading, british);
    }

    #[test]
    fn prose_of_plain_words_comes_back_identical(
        words in prop::collection::vec("[b-hj-uw-z][a-z]{2,9}", 1..20),
        mark in prop::sample::select(vec![".", "!", "?", "…", ""]),
        joint in prop::sample::select(vec![" ", ", ", "; ", "—", ": ", "-", " — "]),
    ) {
        // Abbreviations that need only their full stop would be special; they stand before marks alone.
        let words: Vec<String> = words.into_iter().map(|w| w + "ed").collect();
        let text = words.join(joint) + mark;
        let said = normalise(&text, &Context::default());
        prop_assert_eq!(&said.text, &text);
        prop_assert!(said.dropped.is_empty());
    }

    #[test]
    fn a_whole_number_in_words_has_neither_digits_nor_gaps(number in any::<u64>()) {
        let said = normalise(&format!("x {number} x"), &Context::default()).text;
        prop_assert!(said.chars().all(|c| c.is_ascii_lowercase() || c == ' ' || c == '-'), "{}", said);
    }
}
