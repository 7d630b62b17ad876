//! Captions of a sound file: one list of cues, written in three ways.

mod cues;
mod lrc;
mod srt;
mod vtt;

pub(super) use lrc::write as lrc;
pub(super) use srt::write as srt;
pub(super) use vtt::write as vtt;

use cues::{Cue, cues};

/// `01:02:03` and the milliseconds after this mark.
fn clock(milliseconds: u64, mark: char) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("{:02}:{:02}:{seconds:02}{mark}{rest:03}", minutes / 60, minutes % 60)
}
