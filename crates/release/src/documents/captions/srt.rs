//! SubRip. It knows no escapes: what looks like markup is shown or dropped as the player likes.

use super::{clock, cues};
use crate::documents::{Edition, SoundFile};

/// SubRip captions of a file.
pub(in crate::documents) fn write(_: &Edition<'_>, file: &SoundFile) -> String {
    let cue = |(number, cue): (usize, super::Cue)| {
        let (start, end) = (clock(cue.start, ','), clock(cue.end, ','));
        format!("{number}\n{start} --> {end}\n{}\n\n", cue.lines.join("\n"))
    };
    (1..).zip(cues(file)).map(cue).collect()
}
