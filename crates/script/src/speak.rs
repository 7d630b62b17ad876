//! What is spoken for a part of a line: words of the lexicon first, then the language's normaliser on what lies
//! between them.

use std::ops::Range;

use rhapsode_book::SkipReason;

use crate::Piece;
use crate::lexicon::Matcher;
use crate::normaliser::{Place, Setting, normalise};

/// Bytes of a line that a normaliser sees on each side of a stretch.
const NEIGHBOURS: usize = 160;

/// A part of a line as it is spoken.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    pub pieces: Vec<Piece>,
    /// Characters of the pieces, pronounced words by their spelling.
    pub length: usize,
    /// Byte ranges of the line that have no sound, ordered and disjoint.
    pub dropped: Vec<(Range<usize>, SkipReason)>,
}

/// The line that parts are spoken from.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub text: &'a str,
    pub setting: Setting,
    /// BCP 47 language of the part.
    pub language: &'a str,
    pub matcher: &'a Matcher,
}

impl Line<'_> {
    /// The words of a part that the lexicon pronounces.
    pub(crate) fn pronounced(&self, part: Range<usize>) -> Vec<crate::lexicon::Found> {
        self.matcher.find(self.text, part, self.language)
    }

    /// Makes a part speakable; no pieces come back where nothing in it has a sound.
    pub(crate) fn speak(&self, part: Range<usize>) -> Spoken {
        let mut spoken = Spoken::default();
        let mut at = part.start;
        for found in self.pronounced(part.clone()) {
            self.plain(at..found.range.start, &mut spoken);
            let word = self.text[found.range.clone()].to_owned();
            spoken.pieces.push(Piece::Pronounced { word, pronunciation: found.pronunciation });
            at = found.range.end;
        }
        self.plain(at..part.end, &mut spoken);
        spoken.trim();
        if !spoken.pieces.iter().any(|p| p.spelling().contains(char::is_alphanumeric)) {
            self.insist(part, &mut spoken);
        }
        spoken.length = spoken.pieces.iter().map(|p| p.spelling().chars().count()).sum();
        spoken
    }

    fn plain(&self, part: Range<usize>, spoken: &mut Spoken) {
        if part.is_empty() {
            return;
        }
        let place = Place {
            before: &self.text
                [self.text.floor_char_boundary(part.start.saturating_sub(NEIGHBOURS))..part.start],
            after: &self.text[part.end..self.text.ceil_char_boundary(part.end + NEIGHBOURS)],
            setting: self.setting,
            language: self.language,
        };
        let normalised = normalise(&self.text[part.clone()], &place);
        let shifted =
            |(range, reason): (Range<usize>, _)| (range.start + part.start..range.end + part.start, reason);
        spoken.dropped.extend(normalised.dropped.into_iter().map(shifted));
        if !normalised.text.is_empty() {
            spoken.pieces.push(Piece::Plain(normalised.text));
        }
    }

    /// Letters and digits are never silent: where a normaliser left nothing of them and gave no reason, they are
    /// spoken as they stand.
    fn insist(&self, part: Range<usize>, spoken: &mut Spoken) {
        spoken.pieces.clear();
        let mut kept = String::new();
        let mut at = part.start;
        for (range, _) in &spoken.dropped {
            kept.push_str(&self.text[at..range.start]);
            at = range.end;
        }
        kept.push_str(&self.text[at..part.end]);
        if kept.contains(char::is_alphanumeric) {
            spoken.pieces.push(Piece::Plain(kept.trim().to_owned()));
        }
    }
}

impl Spoken {
    /// Takes the white space off both ends.
    fn trim(&mut self) {
        if let Some(Piece::Plain(first)) = self.pieces.first_mut() {
            first.drain(..first.len() - first.trim_start().len());
        }
        if let Some(Piece::Plain(last)) = self.pieces.last_mut() {
            last.truncate(last.trim_end().len());
        }
        self.pieces.retain(|piece| !piece.spelling().is_empty());
    }

    /// Whether nothing is spoken.
    pub(crate) fn is_silent(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Ends the speech with a stop, so that the voice falls, where no other mark ends it.
    pub(crate) fn stop(&mut self, language: &str) {
        let Some(last) = self.pieces.last() else { return };
        let bare = last.spelling().trim_end_matches(['"', '\'', '”', '’', ')', ']', '»', '」']);
        if !bare.ends_with(char::is_alphanumeric) {
            return;
        }
        let stop = match crate::language::primary(language) {
            "zh" | "ja" | "yue" | "cmn" => '。',
            "hi" | "mr" | "ne" | "sa" | "bn" | "as" => '।',
            "th" | "lo" | "km" | "my" | "bo" => return,
            _ => '.',
        };
        self.length += 1;
        match self.pieces.last_mut() {
            Some(Piece::Plain(text)) => text.push(stop),
            _ => self.pieces.push(Piece::Plain(stop.into())),
        }
    }
}
