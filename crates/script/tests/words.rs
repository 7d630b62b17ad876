//! Languages, pronunciations and what is not spoken inside a line.

mod manuscript;

use manuscript::{FILL, Manuscript, SENTENCES, texts};
use rhapsode_book::{BlockKind, SkipReason, Span};
use rhapsode_script::{Lexicon, Piece, Pronunciation, Script, ScriptOptions};

fn languages(script: &Script) -> Vec<(&str, String)> {
    script.chunks().map(|chunk| (chunk.language.as_str(), chunk.plain_text())).collect()
}

#[test]
fn a_sentence_in_another_script_is_a_chunk_of_its_own_and_passes_unchanged() {
    let script = Manuscript::new()
        .paragraph("He read it aloud. Μῆνιν ἄειδε, θεά, 5 φορές. The word λόγος he knew.")
        .script_with(&ScriptOptions::new(FILL));
    assert_eq!(
        languages(&script),
        [
            ("en", "He read it aloud.".to_owned()),
            ("el", "Μῆνιν ἄειδε, θεά, 5 φορές.".to_owned()),
            ("en", "The word λόγος he knew.".to_owned())
        ]
    );
}

#[test]
fn a_sentence_whose_runs_name_a_language_is_in_it_and_a_word_is_not() {
    let parts = [
        ("He said: ", None),
        ("C'est la vie.", Some("fr")),
        (" Such ", None),
        ("esprit", Some("fr")),
        ("!", None),
    ];
    let script = Manuscript::new().tagged(BlockKind::Paragraph, None, &parts).script();
    assert_eq!(
        languages(&script),
        [("en", "He said: C'est la vie.".to_owned()), ("en", "Such esprit!".to_owned())]
    );
    let parts = [("He spoke. ", None), ("C'est la vie. ", Some("fr")), ("She left.", None)];
    let script = Manuscript::new().tagged(BlockKind::Paragraph, None, &parts).script();
    assert_eq!(script.chunks().map(|c| c.language.as_str()).collect::<Vec<_>>(), ["en", "fr", "en"]);
}

#[test]
fn a_block_has_its_own_language_and_a_book_without_one_the_fallback() {
    let script = Manuscript::in_language("und")
        .tagged(BlockKind::Quotation, Some("de-AT"), &[("Er hatte 3 Schiffe.", None)])
        .paragraph("He had 3.")
        .script_with(&ScriptOptions { language: "en-GB".into(), ..ScriptOptions::new(SENTENCES) });
    assert_eq!(
        languages(&script),
        [("de-AT", "Er hatte 3 Schiffe.".to_owned()), ("en-GB", "He had three.".to_owned())]
    );
}

#[test]
fn emoji_and_soft_hyphens_go_to_the_skips_with_their_place() {
    let manuscript =
        Manuscript::new().block(BlockKind::Paragraph, &["Well do", "[1]", "ne 👍🏽 old b\u{ad}oy."]);
    let script = manuscript.script();
    assert_eq!(texts(&script), ["Well done old boy."]);
    assert_eq!(manuscript.skipped(&script, SkipReason::Emoji), ["👍🏽"]);
    assert_eq!(manuscript.skipped(&script, SkipReason::ControlCharacter), ["\u{ad}"]);
    let chunk = &script.chapters[0].chunks[0];
    assert_eq!(chunk.source.text, "Well done old boy.");
    let span = |start, end| Span { start, end };
    assert_eq!(chunk.source.spans, [span(0, 7), span(8, 11), span(13, 19), span(20, 23)]);
}

#[test]
fn a_line_of_emoji_is_no_chunk() {
    let manuscript = Manuscript::new().paragraph("🎉 🎉").paragraph("Done.").paragraph("—");
    let script = manuscript.script();
    assert_eq!(texts(&script), ["Done."]);
    assert_eq!(manuscript.skipped(&script, SkipReason::Emoji), ["🎉", "🎉"]);
    assert_eq!(manuscript.skipped(&script, SkipReason::Ornament), ["—"]);
}

#[test]
fn words_of_the_lexicon_are_pronounced_and_their_neighbours_normalised() {
    let toml = "[words]\nQueequeg = \"/kwˈikwɛɡ/\"\n\"St. 5\" = \"saint five\"\n";
    let options = ScriptOptions { lexicon: Lexicon::parse(toml).unwrap(), ..ScriptOptions::new(SENTENCES) };
    let script = Manuscript::new().paragraph("Queequeg's 3 idols, St. 5.").script_with(&options);
    let pronounced = |word: &str, pronunciation| Piece::Pronounced { word: word.into(), pronunciation };
    assert_eq!(
        script.chapters[0].chunks[0].text,
        [
            pronounced("Queequeg's", Pronunciation::Phonemes("kwˈikwɛɡz".into())),
            Piece::Plain(" three idols, ".into()),
            pronounced("St. 5", Pronunciation::Respelling("saint five".into())),
            Piece::Plain(".".into()),
        ]
    );
}

#[test]
fn the_key_of_a_sentence_does_not_change_with_a_lexicon_that_has_none_of_its_words() {
    let manuscript = Manuscript::new().paragraph("Call me Ishmael. Some years ago.");
    let toml = "[words]\nIshmael = \"ish-may-el\"\n";
    let options = ScriptOptions { lexicon: Lexicon::parse(toml).unwrap(), ..ScriptOptions::new(SENTENCES) };
    let (plain, pronounced) = (manuscript.script(), manuscript.script_with(&options));
    assert_ne!(plain.chapters[0].chunks[0].text, pronounced.chapters[0].chunks[0].text);
    assert_eq!(plain.chapters[0].chunks[1].text, pronounced.chapters[0].chunks[1].text);
}

#[test]
fn a_pronounced_phrase_is_never_cut() {
    let phrase = "the Right Honourable Member for North Haverbrook";
    let toml = format!("[words]\n\"{phrase}\" = \"him\"\n");
    let profile = rhapsode_script::Profile { max_chars: 60, ..FILL };
    let options = ScriptOptions { lexicon: Lexicon::parse(&toml).unwrap(), ..ScriptOptions::new(profile) };
    let text =
        format!("It was a long and weary speech that {phrase} gave on that occasion to the empty house.");
    let script = Manuscript::new().paragraph(&text).script_with(&options);
    assert!(script.chapters[0].chunks.len() > 1);
    let whole = |c: &rhapsode_script::Chunk| {
        c.text.iter().any(|p| matches!(p, Piece::Pronounced { word, .. } if word == phrase))
    };
    assert!(script.chunks().any(whole), "{:?}", texts(&script));
}
