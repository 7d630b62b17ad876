//! What holds for every book.

mod manuscript;

use manuscript::Manuscript;
use proptest::prelude::*;
use rhapsode_book::{BlockKind, SkipReason, TitleOrigin};
use rhapsode_script::{Chunk, Lexicon, Packing, Profile, Script, ScriptError, ScriptOptions};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// A block before it is counted into a manuscript.
#[derive(Debug, Clone)]
struct Draft {
    kind: BlockKind,
    language: Option<&'static str>,
    parts: Vec<(String, Option<&'static str>)>,
}

fn kind() -> impl Strategy<Value = BlockKind> {
    prop_oneof![
        4 => Just(BlockKind::Paragraph),
        1 => (1..=6_u8).prop_map(|level| BlockKind::Heading { level }),
        1 => Just(BlockKind::Verse),
        1 => Just(BlockKind::Quotation),
        1 => proptest::option::of(1..30_u32).prop_map(|ordinal| BlockKind::ListItem { ordinal }),
        1 => Just(BlockKind::TableRow),
        1 => Just(BlockKind::Caption),
        1 => Just(BlockKind::Code),
        1 => Just(BlockKind::Note),
        1 => Just(BlockKind::SceneBreak),
    ]
}

fn language() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![5 => Just(None), 1 => Just(Some("fr")), 1 => Just(Some("ja")), 1 => Just(Some("x-none"))]
}

fn token() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "the",
        "whale",
        "Ahab",
        "Ahab's",
        "No.",
        "Mr.",
        "said,",
        "and",
        "but",
        "then;",
        "“Stop!”",
        "‘Go.",
        "Now.’",
        "he",
        "I",
        "3.50",
        "1999",
        "10 a.m.",
        "$5",
        "(what?)",
        "dark—so",
        "end.",
        "Why?",
        "Oh!",
        "…",
        "* * *",
        "—",
        "&",
        "😀",
        "👩\u{200d}🚀",
        "👍🏽",
        "b\u{ad}oy",
        "\u{200b}",
        "λόγος",
        "Все",
        "道可道，非常道。",
        "猫である。",
        "שלום",
        "ﬁn",
        "x²",
        "e.g.",
        "Node.Js",
        "\u{feff}",
        "¿",
        "www.example.com",
        "IV.",
        "1.",
        "naïve",
        "A\u{301}",
        "Ⓐ",
        "❦",
        "supercalifragilisticexpialidocious",
    ]);
    let space = prop::sample::select(vec![" ", " ", " ", "  ", "\n", "\t ", "\u{a0}", "\u{2003}", ""]);
    prop_oneof![
        12 => (words, space).prop_map(|(word, space)| format!("{word}{space}")),
        1 => any::<String>().prop_map(|s| s.chars().take(12).collect()),
        1 => "[a-z]{1,60} ",
    ]
}

fn part() -> impl Strategy<Value = String> {
    let text = || prop::collection::vec(token(), 0..25).prop_map(|tokens| tokens.concat());
    prop_oneof![
        8 => text(),
        1 => Just("/".to_owned()),
        1 => text().prop_map(|gap| format!("[{gap}]")),
    ]
}

fn draft() -> impl Strategy<Value = Draft> {
    (kind(), language(), prop::collection::vec((part(), language()), 0..5))
        .prop_map(|(kind, language, parts)| Draft { kind, language, parts })
}

fn manuscript() -> impl Strategy<Value = (Manuscript, Vec<usize>)> {
    let origin =
        prop::sample::select(vec![TitleOrigin::Heading, TitleOrigin::Contents, TitleOrigin::Inferred]);
    let chapter = (origin, prop::collection::vec(draft(), 0..6));
    prop::collection::vec(chapter, 1..4).prop_map(|chapters| {
        let mut manuscript = Manuscript::new();
        // The line on which each character of the source stands; a table row is one line a cell.
        let mut lines = Vec::new();
        let mut line = 0;
        for (origin, drafts) in chapters {
            manuscript = manuscript.chapter("The Whale", origin);
            for draft in drafts {
                let parts: Vec<(&str, Option<&str>)> =
                    draft.parts.iter().map(|(text, tag)| (text.as_str(), *tag)).collect();
                for part in &parts {
                    line += usize::from(part.0 == "/");
                    let gap = part.0.strip_prefix('[').and_then(|p| p.strip_suffix(']'));
                    let text = if part.0 == "/" { "" } else { gap.unwrap_or(part.0) };
                    lines.extend(std::iter::repeat_n(line, text.chars().count()));
                }
                line += 1;
                manuscript = manuscript.tagged(draft.kind, draft.language, &parts);
            }
        }
        (manuscript, lines)
    })
}

fn options() -> impl Strategy<Value = ScriptOptions> {
    let packing = prop::sample::select(vec![Packing::Sentence, Packing::Fill]);
    (packing, 20..200_usize, any::<bool>()).prop_map(|(packing, max_chars, with_lexicon)| {
        let toml = "[words]\nAhab = \"ay-hab\"\n\"the whale\" = \"/ðə wAl/\"\n";
        let lexicon = if with_lexicon {
            Lexicon::parse(toml).expect("the lexicon is right")
        } else {
            Lexicon::default()
        };
        let profile = Profile { min_chars: max_chars / 2, max_chars, packing };
        ScriptOptions { lexicon, ..ScriptOptions::new(profile) }
    })
}

/// Writes a script; a book without a word has none.
fn written(manuscript: &Manuscript, options: &ScriptOptions) -> Option<Script> {
    match rhapsode_script::write(&manuscript.book(), options) {
        Ok(script) => Some(script),
        Err(ScriptError::Empty(_)) => None,
        Err(other) => panic!("{other}"),
    }
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Places of a chunk's text where it could have been cut: words are told by the spaces around them.
fn words(chunk: &Chunk) -> usize {
    let words = chunk.source.text.split(|c: char| c.is_whitespace() || c == '—');
    words.filter(|word| word.contains(char::is_alphanumeric)).count()
}

fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{a4cf}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{1aff0}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
}

proptest! {
    #[test]
    fn every_character_is_spoken_or_skipped_once((manuscript, _) in manuscript(), options in options()) {
        let Some(script) = written(&manuscript, &options) else { return Ok(()) };
        let mut count = vec![0_u8; manuscript.source.len()];
        let spoken = script.chunks().flat_map(|chunk| &chunk.source.spans);
        for span in spoken.chain(script.skips.iter().map(|skip| &skip.span)) {
            for at in span.start..span.end {
                count[at as usize] += 1;
            }
        }
        prop_assert!(count.iter().all(|n| *n == 1), "{count:?}");
    }

    #[test]
    fn letters_and_digits_are_never_skipped_as_marks((manuscript, _) in manuscript(), options in options()) {
        let Some(script) = written(&manuscript, &options) else { return Ok(()) };
        for reason in [SkipReason::WhiteSpace, SkipReason::Ornament, SkipReason::ControlCharacter, SkipReason::Emoji] {
            for text in manuscript.skipped(&script, reason) {
                let word = |c: char| {
                    let group = c.general_category_group();
                    matches!(group, GeneralCategoryGroup::Letter) || c.is_numeric() && c.is_ascii()
                };
                let keycap = reason == SkipReason::Emoji;
                prop_assert!(keycap || !text.contains(word), "{reason:?}: {text:?}");
            }
        }
    }

    #[test]
    fn chunks_are_no_longer_than_allowed_but_for_a_single_word((manuscript, _) in manuscript(), options in options()) {
        let Some(script) = written(&manuscript, &options) else { return Ok(()) };
        for chunk in script.chunks() {
            let single = words(chunk) <= 1 || chunk.source.text.contains("the whale");
            prop_assert!(
                chunk.spoken_length() <= options.profile.max_chars || single,
                "{} characters: {:?}", chunk.spoken_length(), chunk
            );
        }
    }

    #[test]
    fn nothing_is_cut_inside_a_word((manuscript, lines) in manuscript(), options in options()) {
        let Some(script) = written(&manuscript, &options) else { return Ok(()) };
        let chunks: Vec<&Chunk> = script.chunks().filter(|chunk| !chunk.source.spans.is_empty()).collect();
        for pair in chunks.windows(2) {
            let end = pair[0].source.spans.last().unwrap().end as usize;
            let start = pair[1].source.spans[0].start as usize;
            let (last, first) = (manuscript.source[end - 1], manuscript.source[start]);
            let inside = |c: char| c.is_alphanumeric() && !is_spaceless(c);
            if lines[end - 1] == lines[start] && end == start {
                prop_assert!(!(inside(last) && inside(first)), "{:?} | {:?}", pair[0].source, pair[1].source);
            }
        }
    }

    #[test]
    fn chunks_are_numbered_and_placed_in_reading_order((manuscript, _) in manuscript(), options in options()) {
        let Some(script) = written(&manuscript, &options) else { return Ok(()) };
        let ordinals: Vec<u32> = script.chunks().map(|chunk| chunk.ordinal).collect();
        prop_assert_eq!(ordinals, (0..script.chunks().count() as u32).collect::<Vec<_>>());
        let spans: Vec<_> = script.chunks().flat_map(|chunk| &chunk.source.spans).collect();
        prop_assert!(spans.windows(2).all(|pair| pair[0].end <= pair[1].start));
        for chapter in &script.chapters {
            prop_assert!(!chapter.chunks.is_empty());
            let last = chapter.chunks.last().unwrap().pause_after.reason;
            prop_assert_eq!(last, rhapsode_script::PauseReason::Chapter);
        }
    }

    #[test]
    fn the_original_words_are_what_stands_at_the_spans((manuscript, _) in manuscript(), options in options()) {
        let Some(script) = written(&manuscript, &options) else { return Ok(()) };
        for chunk in script.chunks() {
            if chunk.source.spans.is_empty() {
                continue;
            }
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&chunk.source.text), bare(&manuscript.at_spans(chunk)));
            prop_assert_eq!(&collapse(&chunk.source.text), chunk.source.text.trim());
        }
    }

    #[test]
    fn every_chunk_has_something_to_say((manuscript, _) in manuscript(), options in options()) {
        let Some(script) = written(&manuscript, &options) else { return Ok(()) };
        for chunk in script.chunks() {
            let text = chunk.plain_text();
            prop_assert!(text.contains(char::is_alphanumeric), "{chunk:?}");
            prop_assert_eq!(text.trim(), text.as_str());
            prop_assert!(chunk.text.iter().all(|piece| !piece.spelling().is_empty()));
        }
    }

    #[test]
    fn a_book_written_twice_is_the_same_script((manuscript, _) in manuscript(), options in options()) {
        prop_assert_eq!(written(&manuscript, &options), written(&manuscript, &options));
    }
}
