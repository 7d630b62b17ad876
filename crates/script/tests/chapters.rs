//! Titles, selection, pauses, lines: how a chapter becomes chunks.

mod manuscript;

use manuscript::{FILL, Manuscript, SENTENCES, pauses, texts};
use rhapsode_book::{BlockKind, SkipReason, TitleOrigin};
use rhapsode_script::PauseReason::{Chapter, Clause, Heading, Line, Paragraph, Scene, Sentence};
use rhapsode_script::{Pauses, ScriptError, ScriptOptions};

#[test]
fn a_title_that_only_the_contents_have_is_announced_without_a_span() {
    let manuscript =
        Manuscript::new().chapter("Loomings", TitleOrigin::Contents).paragraph("Call me Ishmael.");
    let script = manuscript.script();
    assert_eq!(texts(&script), ["Loomings.", "Call me Ishmael."]);
    assert_eq!(pauses(&script), [Heading, Chapter]);
    assert!(script.chapters[0].chunks[0].source.spans.is_empty());
    assert_eq!(script.chapters[0].chunks[0].source.text, "Loomings");
}

#[test]
fn a_heading_that_repeats_the_announced_title_is_skipped() {
    let manuscript = Manuscript::new()
        .chapter("Chapter 1: Loomings", TitleOrigin::Contents)
        .heading("CHAPTER 1")
        .heading("Loomings.")
        .paragraph("Call me Ishmael.");
    let script = manuscript.script();
    assert_eq!(texts(&script), ["Chapter one: Loomings.", "Call me Ishmael."]);
    assert_eq!(manuscript.skipped(&script, SkipReason::RepeatedTitle), ["CHAPTER 1Loomings."]);
}

#[test]
fn a_title_in_a_heading_is_spoken_once_by_it() {
    let manuscript = Manuscript::new()
        .chapter("Loomings", TitleOrigin::Heading)
        .heading("Loomings")
        .heading("LOOMINGS")
        .paragraph("Call me Ishmael.")
        .heading("Loomings");
    let script = manuscript.script();
    assert_eq!(texts(&script), ["Loomings.", "Call me Ishmael.", "Loomings."]);
    assert_eq!(pauses(&script), [Heading, Paragraph, Chapter]);
}

#[test]
fn a_title_that_was_made_up_is_not_spoken() {
    let script = Manuscript::new().chapter("Chapter 1", TitleOrigin::Inferred).paragraph("Go.").script();
    assert_eq!(texts(&script), ["Go."]);
    assert_eq!(script.chapters[0].title, "Chapter 1");
}

#[test]
fn chapters_that_are_not_selected_are_skipped_and_keep_their_numbers() {
    let manuscript = Manuscript::new()
        .chapter("One", TitleOrigin::Inferred)
        .paragraph(" First. ")
        .chapter("Two", TitleOrigin::Inferred)
        .paragraph("Second.")
        .chapter("Three", TitleOrigin::Inferred)
        .paragraph("Third.");
    let options = ScriptOptions { selection: "2-".parse().unwrap(), ..ScriptOptions::new(SENTENCES) };
    let script = manuscript.script_with(&options);
    assert_eq!(script.chapters.iter().map(|c| c.number).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(script.chunks().map(|c| c.ordinal).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(manuscript.skipped(&script, SkipReason::NotSelected), [" First. "]);
}

#[test]
fn a_chapter_that_the_book_does_not_have_is_refused() {
    let manuscript = Manuscript::new().paragraph("Go.");
    let options = ScriptOptions { selection: "1,4".parse().unwrap(), ..ScriptOptions::new(SENTENCES) };
    let error = rhapsode_script::write(&manuscript.book(), &options).unwrap_err();
    assert_eq!(error.to_string(), "select chapter 4: the book has 1 chapter");
}

#[test]
fn a_chapter_without_speakable_text_disappears_and_its_characters_are_accounted_for() {
    let manuscript = Manuscript::new()
        .chapter("Plate", TitleOrigin::Contents)
        .paragraph(" ❦ ")
        .chapter("Text", TitleOrigin::Inferred)
        .paragraph("Go.");
    let script = manuscript.script();
    assert_eq!(script.chapters.len(), 1);
    assert_eq!(script.chapters[0].number, 2);
    assert_eq!(manuscript.skipped(&script, SkipReason::Ornament), ["❦"]);
    assert_eq!(manuscript.skipped(&script, SkipReason::WhiteSpace), [" ", " "]);
}

#[test]
fn a_book_without_a_word_is_an_error_that_says_why() {
    let error =
        rhapsode_script::write(&Manuscript::new().scene_break().book(), &ScriptOptions::new(SENTENCES));
    match error.unwrap_err() {
        ScriptError::Empty(why) => assert!(why.contains("scene break"), "{why}"),
        other => panic!("{other}"),
    }
}

#[test]
fn a_scene_break_is_a_pause_and_its_marks_are_not_spoken() {
    let manuscript =
        Manuscript::new().paragraph("One. Two.").scene_break().paragraph("Three.").paragraph("Four.");
    let script = manuscript.script();
    assert_eq!(texts(&script), ["One.", "Two.", "Three.", "Four."]);
    assert_eq!(pauses(&script), [Sentence, Scene, Paragraph, Chapter]);
    assert_eq!(manuscript.skipped(&script, SkipReason::SceneBreak), ["* * *"]);
}

#[test]
fn lines_of_verse_are_chunks_with_the_pause_of_a_line() {
    let parts = ["Tyger Tyger, burning bright,", "/", " In the forests of the night;"];
    let script = Manuscript::new().block(BlockKind::Verse, &parts).paragraph("So it went.").script();
    assert_eq!(
        texts(&script),
        ["Tyger Tyger, burning bright,", "In the forests of the night;", "So it went."]
    );
    assert_eq!(pauses(&script), [Line, Paragraph, Chapter]);
}

#[test]
fn the_rows_of_a_table_are_lists_of_their_cells() {
    let script = Manuscript::new()
        .block(BlockKind::TableRow, &["Thursday", "/", " low ", "/", "two fathoms"])
        .block(BlockKind::TableRow, &["Friday", "/", "high"])
        .paragraph("After it.")
        .script();
    assert_eq!(texts(&script), ["Thursday, low, two fathoms.", "Friday, high.", "After it."]);
    assert_eq!(pauses(&script), [Line, Paragraph, Chapter]);
}

#[test]
fn the_items_of_a_list_are_lines_and_an_ordered_list_speaks_its_numbers() {
    let script = Manuscript::new()
        .block(BlockKind::ListItem { ordinal: None }, &["a lamp"])
        .block(BlockKind::ListItem { ordinal: Some(2) }, &["patience;"])
        .paragraph("Nothing else.")
        .script();
    assert_eq!(texts(&script), ["a lamp.", "two. patience;", "Nothing else."]);
    assert_eq!(pauses(&script), [Line, Paragraph, Chapter]);
    assert_eq!(script.chapters[0].chunks[1].source.text, "patience;");
}

#[test]
fn headings_end_with_a_stop_for_the_voice_where_they_have_none() {
    let script = Manuscript::new().heading("Loomings").heading("Who goes there?").paragraph("I do").script();
    assert_eq!(texts(&script), ["Loomings.", "Who goes there?", "I do"]);
    assert_eq!(pauses(&script), [Heading, Heading, Chapter]);
}

#[test]
fn sentences_of_a_paragraph_fill_a_chunk_and_paragraphs_do_not_mix() {
    let script = Manuscript::new()
        .paragraph("The sea was late. It was not late by much. At noon the mark on the quay was dry. He stood there.")
        .paragraph("Then it came. It came up.")
        .script_with(&ScriptOptions::new(FILL));
    assert_eq!(
        texts(&script),
        [
            "The sea was late. It was not late by much. At noon the mark on the quay was dry. He stood there.",
            "Then it came. It came up."
        ]
    );
    assert_eq!(pauses(&script), [Paragraph, Chapter]);
}

#[test]
fn a_sentence_that_is_too_long_is_cut_at_clauses_with_a_short_pause() {
    let text = "He wrote the figure down in the book that nobody read, as he had to; then he telephoned the port along \
                the coast, and had his answer from it by return.";
    let script = Manuscript::new().paragraph(text).script_with(&ScriptOptions::new(FILL));
    assert_eq!(
        texts(&script),
        [
            "He wrote the figure down in the book that nobody read, as he had to;",
            "then he telephoned the port along the coast, and had his answer from it by return."
        ]
    );
    assert_eq!(pauses(&script), [Clause, Chapter]);
}

#[test]
fn statistics_count_what_is_spoken_and_estimate_its_length() {
    let manuscript = Manuscript::new().paragraph("It was 5. Done. ").paragraph("End.");
    let script = manuscript.script();
    let pauses = Pauses { sentence: 1000, paragraph: 2000, ..Pauses::default() };
    let whole = script.statistics(1.0, &pauses);
    assert_eq!((whole.chunks, whole.characters, whole.spoken_characters), (3, 19, 12 + 5 + 4));
    assert!((script.statistics(2.0, &pauses).seconds - (whole.seconds - 3.0) / 2.0 - 3.0).abs() < 1e-9);
    assert_eq!(script.skipped()[&SkipReason::WhiteSpace], 1);
}
