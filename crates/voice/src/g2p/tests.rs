use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::{
    golden,
    hibari::graph::{Graph, one_thread},
    pack::Role,
};

static PRONOUNCER: LazyLock<(English, Arc<ThreadPool>)> = LazyLock::new(|| {
    let pack = golden::pack();
    let graph = Graph::load(pack.file(Role::Speller).unwrap(), pack.read(Role::Speller).unwrap()).unwrap();
    let speller = Speller::new(graph, &pack.read(Role::SpellerAlphabet).unwrap()).unwrap();
    (English::new(Accent::American, speller), one_thread())
});

fn phonemes(text: &str) -> String {
    let (english, pool) = &*PRONOUNCER;
    english.phonemes(text, None, pool).unwrap()
}

fn is_audible(phonemes: &str) -> bool {
    phonemes.chars().any(char::is_alphabetic)
}

#[test]
fn known_words_come_from_the_lexicon() {
    assert_eq!(phonemes("Hello there."), "həlˈO ðˈɛɹ.");
}

#[test]
fn a_sentence_that_ends_in_an_initialism_ends_like_every_other() {
    for text in ["I.", "“It was I.”", "He went to the U.S.", "Was it the U.S.?"] {
        let phonemes = phonemes(text);
        assert!(phonemes.trim_end_matches('”').ends_with(['.', '?']), "{text}: {phonemes}");
    }
    assert!(!phonemes("He went to the U.S. again").contains('.'));
}

#[test]
fn unknown_words_are_read_by_their_letters_and_change_what_stands_before() {
    let queequeg = phonemes("Queequeg");
    assert!(queequeg.starts_with('k') && queequeg.contains('w'), "{queequeg}");
    assert_eq!(phonemes("the Queequeg"), format!("ðə {queequeg}"));
    let umblefrost = phonemes("Umblefrost");
    assert_eq!(phonemes("the Umblefrost"), format!("ði {umblefrost}"));
    assert_eq!(phonemes("Queequeg's"), format!("{queequeg}z"));
    assert!(phonemes("Queequeg\u{2019}ll go").starts_with(&format!("{queequeg}əl ")));
}

#[test]
fn what_comes_next_decides_how_the_article_sounds() {
    let (english, pool) = &*PRONOUNCER;
    let before = |phonemes| english.phonemes("the", Beginning::of(phonemes), pool).unwrap();
    assert_eq!(before("ˈæpᵊl"), "ði");
    assert_eq!(before("pˈɛɹ"), "ðə");
}

#[test]
fn words_without_vowels_are_spelled() {
    assert_eq!(phonemes("xqz"), "ˈɛks kjˈu zˈi");
}

#[test]
fn other_scripts_are_read_in_latin_letters() {
    for text in ["Москва", "Αθήνα", "北京", "ירושלים", "ألف", "東京タワー", "한국"]
    {
        assert!(is_audible(&phonemes(text)), "{text}");
    }
}

#[test]
fn marks_alone_are_silent_and_nothing_is_nothing() {
    assert!(!is_audible(&phonemes("… — !")));
    assert_eq!(phonemes(""), "");
    assert_eq!(phonemes("\u{0}\u{200b} \n"), "");
}

#[test]
fn odd_words_are_read() {
    let texts = [
        "-",
        "--",
        "'",
        "''''",
        "-0",
        "-0.5.",
        "1.2.3.4",
        "99999999999999999999999",
        "$",
        "$.",
        "$5.5.5",
        "2's",
        "£1,,",
        "a2b",
        "-a-",
        "_a_",
        "ſ",
        "İs",
        "ßs",
        "éd",
        "ñing",
        "’s",
        "(+2)",
        "[a](+9999999999999)",
        "1st2nd",
        "0.0.0",
        "½",
        "①②",
        "x²",
        "é",
        "🙂",
        "a\u{301}\u{301}\u{301}",
        "ﬀ",
        "Ⅷ",
        "٣٤",
        "a/b/c",
        "http://x.y/z?q=1#f",
        "A.B.C.D.",
        "'tis",
        "rock'n'roll",
        "y'all'd've",
        "don''t",
        "O’’Brien",
        "Straßing",
        "STRAẞING",
        "\u{11366}\u{16f69}",
        "....",
        "?!?!",
        "a-b-c-d-e-f-g",
        "-1-2-3-",
        "1-1",
        "5-",
    ];
    for text in texts {
        let spoken = phonemes(text);
        let wanted = text.chars().any(|c| c.is_ascii_alphanumeric());
        assert!(!wanted || is_audible(&spoken), "{text}: {spoken}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_is_read_without_panic_and_never_to_nothing(text in "\\PC{0,60}") {
        let spoken = phonemes(&text);
        if text.chars().any(|c| c.is_ascii_alphanumeric()) {
            prop_assert!(is_audible(&spoken), "{text:?}: {spoken:?}");
        }
    }

    #[test]
    fn any_mix_of_words_and_marks_is_read_the_same_again(
        text in "([A-Za-z]{1,9}|[0-9]{1,6}|[-'’.,$£€%&/()_*\\[\\]]{1,3}|é|ß| ){1,25}"
    ) {
        let first = phonemes(&text);
        prop_assert!(is_audible(&first) || !text.chars().any(|c| c.is_ascii_alphanumeric()), "{text:?}");
        prop_assert_eq!(first, phonemes(&text));
    }
}
