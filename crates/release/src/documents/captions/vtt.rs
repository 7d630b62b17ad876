//! WebVTT, as W3C's recommendation has it: what could be markup or an arrow is escaped.

use super::{clock, cues};
use crate::documents::{Edition, SoundFile};

/// WebVTT captions of a file.
pub(in crate::documents) fn write(_: &Edition<'_>, file: &SoundFile) -> String {
    let mut text = String::from("WEBVTT\n");
    for cue in cues(file) {
        let (start, end) = (clock(cue.start, '.'), clock(cue.end, '.'));
        let lines: Vec<String> = cue.lines.iter().map(|line| escaped(line)).collect();
        text.push_str(&format!("\n{start} --> {end}\n{}\n", lines.join("\n")));
    }
    text
}

fn escaped(line: &str) -> String {
    line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_and_markup_are_words() {
        assert_eq!(escaped("a --> b <i> & c"), "a --&gt; b &lt;i&gt; &amp; c");
    }
}
