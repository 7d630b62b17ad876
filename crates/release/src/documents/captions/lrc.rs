//! LRC: lyrics with times in hundredths of a second, a line a cue. Minutes go on past 99.

use super::cues;
use crate::documents::{
    Edition, SoundFile,
    edition::{one_line, units},
};
use crate::tags::MADE_WITH;

/// Lyrics of a file.
pub(in crate::documents) fn write(edition: &Edition<'_>, file: &SoundFile) -> String {
    let title = match file.chapters.as_slice() {
        [only] if edition.files.len() > 1 => &only.title,
        _ => &edition.tags.title,
    };
    let samples = file.chapters.iter().map(|chapter| chapter.samples).sum();
    let seconds = units(samples, file.rate, 1);
    let mut text = String::new();
    for (tag, value) in [
        ("ti", title.clone()),
        ("ar", edition.author()),
        ("al", edition.tags.title.clone()),
        ("length", format!("{:02}:{:02}", seconds / 60, seconds % 60)),
        ("re", MADE_WITH.to_owned()),
    ] {
        // A bracket would end the tag.
        let value = one_line(&value).replace('[', "(").replace(']', ")");
        if !value.is_empty() {
            text.push_str(&format!("[{tag}:{value}]\n"));
        }
    }
    for cue in cues(file) {
        let words = cue.lines.join(" ");
        // Words in brackets would be read as another tag.
        let space = if words.starts_with('[') { " " } else { "" };
        text.push_str(&format!("{}{space}{words}\n", stamp(cue.start)));
    }
    text
}

/// `[01:02.34]`, never later than the cue.
fn stamp(milliseconds: u64) -> String {
    let hundredths = milliseconds / 10;
    let (seconds, rest) = (hundredths / 100, hundredths % 100);
    format!("[{:02}:{:02}.{rest:02}]", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_go_on_past_99() {
        assert_eq!(stamp(59_999), "[00:59.99]");
        assert_eq!(stamp(36_000_000 + 1_500), "[600:01.50]");
    }
}
