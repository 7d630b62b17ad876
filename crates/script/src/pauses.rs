//! How long the silence after a chunk is. The lengths are configuration, so they live apart from the script,
//! which only says why there is a pause.

use serde::{Deserialize, Serialize};

use crate::PauseReason;

/// Length of each kind of pause in milliseconds, between the end of one speech and the start of the next.
///
/// The defaults follow how narrators pause in slow prose: a breath of a third of a second between sentences, about
/// twice that between paragraphs, and a beat that a listener notices between scenes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pauses {
    /// Inside a sentence that was too long for one chunk.
    pub clause: u32,
    /// Between sentences.
    pub sentence: u32,
    /// After a line of verse, an item or a row.
    pub line: u32,
    /// Between paragraphs.
    pub paragraph: u32,
    /// After a heading.
    pub heading: u32,
    /// Between scenes.
    pub scene: u32,
    /// After the last word of a chapter; nothing, since the track's tail follows.
    pub chapter: u32,
}

impl Default for Pauses {
    fn default() -> Self {
        Self { clause: 180, sentence: 380, line: 300, paragraph: 700, heading: 1000, scene: 1600, chapter: 0 }
    }
}

impl Pauses {
    /// Length of a pause in milliseconds.
    #[must_use]
    pub fn milliseconds(&self, reason: PauseReason) -> u32 {
        match reason {
            PauseReason::Clause => self.clause,
            PauseReason::Sentence => self.sentence,
            PauseReason::Line => self.line,
            PauseReason::Paragraph => self.paragraph,
            PauseReason::Heading => self.heading,
            PauseReason::Scene => self.scene,
            PauseReason::Chapter => self.chapter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pause_can_be_set_and_the_others_keep_their_defaults() {
        let pauses: Pauses = toml::from_str("scene = 2500").unwrap();
        assert_eq!(pauses, Pauses { scene: 2500, ..Pauses::default() });
        assert_eq!(pauses.milliseconds(PauseReason::Scene), 2500);
        assert_eq!(pauses.milliseconds(PauseReason::Clause), Pauses::default().clause);
    }

    #[test]
    fn an_unknown_pause_is_refused() {
        let error = toml::from_str::<Pauses>("secene = 2500").unwrap_err();
        assert!(error.message().contains("secene"), "{error}");
    }

    #[test]
    fn a_weightier_boundary_has_a_longer_pause() {
        let pauses = Pauses::default();
        let rising = [
            PauseReason::Clause,
            PauseReason::Line,
            PauseReason::Sentence,
            PauseReason::Paragraph,
            PauseReason::Heading,
            PauseReason::Scene,
        ];
        assert!(rising.is_sorted_by_key(|reason| pauses.milliseconds(*reason)));
    }
}
