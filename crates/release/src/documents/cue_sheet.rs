//! A cue sheet: which chapter begins where, in frames of 1/75 s. It has no escapes, so quotes become apostrophes.

use super::edition::{Edition, SoundFile, one_line, units};
use crate::tags::MADE_WITH;

/// Frames of a second.
const FRAMES: u64 = 75;

pub(super) fn write(edition: &Edition<'_>) -> String {
    let tags = edition.tags;
    let mut sheet = String::new();
    let mut line = |indent: usize, line: String| {
        sheet.push_str(&format!("{:indent$}{line}\n", ""));
    };
    line(0, format!("REM GENRE {}", quoted(&tags.genre())));
    if let Some(year) = tags.year {
        line(0, format!("REM DATE {year}"));
    }
    line(0, format!("REM COMMENT {}", quoted(MADE_WITH)));
    let author = edition.author();
    if !author.is_empty() {
        line(0, format!("PERFORMER {}", quoted(&author)));
    }
    line(0, format!("TITLE {}", quoted(&tags.title)));
    let mut number = 0;
    for file in &edition.files {
        line(0, format!("FILE {} {}", quoted(&file.name()), kind(file)));
        for (start, chapter) in file.timed() {
            number += 1;
            line(2, format!("TRACK {number:02} AUDIO"));
            line(4, format!("TITLE {}", quoted(&chapter.title)));
            line(4, format!("INDEX 01 {}", stamp(units(start, file.rate, FRAMES))));
        }
    }
    sheet
}

/// The words that cue sheets know: `WAVE` stands for everything that is decoded.
fn kind(file: &SoundFile) -> &'static str {
    if file.media_type == "audio/mpeg" { "MP3" } else { "WAVE" }
}

fn stamp(frames: u64) -> String {
    let (seconds, frames) = (frames / FRAMES, frames % FRAMES);
    format!("{:02}:{:02}:{frames:02}", seconds / 60, seconds % 60)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text).replace('"', "'"))
}
