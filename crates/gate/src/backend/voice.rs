//! Whether the job's voice is there and its language is spoken. A server may have a voice that it does not list, and one
//! that falls back to its own without a word: what cannot be told passes, what is contradicted does not.

use rhapsode_speech::{Naming, ProbeVoice, Statement};

use super::reach::Reach;
use crate::{CheckId, Outcome};

/// Names of OpenAI's own voices. Other servers take them as further names for theirs, and do not list them.
const ALIASES: [&str; 13] = [
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
    "verse",
];

/// Voices that a message names before it stops.
const NAMED: usize = 12;

pub(super) fn judge(voice: &ProbeVoice, statement: &Statement, reach: Reach) -> Vec<Outcome> {
    if let (None, None, Some(why)) = (&statement.voices, &statement.languages, reach.excuse()) {
        return vec![
            Outcome::skipped(CheckId::Voice, &voice.voice, why),
            Outcome::skipped(CheckId::Language, &voice.language, why),
        ];
    }
    vec![judge_voice(voice, statement), judge_language(&voice.language, statement)]
}

fn judge_voice(voice: &ProbeVoice, statement: &Statement) -> Outcome {
    let name = &voice.voice;
    let pass = |seen: &str| Outcome::pass(CheckId::Voice, name, seen);
    if voice.reference.is_some() {
        return pass("it is taken from a recording");
    }
    let Some(voices) = &statement.voices else { return pass("the backend does not list its voices") };
    if voices.contains(name) {
        return pass("it is there");
    }
    let loose = statement.naming == Naming::Loose;
    if loose && parts(name).is_some_and(|mut parts| parts.all(|part| voices.iter().any(|v| v == part))) {
        return pass("it is a mixture of voices that are there");
    }
    let seen = format!("it has {}", some_of(voices));
    let remedy = "choose one of its voices (--voice), or say in [voices] what it calls this one";
    if loose && ALIASES.contains(&name.as_str()) {
        return Outcome::warn(CheckId::Voice, name, seen).but(format!("the voice {name}"), remedy);
    }
    Outcome::fail(CheckId::Voice, name, seen).but(format!("the voice {name}"), remedy)
}

/// The voices in a mixture such as `af_bella(2)+af_sky(1)`; none if it is no mixture.
fn parts(name: &str) -> Option<impl Iterator<Item = &str>> {
    let mixed = name.contains(['+', '(']);
    mixed.then(|| name.split(['+', '-']).map(|part| part.split('(').next().unwrap_or(part).trim()))
}

fn judge_language(language: &str, statement: &Statement) -> Outcome {
    let pass = |seen: String| Outcome::pass(CheckId::Language, language, seen);
    let Some(languages) = &statement.languages else {
        return pass("the backend does not say which languages it speaks".to_owned());
    };
    let wanted = primary(language);
    if wanted.is_empty() || wanted == "und" {
        return pass("the book does not say its language".to_owned());
    }
    if languages.iter().any(|spoken| primary(spoken) == wanted) {
        return pass(format!("it speaks {}", some_of(languages)));
    }
    Outcome::fail(CheckId::Language, language, format!("it speaks {}", some_of(languages))).but(
        format!("the language {language}"),
        "choose a backend that speaks it, or set `languages` of the backend if it does",
    )
}

fn primary(language: &str) -> String {
    language.split(['-', '_']).next().unwrap_or_default().to_lowercase()
}

fn some_of(names: &[String]) -> String {
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{first} and {more} more"),
        _ => first,
    }
}
