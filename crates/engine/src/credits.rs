//! What is spoken before the first chapter and after the last, as shops ask for it: words from a template, by the voice
//! of the job, as chapters of their own. They stand nowhere in the manuscript, so that no character of it is theirs.

use std::path::Path;

use rhapsode_book::{Format, Metadata, ReadOptions};
use rhapsode_script::{ChapterSelection, Chunk, Script, ScriptChapter, ScriptOptions};

use crate::{EngineError, Settings, VoiceOrigin};

/// A credit: what it is called in messages, and the title of its chapter.
struct Credit {
    which: &'static str,
    title: &'static str,
}

const OPENING: Credit = Credit { which: "opening", title: "Opening Credits" };
const CLOSING: Credit = Credit { which: "closing", title: "Closing Credits" };

/// Adds the credits to the script of a whole book; one of some chapters has none.
pub(crate) fn add(
    script: &mut Script,
    metadata: &Metadata,
    options: &ScriptOptions,
    settings: &Settings,
) -> Result<(), EngineError> {
    if options.selection != ChapterSelection::All {
        return Ok(());
    }
    let after = script.chapters.last().map_or(1, |last| last.number + 1);
    let credits = &settings.credits;
    let chapter = |template: &Option<String>, credit, number| -> Result<Option<ScriptChapter>, EngineError> {
        let Some(template) = template else { return Ok(None) };
        let words = fill(template, metadata, settings);
        Ok(Some(spoken(&words, credit, number, options, settings)?))
    };
    let opening = chapter(&credits.opening, OPENING, 0)?;
    let closing = chapter(&credits.closing, CLOSING, after)?;
    if opening.is_none() && closing.is_none() {
        return Ok(());
    }
    let chapters = std::mem::take(&mut script.chapters);
    script.chapters = opening.into_iter().chain(chapters).chain(closing).collect();
    let chunks = script.chapters.iter_mut().flat_map(|chapter| &mut chapter.chunks);
    (0..).zip(chunks).for_each(|(ordinal, chunk)| chunk.ordinal = ordinal);
    Ok(())
}

/// The words of a template. A line with a name in it of which nothing is known is left out.
fn fill(template: &str, metadata: &Metadata, settings: &Settings) -> String {
    let known = [
        ("{title}", Some(metadata.title.clone())),
        ("{subtitle}", metadata.subtitle.clone()),
        ("{author}", listed(&metadata.authors)),
        ("{narrator}", Some(narrator(metadata, settings))),
        ("{series}", metadata.series.as_ref().map(|series| series.name.clone())),
        ("{publisher}", metadata.publisher.clone()),
        ("{year}", metadata.year.map(|year| year.to_string())),
        ("{copyright}", metadata.rights.clone()),
    ];
    let filled = |line: &str| {
        known.iter().try_fold(line.to_owned(), |line, (name, value)| match line.contains(name) {
            true => value.as_ref().filter(|value| !value.is_empty()).map(|value| line.replace(name, value)),
            false => Some(line),
        })
    };
    template.lines().filter_map(filled).collect::<Vec<_>>().join("\n")
}

/// Who reads: whom the book names, else a synthetic voice, by its name if it is certain.
fn narrator(metadata: &Metadata, settings: &Settings) -> String {
    // A server that nobody asked for a certain voice speaks with one of its own.
    let built_in = settings.backends.iter().all(|backend| backend.kind == "builtin");
    let certain = settings.voice_origin == VoiceOrigin::Chosen || built_in;
    match listed(&metadata.narrators) {
        Some(narrators) => narrators,
        None if certain => format!("the synthetic voice {}", settings.voice),
        None => "a synthetic voice".to_owned(),
    }
}

/// `A`, `A and B`, `A, B and C`.
fn listed(names: &[String]) -> Option<String> {
    let (last, others) = names.split_last()?;
    Some(if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) })
}

/// The words as a chapter.
fn spoken(
    words: &str,
    Credit { which, title }: Credit,
    number: u32,
    options: &ScriptOptions,
    settings: &Settings,
) -> Result<ScriptChapter, EngineError> {
    let failed = |reason: String| EngineError::Credits { which, reason };
    let read = ReadOptions { format: Some(Format::Text), policy: settings.policy.clone() };
    let book = rhapsode_book::read_bytes(words.as_bytes(), Path::new("credits.txt"), &read)
        .map_err(|error| failed(error.to_string()))?;
    let script = rhapsode_script::write(&book, options)?;
    let chunks = script.chapters.into_iter().flat_map(|chapter| chapter.chunks);
    let stands_nowhere = |mut chunk: Chunk| {
        chunk.source.spans.clear();
        chunk
    };
    Ok(ScriptChapter { title: title.to_owned(), number, chunks: chunks.map(stands_nowhere).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Credits, prepare::Prepared};

    fn settings(opening: &str, closing: &str) -> Settings {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Settings {
            credits: Credits { opening: some(opening), closing: some(closing) },
            metadata: Metadata {
                title: "Emma".to_owned(),
                authors: vec!["Jane Austen".to_owned(), "A. Other".to_owned()],
                ..Metadata::default()
            },
            ..Settings::for_tests()
        }
    }

    fn texts(chapter: &ScriptChapter) -> String {
        chapter.chunks.iter().map(Chunk::plain_text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn credits_are_chapters_around_the_book_in_the_words_of_their_templates() {
        let settings =
            settings("{title}, written by {author}, narrated by {narrator}.", "The end of {title}.");
        let script = Prepared::for_tests(&["One. Two.", "Three."], &settings).script;
        let titles: Vec<&str> = script.chapters.iter().map(|chapter| chapter.title.as_str()).collect();
        assert_eq!(titles, ["Opening Credits", "Part 1", "Part 2", "Closing Credits"]);
        assert_eq!(
            texts(&script.chapters[0]),
            "Emma, written by Jane Austen and A. Other, narrated by the synthetic voice hibari."
        );
        assert_eq!(texts(&script.chapters[3]), "The end of Emma.");
        let ordinals: Vec<u32> = script.chunks().map(|chunk| chunk.ordinal).collect();
        assert_eq!(ordinals, (0..ordinals.len() as u32).collect::<Vec<_>>());
        script.verify().unwrap();
    }

    #[test]
    fn a_line_of_which_something_is_not_known_is_left_out() {
        let settings = settings("{title}.\nPublished by {publisher}.\nRead by {narrator}.", "");
        let script = Prepared::for_tests(&["One."], &settings).script;
        assert_eq!(texts(&script.chapters[0]), "Emma. Read by the synthetic voice hibari.");
        assert_eq!(script.chapters.len(), 2);
    }

    #[test]
    fn a_part_of_a_book_has_no_credits() {
        let mut settings = settings("{title}", "The end");
        settings.selection = "2".parse().unwrap();
        assert_eq!(Prepared::for_tests(&["One.", "Two."], &settings).script.chapters.len(), 1);
    }

    #[test]
    fn a_backend_whose_voice_is_not_certain_is_not_named() {
        let unnamed = Settings {
            backends: vec![rhapsode_speech::BackendSettings::new("a", "openai", Default::default())],
            ..settings("", "")
        };
        assert_eq!(narrator(&Metadata::default(), &unnamed), "a synthetic voice");
    }
}
