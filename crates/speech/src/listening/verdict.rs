//! From measures to a verdict. Where the thresholds come from is in `docs/listening.md`.

use super::{Comparison, Heard, Transcript};

/// Texts with fewer words are judged by their sound on the whole: a run has no room in them.
const SHORT: usize = 4;

/// A short text that sounds less like what was heard is another one; one that sounds more alike is the same.
const OTHER_SOUND: f64 = 0.34;
const SAME_SOUND: f64 = 0.6;

/// The part of the counted words that may be missing before it is another text altogether.
const OTHER_TEXT: f64 = 0.5;

/// Runs that are too long, as a part of the counted words, within limits in words: two words in a row are never
/// misheard beyond likeness in a short text, five never in any.
const RUN: f64 = 0.1;
const MISSING_RUN: (f64, f64) = (2.0, 4.0);
const EXTRA_RUN: (f64, f64) = (3.0, 5.0);

/// Words in a row that are heard twice. Recognisers do not make that up, but voices do.
const REPEATED_RUN: usize = 2;
/// Of these, so many must be too many; otherwise one word misheard in the middle of a refrain is enough.
const REPEATED_EXTRA: f64 = 1.5;

/// The part of the counted words that may be missing or too many here and there, and at least so many.
const SCATTERED: f64 = 0.25;
const SCATTERED_WORDS: f64 = 4.0;

/// Below this mean log-probability a recogniser guesses (Whisper itself gives such a transcript up), and above that
/// probability it says that nobody speaks.
const GUESSING: f64 = -1.0;
const NOBODY: f64 = 0.6;

/// A fault as small as this, in a text that is about as small, may be one word misheard.
const ONE_WORD: f64 = 1.0;
const FEW_WORDS: usize = 6;

/// Words that are quoted.
const QUOTED: usize = 12;

pub(super) fn verdict(comparison: &Comparison, transcript: &Transcript) -> Heard {
    if comparison.words == 0 {
        return inconclusive("the text has no words");
    }
    if comparison.words < SHORT {
        return short(comparison);
    }
    match fault(comparison) {
        Some(_) if transcript.confidence().is_some_and(|confidence| confidence < GUESSING) => {
            inconclusive("the recogniser is not sure of what it heard")
        }
        Some(_)
            if comparison.heard > 0 && transcript.no_speech().is_some_and(|no_speech| no_speech > NOBODY) =>
        {
            inconclusive("the recogniser is not sure that anybody speaks")
        }
        Some(reason) => Heard::Otherwise { reason },
        None if comparison.counted < SHORT && comparison.likeness < SAME_SOUND => {
            inconclusive("the text is hardly more than names and numbers")
        }
        None if comparison.counted < FEW_WORDS
            && comparison.missing_run.max(comparison.extra_run) >= ONE_WORD =>
        {
            inconclusive("one word of a short text was heard otherwise")
        }
        None => Heard::Words,
    }
}

/// What is wrong, if something is: the most telling fault first.
fn fault(comparison: &Comparison) -> Option<String> {
    let counted = comparison.counted as f64;
    let run = |(least, most): (f64, f64)| (counted * RUN).clamp(least, most);
    let scattered = (counted * SCATTERED).max(SCATTERED_WORDS);
    if comparison.heard == 0 {
        return Some("no word was heard".to_owned());
    }
    if comparison.counted >= SHORT && comparison.missing >= counted * OTHER_TEXT {
        return Some(format!("other words were heard: {}", quote(&comparison.added)));
    }
    if comparison.repeated_run >= REPEATED_RUN && comparison.extra_run >= REPEATED_EXTRA {
        return Some(format!(
            "{} words were heard twice: {}",
            comparison.repeated_run,
            quote(&comparison.added)
        ));
    }
    if comparison.missing_run >= run(MISSING_RUN) {
        let place = match comparison {
            _ if comparison.missing_tail >= comparison.missing_run => " at the end",
            _ if comparison.missing_head >= comparison.missing_run => " at the beginning",
            _ => "",
        };
        return Some(format!(
            "{:.0} words{place} were not heard: {}",
            comparison.missing_run,
            quote(&comparison.unheard)
        ));
    }
    if comparison.extra_run >= run(EXTRA_RUN) {
        return Some(format!(
            "{:.0} words were heard that are not in the text: {}",
            comparison.extra_run,
            quote(&comparison.added)
        ));
    }
    if comparison.missing.max(comparison.extra) >= scattered {
        return Some(format!(
            "{:.0} of {} words were not heard, {:.0} others were",
            comparison.missing, comparison.counted, comparison.extra
        ));
    }
    None
}

fn short(comparison: &Comparison) -> Heard {
    match comparison.likeness {
        _ if comparison.heard == 0 => inconclusive("no word of a short text was heard"),
        likeness if likeness < OTHER_SOUND => {
            Heard::Otherwise { reason: format!("other words were heard: {}", quote(&comparison.added)) }
        }
        likeness if likeness < SAME_SOUND => inconclusive("the text is too short to be sure"),
        _ => Heard::Words,
    }
}

fn inconclusive(reason: &str) -> Heard {
    Heard::Inconclusive { reason: reason.to_owned() }
}

fn quote(words: &[String]) -> String {
    let more = if words.len() > QUOTED { " …" } else { "" };
    format!("“{}{more}”", words[..words.len().min(QUOTED)].join(" "))
}

#[cfg(test)]
mod tests {
    use super::{super::Segment, *};

    const TEXT: &str = "It was a clear steel-blue day. The firmaments of air and sea were hardly separable in that \
        all-pervading azure; only, the pensive air was transparently pure and soft.";

    fn heard(text: &str, heard: &str) -> Heard {
        Comparison::of(text, heard).verdict(&Transcript::of(heard))
    }

    #[track_caller]
    fn reason(heard: Heard) -> String {
        match heard {
            Heard::Otherwise { reason } => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_words_of_the_text_pass_with_the_slips_of_a_recogniser() {
        let slips = "it was a clear steel blue day the firmament of air and see were hardly separable and that all \
            pervading asia only the pensive air was transparently pure and soft";
        assert_eq!(heard(TEXT, slips), Heard::Words);
    }

    #[test]
    fn missing_words_are_quoted_with_their_place() {
        let tail = reason(heard(TEXT, TEXT.split(" only,").next().unwrap()));
        assert_eq!(
            tail,
            "9 words at the end were not heard: “only the pensive air was transparently pure and soft”"
        );
        let head = reason(heard(TEXT, TEXT.split("day. ").nth(1).unwrap()));
        assert!(head.starts_with("7 words at the beginning were not heard"), "{head}");
        let inside = reason(heard(TEXT, &TEXT.replace(" and sea were hardly", "")));
        assert_eq!(inside, "4 words were not heard: “and sea were hardly”");
    }

    #[test]
    fn repeated_words_are_told_from_other_ones() {
        let twice = reason(heard(TEXT, &TEXT.replace("pure and", "pure and pure and")));
        assert!(twice.starts_with("2 words were heard twice"), "{twice}");
        let others = reason(heard(TEXT, &format!("{TEXT} Thank you all for watching this.")));
        assert!(others.contains("not in the text: “thank you all"), "{others}");
    }

    #[test]
    fn another_text_is_named_as_such() {
        let other = "some years ago never mind how long precisely having little or no money in my purse";
        assert!(reason(heard(TEXT, other)).starts_with("other words were heard"));
    }

    #[test]
    fn nothing_heard_of_a_long_text_is_a_fault_and_of_a_short_one_is_not() {
        assert_eq!(reason(heard(TEXT, "")), "no word was heard");
        assert!(matches!(heard("Yes, sir.", ""), Heard::Inconclusive { .. }));
    }

    #[test]
    fn a_short_text_is_rejected_only_for_something_quite_different() {
        assert_eq!(heard("Call me Ishmael.", "Call me, Ishmail!"), Heard::Words);
        assert!(matches!(heard("Aye, aye, sir.", "I saw"), Heard::Inconclusive { .. }));
        assert!(matches!(
            heard("Aye.", "some years ago never mind how long precisely"),
            Heard::Otherwise { .. }
        ));
    }

    #[test]
    fn a_number_alone_is_the_number_in_figures() {
        assert_eq!(heard("One.", "1."), Heard::Words);
        assert_eq!(heard("Chapter twenty one.", "Chapter 21."), Heard::Words);
        assert!(matches!(heard("One.", "some years ago never mind how long"), Heard::Otherwise { .. }));
    }

    #[test]
    fn a_recogniser_that_guesses_proves_nothing() {
        let unsure = |avg_logprob, no_speech_prob| {
            let segment = Segment { start: 0.0, end: 9.0, avg_logprob, no_speech_prob };
            let transcript = Transcript { text: "the whale".to_owned(), segments: vec![segment] };
            Comparison::of(TEXT, &transcript.text).verdict(&transcript)
        };
        assert!(matches!(unsure(Some(-1.4), None), Heard::Inconclusive { .. }));
        assert!(matches!(unsure(Some(-0.3), Some(0.9)), Heard::Inconclusive { .. }));
        assert!(matches!(unsure(Some(-0.3), Some(0.1)), Heard::Otherwise { .. }));
    }

    #[test]
    fn a_text_without_words_says_nothing() {
        assert!(matches!(heard("…", "you"), Heard::Inconclusive { .. }));
    }
}
