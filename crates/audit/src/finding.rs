//! What an audit says: a check, what was measured, what would be right, and what to do about it.

use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// There is no bound for it in this profile.
    Info,
    /// It is as it should be.
    Pass,
    /// A listener, a player or a shop may stumble over it.
    Warn,
    /// It is broken, or the profile refuses it.
    Fail,
}

/// The table of checks.
macro_rules! checks {
    ($($(#[$documentation:meta])* $name:ident => $id:literal,)*) => {
        /// A thing that is checked. Its name is what people, JSON and the guide call it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
        pub enum Check {
            $($(#[$documentation])* #[serde(rename = $id)] $name,)*
        }

        impl Check {
            /// Every check, in the order in which they are told.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

checks! {
    /// Whether the file is sound that can be decoded here.
    Readable => "readable",
    /// Whether all of it decodes, to the end.
    Complete => "complete",
    /// Whether it is as long as its container says.
    Length => "length",
    /// Whether a checksum over its sound holds.
    Checksum => "checksum",
    /// Codec.
    Codec => "codec",
    /// Samples a second.
    SampleRate => "sample-rate",
    /// Mono or stereo.
    Channels => "channels",
    /// Bits a second.
    BitRate => "bit-rate",
    /// Length of a file.
    Duration => "duration",
    /// Plain RMS.
    Rms => "rms",
    /// Integrated loudness.
    Loudness => "loudness",
    /// Highest sample.
    SamplePeak => "sample-peak",
    /// Highest true peak.
    TruePeak => "true-peak",
    /// RMS of the quietest half second.
    NoiseFloor => "noise-floor",
    /// Crests that were cut.
    Clipping => "clipping",
    /// Mean of the samples.
    DcOffset => "dc-offset",
    /// Samples that are no numbers.
    Numbers => "numbers",
    /// Silence before the first sound.
    Head => "head",
    /// Silence behind the last sound.
    Tail => "tail",
    /// The longest silence between.
    Silence => "silence",
    /// Exact zeros where there should be room tone.
    DigitalSilence => "digital-silence",
    /// Nothing in the middle of sound.
    Holes => "holes",
    /// Whether there are chapters.
    Chapters => "chapters",
    /// Whether they are in order, apart, and within the file.
    ChapterTimes => "chapter-times",
    /// Whether each has a title.
    ChapterTitles => "chapter-titles",
    /// Whether the kinds of chapters in a file say the same.
    ChapterKinds => "chapter-kinds",
    /// What readers do not take.
    ChapterLimits => "chapter-limits",
    /// Whether the tags can be read.
    Tags => "tags",
    /// Title of the book.
    Title => "title",
    /// Its authors.
    Author => "author",
    /// Its readers.
    Narrator => "narrator",
    /// Its series.
    Series => "series",
    /// Its cover.
    Cover => "cover",
    /// Whether all files of a book are of one kind.
    OneKind => "one-kind",
    /// Whether all files of a book are as loud.
    EvenLoudness => "even-loudness",
    /// Whether the files of a book are numbered.
    TrackNumbers => "track-numbers",
    /// Opening and closing credits.
    Credits => "credits",
    /// How the folder is called and where it lies.
    Folder => "folder",
    /// `metadata.json`.
    Metadata => "metadata",
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// What came of a check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The check.
    pub check: Check,
    /// How it ended.
    pub verdict: Verdict,
    /// What was measured.
    pub measured: String,
    /// What would be right; empty without a bound.
    pub bound: String,
    /// What to do; empty if nothing.
    pub remedy: String,
}

/// Findings being gathered.
#[derive(Debug, Default)]
pub(crate) struct Findings(pub(crate) Vec<Finding>);

impl Findings {
    fn push(&mut self, check: Check, verdict: Verdict, measured: impl Into<String>, rule: Rule<'_>) {
        let remedy = if verdict >= Verdict::Warn { rule.remedy } else { "" };
        self.0.push(Finding {
            check,
            verdict,
            measured: measured.into(),
            bound: rule.bound.to_owned(),
            remedy: remedy.to_owned(),
        });
    }

    /// Tells a figure that has no bound.
    pub(crate) fn info(&mut self, check: Check, measured: impl Into<String>) {
        self.push(check, Verdict::Info, measured, Rule { bound: "", remedy: "", broken: Verdict::Info });
    }

    /// Tells whether something holds, and if not with the verdict of the rule.
    pub(crate) fn judge(&mut self, check: Check, holds: bool, measured: impl Into<String>, rule: Rule<'_>) {
        let verdict = if holds { Verdict::Pass } else { rule.broken };
        self.push(check, verdict, measured, rule);
    }
}

/// What would be right, what to do otherwise, and how bad that is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<'a> {
    pub(crate) bound: &'a str,
    pub(crate) remedy: &'a str,
    pub(crate) broken: Verdict,
}

/// A rule whose breach fails.
pub(crate) fn must<'a>(bound: &'a str, remedy: &'a str) -> Rule<'a> {
    Rule { bound, remedy, broken: Verdict::Fail }
}

/// A rule whose breach is worth a warning.
pub(crate) fn should<'a>(bound: &'a str, remedy: &'a str) -> Rule<'a> {
    Rule { bound, remedy, broken: Verdict::Warn }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_tells_of_every_check() {
        let guide = include_str!("../../../docs/check.md");
        for check in Check::ALL {
            assert!(guide.contains(&format!("`{check}`")), "docs/check.md has nothing on {check}");
        }
    }
}
