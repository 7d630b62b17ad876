//! Texts that books have and servers stumble over.

use serde_json::json;

use super::super::{
    answer::Refusal,
    check::{Check, Need},
    seen::{Fault, Seen, demand},
    session::Session,
    sound::Sound,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "text.one-character",
        expected: "a text of one letter is spoken",
        need: Need::Own,
        without: "names such a chunk as a defect",
        run: |session| Box::pin(spoken(session, "A")),
    },
    Check {
        id: "text.utf-8",
        expected: "letters with accents, quotes and dashes are taken as UTF-8",
        need: Need::Always,
        without: "cannot use the server: every book has them",
        run: |session| Box::pin(spoken(session, "“Naïve,” said Zoë — the café’s façade, £5 … n’est-ce pas?")),
    },
    Check {
        id: "text.other-scripts",
        expected: "other scripts between the words are spoken, or dropped and told, or refused with 422",
        need: Need::Own,
        without: "retries such a chunk, then names it as a defect",
        run: |session| {
            Box::pin(spoken_or_refused(session, "He wrote 東京 and Ελλάδα, then כן and नमस्ते, and slept."))
        },
    },
    Check {
        id: "text.emoji",
        expected: "emoji between the words do no harm",
        need: Need::Own,
        without: "retries such a chunk, then names it as a defect",
        run: |session| Box::pin(spoken(session, "Good morning 👩‍👩‍👧 to all 🇫🇷 of you 😀, and goodbye.")),
    },
    Check {
        id: "text.punctuation",
        expected: "a text of punctuation alone is refused with 422, or is sound",
        need: Need::Own,
        without: "does not send such a text; other clients do",
        run: |session| Box::pin(spoken_or_refused(session, "?! … — ***")),
    },
    Check {
        id: "text.control",
        expected: "control characters in a text do no harm, or are refused with 400 or 422",
        need: Need::Own,
        without: "does not send them; other clients do",
        run: |session| {
            Box::pin(spoken_or_refused(
                session,
                "Good\u{0} morning\u{7} to\u{1b}[31m all\u{7f} of you.\r\n\tGoodbye.",
            ))
        },
    },
    Check {
        id: "text.special-tokens",
        expected: "tokens of a model in the text are no commands: the words around them are spoken",
        need: Need::Own,
        without: "finds broken sound by the checks of a take, and names the chunk as a defect",
        run: |session| {
            Box::pin(spoken(
                session,
                "[0] The code <|AUDIO|> is <|audio_eos|> not <|endoftext|> a </s> command [STOP].",
            ))
        },
    },
    Check {
        id: "text.longest",
        expected: "a text of as many characters as the capabilities allow is spoken",
        need: Need::Own,
        without: "learns from refusals how long a text may be",
        run: |session| Box::pin(longest(session)),
    },
];

/// The longest text that is tried: beyond it the check would take minutes and prove no more.
const LONGEST: usize = 2_000;

async fn spoken(session: &Session, text: &str) -> Seen {
    let sound = Sound::of(session.post(&session.body(text)).await?)?;
    told(&sound)?;
    Ok(sound.judged(text, 1.0, session.options.judged)?.shown())
}

async fn spoken_or_refused(session: &Session, text: &str) -> Seen {
    let answer = session.post(&session.body(text)).await?;
    if answer.status.is_client_error() {
        let refusal = Refusal::of(&[422, 400], &["unspeakable", "invalid_value"]).about("input");
        return refusal.check(&answer, session.options.level);
    }
    let sound = Sound::of(answer)?;
    told(&sound)?;
    Ok(sound.shown())
}

/// What was left out is told in one line of UTF-8, with something in it.
fn told(sound: &Sound) -> Result<(), Fault> {
    let Some(value) = sound.answer.headers.get("x-rhapsode-text-dropped") else { return Ok(()) };
    let dropped = std::str::from_utf8(value.as_bytes()).ok().filter(|text| !text.trim().is_empty());
    demand(dropped.is_some(), || "X-Rhapsode-Text-Dropped is empty or no UTF-8".to_owned())
}

async fn longest(session: &Session) -> Seen {
    let told = session.known.capabilities.as_ref().ok_or_else(|| Fault::absent("no capabilities"))?;
    if told.max_chars > LONGEST {
        return Err(Fault::skipped(format!("{} characters are more than is tried", told.max_chars)));
    }
    let mut text: String =
        "The old man and the sea lay still under the moon. ".chars().cycle().take(told.max_chars).collect();
    // The last characters, whatever they are, end a sentence.
    if text.pop().is_some() {
        text.push('.');
    }
    let sound = session.speak(&session.body_with(&text, json!({ "seed": 3 }))).await?;
    let sound = sound.judged(&text, 1.0, session.options.judged)?;
    Ok(format!("{} characters: {}", told.max_chars, sound.shown()))
}
