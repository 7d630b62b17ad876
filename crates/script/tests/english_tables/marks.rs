//! Symbols and punctuation, and what has no sound.

use super::american;
use rhapsode_book::SkipReason;
use rhapsode_script::english::{Context, normalise};

#[test]
fn symbols_are_said_as_words() {
    american(&[
        ("salt & pepper", "salt and pepper"),
        ("salt&pepper", "salt and pepper"),
        ("me @ home", "me at home"),
        ("2 + 2 = 4", "two plus two equals four"),
        ("2+2=4", "two plus two equals four"),
        ("5 × 3 = 15", "five times three equals fifteen"),
        ("10 ÷ 2", "ten divided by two"),
        ("x < y", "x is less than y"),
        ("5 > 3", "five is greater than three"),
        ("~50 men", "approximately fifty men"),
        ("≈ 3", "approximately three"),
        ("±5", "plus or minus five"),
        ("§ 5", "section five"),
        ("§§ 5–7", "sections five to seven"),
        ("© 1999", "copyright nineteen ninety-nine"),
        ("x²", "x squared"),
        ("x³ + y²", "x cubed plus y squared"),
        ("10⁶", "ten to the power of six"),
        ("10⁻³", "ten to the power of minus three"),
        ("x^2", "x squared"),
        ("and/or", "and or"),
        ("he/she", "he or she"),
        ("w/o", "without"),
        ("№ 5", "number five"),
        ("A → B", "A to B"),
        ("100%", "one hundred percent"),
        ("5 * 3", "five times three"),
    ]);
}

#[test]
fn quotation_marks_take_one_form() {
    american(&[
        ("\"Go,\" he said.", "“Go,” he said."),
        ("“Go,” he said.", "“Go,” he said."),
        ("'Go,' he said.", "“Go,” he said."),
        ("‘Go,’ he said.", "“Go,” he said."),
        ("“He said ‘go’ to me.”", "“He said “go” to me.”"),
        ("don’t", "don't"),
        ("the dogs' home", "the dogs' home"),
        ("the dogs’ home", "the dogs' home"),
        ("'tis", "'tis"),
        ("’Tis so", "'Tis so"),
        ("’twas, and 'em", "'twas, and 'em"),
        ("rock 'n' roll", "rock 'n' roll"),
        ("rock ’n’ roll", "rock 'n' roll"),
        ("goin’ home", "goin' home"),
        ("o’clock", "o'clock"),
        ("«Oui»", "“Oui”"),
        ("„So“", "“So“"),
        ("Ahab's", "Ahab's"),
        ("(\"yes\")", "(“yes”)"),
        ("\"'Yes,' he said,\" she said", "“Yes,” he said,” she said"),
        ("“‘Aye’, he said.”", "“Aye”, he said.”"),
        ("“ ‘Aye,’ he said.”", "“Aye,” he said.”"),
        ("“He said, ‘Aye.’”", "“He said, “Aye.”"),
        ("“He said, ‘Aye.’ ”", "“He said, “Aye.”"),
        ("‘t is so", "'t is so"),
        ("’t is so", "'t is so"),
        ("“‘T is so", "“'T is so"),
        ("he cried—\"No!\"", "he cried—“No!”"),
        ("and then—\"", "and then—”"),
    ]);
}

#[test]
fn dashes_and_ellipses_take_one_form() {
    american(&[
        ("yes -- no", "yes — no"),
        ("yes--no", "yes—no"),
        ("yes---no", "yes—no"),
        ("yes - no", "yes — no"),
        ("yes – no", "yes — no"),
        ("yes—no", "yes—no"),
        ("yes ― no", "yes — no"),
        ("the Franco–Prussian war", "the Franco-Prussian war"),
        ("cost–benefit", "cost-benefit"),
        ("well-known", "well-known"),
        ("well‑known", "well-known"),
        ("two- or three-fold", "two- or three-fold"),
        ("wait...", "wait…"),
        ("wait . . . what", "wait … what"),
        ("wait....", "wait…"),
        ("wait…", "wait…"),
        ("“...and so”", "“…and so”"),
        ("What?!", "What?!"),
        ("No!!!", "No!"),
        ("Mr. B——", "Mister B—"),
        ("[sic]", "(sic)"),
        ("{note}", "(note)"),
        ("roses are red / violets are blue", "roses are red, violets are blue"),
        ("— Yes, he said.", "— Yes, he said."),
        ("so: a; b, c.", "so: a; b, c."),
    ]);
}

#[test]
fn other_clothes_of_letters_are_taken_off() {
    american(&[
        ("ﬁne ﬂoor", "fine floor"),
        ("eﬃcient", "efficient"),
        ("ｆｕｌｌ", "full"),
        ("non\u{a0}breaking", "non breaking"),
        ("two  spaces\tand\nlines", "two spaces and lines"),
        ("Ⅳ", "four"),
        ("ſong", "song"),
    ]);
}

#[test]
fn underscores_around_words_are_stress_and_in_names_they_are_said() {
    american(&[
        ("It was _his_.", "It was his."),
        ("_two words_, he said", "two words, he said"),
        ("(_sic_)", "(sic)"),
        ("“_No!_”", "“No!”"),
        ("an _un_believable tale", "an unbelievable tale"),
        ("un_believ_able_ tale", "unbelievable tale"),
    ]);
}

#[test]
fn text_in_other_scripts_passes_unchanged() {
    let texts =
        ["Привет, мир", "日本語、漢字。", "κόσμος", "שלום", "नमस्ते", "façade naïve Zoë", "你好，世界！"];
    for text in texts {
        let said = normalise(text, &Context::default());
        assert_eq!(said.text, text);
        assert!(said.dropped.is_empty());
    }
}

#[test]
fn what_has_no_sound_is_dropped_with_its_reason() {
    type Drops = &'static [(std::ops::Range<usize>, SkipReason)];
    let cases: &[(&str, &str, Drops)] = &[
        ("Hi 😀 you", "Hi you", &[(3..7, SkipReason::Emoji)]),
        ("Hi 👨‍👩‍👧!", "Hi !", &[(3..21, SkipReason::Emoji)]),
        ("I ❤️ it", "I it", &[(2..8, SkipReason::Emoji)]),
        ("👍🏽 yes", " yes", &[(0..8, SkipReason::Emoji)]),
        ("🇫🇷", "", &[(0..8, SkipReason::Emoji)]),
        ("x\u{200b}y", "xy", &[(1..4, SkipReason::ControlCharacter)]),
        ("soft\u{ad}hyphen", "softhyphen", &[(4..6, SkipReason::ControlCharacter)]),
        ("\u{feff}Text", "Text", &[(0..3, SkipReason::ControlCharacter)]),
        ("a\u{7}b", "ab", &[(1..2, SkipReason::ControlCharacter)]),
        ("❦ Chapter", " Chapter", &[(0..3, SkipReason::Ornament)]),
        ("★★★", "", &[(0..9, SkipReason::Ornament)]),
        ("═══", "", &[(0..9, SkipReason::Ornament)]),
        ("_very_ good", "very good", &[(0..1, SkipReason::Ornament), (5..6, SkipReason::Ornament)]),
        ("word* and†", "word and", &[(4..5, SkipReason::Ornament), (9..12, SkipReason::Ornament)]),
        ("Brand™", "Brand", &[(5..8, SkipReason::Ornament)]),
        ("• item", " item", &[(0..3, SkipReason::Ornament)]),
        ("the whale.¹", "the whale.", &[(10..12, SkipReason::NoteReference)]),
        ("whales³ swim", "whales swim", &[(6..8, SkipReason::NoteReference)]),
    ];
    for (written, spoken, dropped) in cases {
        let said = normalise(written, &Context::default());
        assert_eq!(said.text, *spoken, "{written:?}");
        assert_eq!(said.dropped, *dropped, "{written:?}");
    }
}
