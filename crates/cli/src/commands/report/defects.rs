//! Chunks that no attempt made good: the words, what is wrong, and the sound to hear.

use base64::{Engine, engine::general_purpose::STANDARD};
use maud::{Markup, html};
use rayon::prelude::*;
use rhapsode_engine::{
    DefectReport, Finished,
    audio::{Pcm, SampleRate, from_i16},
    store::TakeStore,
};
use rhapsode_server::ogg_opus;

use crate::failure::Failure;

/// Defects whose sound is in the page: a minute or two of each ten, and a browser holds it all at once.
const HEARD: usize = 200;

/// A defect with its sound.
pub(super) struct Heard<'a> {
    defect: &'a DefectReport,
    sound: Sound,
}

enum Sound {
    /// As a data URL of Ogg Opus.
    Here(String),
    Gone,
    TooMany,
}

pub(super) fn hear<'a>(finished: &'a Finished, store: &TakeStore) -> Result<Vec<Heard<'a>>, Failure> {
    let defects = finished.summary.defects.par_iter().enumerate();
    let heard = defects.map(|(n, defect)| {
        let sound = if n < HEARD { sound(finished, defect.ordinal, store)? } else { Sound::TooMany };
        Ok(Heard { defect, sound })
    });
    heard.collect()
}

fn sound(finished: &Finished, ordinal: u32, store: &TakeStore) -> Result<Sound, Failure> {
    let Some(take) = finished.take(ordinal, store)? else { return Ok(Sound::Gone) };
    let samples = take.samples.into_iter().map(from_i16).collect();
    // A sound that the encoder does not take is told of like one that is gone: its words and its file are there.
    Ok(match ogg_opus(Pcm { rate: SampleRate(take.rate), samples }) {
        Ok(file) => Sound::Here(format!("data:audio/ogg;base64,{}", STANDARD.encode(&file))),
        Err(_) => Sound::Gone,
    })
}

pub(super) fn section(defects: &[Heard<'_>]) -> Markup {
    html! {
        section #defects aria-labelledby="defects-title" {
            h2 #defects-title { "Defects" }
            @if defects.is_empty() {
                p { "Every chunk passed its checks." }
            } @else {
                p {
                    "No attempt at these chunks passed its checks; the best one is in the book. "
                    code { "rhapsode redo BOOK --defects" } " makes them again, "
                    code { "--chunk NUMBER" } " one of them."
                }
                @for heard in defects { (article(heard)) }
            }
        }
    }
}

fn article(heard: &Heard<'_>) -> Markup {
    let DefectReport { ordinal, chapter, text, defects, reasons, file } = heard.defect;
    let reasons = if reasons.is_empty() { defects } else { reasons };
    html! {
        article.defect {
            h3 { "Chunk " (ordinal) ", " bdi { (chapter) } }
            blockquote dir="auto" { (text) }
            ul { @for reason in reasons { li { (reason) } } }
            @match &heard.sound {
                Sound::Here(url) => audio controls preload="none" src=(url) aria-label={ "Chunk " (ordinal) } {},
                Sound::Gone => p { "Its take is not in the store any more." },
                Sound::TooMany => p.path { (file.display()) },
            }
        }
    }
}
