//! A script's account: the proof that no character is lost, and the figures that plans and reports show.

use std::collections::BTreeMap;

use rhapsode_book::{Disposition, Ledger, LedgerEntry, LedgerError, SkipReason};
use serde::{Deserialize, Serialize};

use crate::{Chunk, Pauses, Script, ScriptChapter};

/// Spoken characters in a second at normal speed, pauses apart.
///
/// Audiobooks are read at 150 to 160 words a minute with pauses; English prose has 5.7 characters a word with its
/// space. The built-in voice at speed 1 speaks about as fast.
pub const CHARACTERS_PER_SECOND: f64 = 15.0;

/// The figures of a script, or of one of its chapters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Chunks.
    pub chunks: usize,
    /// Characters of the manuscript that are spoken.
    pub characters: u64,
    /// Characters of the text that the voice gets.
    pub spoken_characters: u64,
    /// Estimated length in seconds, pauses included.
    pub seconds: f64,
}

impl Script {
    /// Checks that spoken spans and skips together are every character of the manuscript, and disjoint.
    ///
    /// # Errors
    /// [`LedgerError`] names the first stretch that would be lost or spoken twice.
    pub fn verify(&self) -> Result<(), LedgerError> {
        let spoken = self.chunks().flat_map(|chunk| &chunk.source.spans);
        let spoken = spoken.map(|span| LedgerEntry { span: *span, disposition: Disposition::Kept });
        let skipped = self.skips.iter();
        let skipped =
            skipped.map(|s| LedgerEntry { span: s.span, disposition: Disposition::Skipped(s.reason) });
        Ledger::from_entries(spoken.chain(skipped).collect(), self.characters).map(|_| ())
    }

    /// Every chunk, in reading order.
    pub fn chunks(&self) -> impl Iterator<Item = &Chunk> {
        self.chapters.iter().flat_map(|chapter| &chapter.chunks)
    }

    /// Characters that are not spoken, by reason.
    #[must_use]
    pub fn skipped(&self) -> BTreeMap<SkipReason, u64> {
        let mut by_reason = BTreeMap::new();
        for skip in &self.skips {
            *by_reason.entry(skip.reason).or_default() += skip.span.len();
        }
        by_reason
    }

    /// The figures of the whole script at a speed (1 is normal).
    #[must_use]
    pub fn statistics(&self, speed: f32, pauses: &Pauses) -> Statistics {
        let chapters = self.chapters.iter().map(|chapter| chapter.statistics(speed, pauses));
        chapters.fold(Statistics::default(), |all, one| Statistics {
            chunks: all.chunks + one.chunks,
            characters: all.characters + one.characters,
            spoken_characters: all.spoken_characters + one.spoken_characters,
            seconds: all.seconds + one.seconds,
        })
    }
}

impl ScriptChapter {
    /// The figures of the chapter at a speed (1 is normal).
    #[must_use]
    pub fn statistics(&self, speed: f32, pauses: &Pauses) -> Statistics {
        let mut statistics = Statistics { chunks: self.chunks.len(), ..Statistics::default() };
        let mut silence: u64 = 0;
        for chunk in &self.chunks {
            statistics.characters += chunk.source.spans.iter().map(|span| span.len()).sum::<u64>();
            statistics.spoken_characters += chunk.spoken_length() as u64;
            silence += u64::from(pauses.milliseconds(chunk.pause_after.reason));
        }
        let speed = f64::from(speed).max(f64::MIN_POSITIVE);
        statistics.seconds =
            statistics.spoken_characters as f64 / (CHARACTERS_PER_SECOND * speed) + silence as f64 / 1000.0;
        statistics
    }
}

impl Chunk {
    /// Characters of the spoken text, pronounced words by their spelling.
    #[must_use]
    pub fn spoken_length(&self) -> usize {
        self.text.iter().map(|piece| piece.spelling().chars().count()).sum()
    }
}
