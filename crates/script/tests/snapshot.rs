//! A small chapter, whole: what a change of any rule would show.

mod manuscript;

use manuscript::{FILL, Manuscript, SENTENCES};
use rhapsode_book::{BlockKind, TitleOrigin};
use rhapsode_script::{Lexicon, Profile, Script, ScriptOptions};

fn chapter() -> Manuscript {
    Manuscript::new()
        .chapter("2. Low Water", TitleOrigin::Contents)
        .heading(" 2. Low Water ")
        .block(
            BlockKind::Paragraph,
            &[
                "On Friday the sea was late. It was 5:05 by Dr. Io's clock,",
                "[1]",
                " and the mark\n on the quay was dry. 😀 ",
            ],
        )
        .paragraph(
            "“It’s eight minutes fast,” he said. “It gains a second every day. No; that can’t be right.”",
        )
        .scene_break()
        .block(BlockKind::Verse, &["The tide comes in,", "/", "the tide goes out;"])
        .block(BlockKind::ListItem { ordinal: Some(1) }, &["a table of the Moon;"])
        .block(BlockKind::TableRow, &["Friday", "/", "5:01", "/", "5.4 m"])
        .paragraph("Πάντα ῥεῖ. So she said.")
}

fn written(profile: Profile) -> Script {
    let lexicon = Lexicon::parse("[words]\nIo = \"/ˈIO/\"\n").expect("the lexicon is right");
    chapter().script_with(&ScriptOptions { lexicon, ..ScriptOptions::new(profile) })
}

#[test]
fn a_chapter_in_sentences_looks_like_this() {
    insta::assert_json_snapshot!(written(SENTENCES));
}

#[test]
fn a_chapter_in_filled_chunks_looks_like_this() {
    let script = written(FILL);
    let lines: Vec<String> = script
        .chunks()
        .map(|c| {
            format!("{:?} {} | {} | {}", c.pause_after.reason, c.language, c.plain_text(), c.source.text)
        })
        .collect();
    insta::assert_json_snapshot!(lines);
}
