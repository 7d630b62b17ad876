//! What was heard against the text, measured in runs of words. A rate over all words would hide a lost sentence in a
//! long chunk among the small slips of a recogniser; a run cannot hide.

use std::ops::Range;

use super::{
    Heard, Transcript,
    alignment::{Step, align},
    sound, verdict,
    words::{Kind, Word, words},
};

/// Heard words that a name may have become: an old name is often taken for several words.
const WORDS_FOR_A_NAME: usize = 3;

/// Sounds share half of themselves by chance; what is shared above that is the same.
const LIKE_BY_CHANCE: f64 = 0.5;

/// From this likeness on, a word and its neighbour are the same sound parted at another place.
const PARTED_OTHERWISE: f64 = 0.8;

/// Stands for any number where sounds are compared; no letter has this sound.
const NUMBER: &str = "#";

/// Heard words that are looked at: so many times those of the text, and some more.
const LONGEST_HEARD: usize = 4;
const ROOM_FOR_MORE: usize = 50;

/// What was heard, set against the text. Lengths are in words of the text or, for what is not in the text, heard
/// words; names and numbers are not counted where something was heard in their place, and words that only sound alike
/// are counted in part.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Words of the text, all of them.
    pub words: usize,
    /// Words of the text that are counted: neither names nor numbers.
    pub counted: usize,
    /// Heard words, as far as they were looked at.
    pub heard: usize,
    /// The longest run of words that were not heard.
    pub missing_run: f64,
    /// All words that were not heard.
    pub missing: f64,
    /// Words that were not heard at the beginning.
    pub missing_head: f64,
    /// Words that were not heard at the end.
    pub missing_tail: f64,
    /// The longest run of heard words that are not in the text at this place.
    pub extra_run: f64,
    /// All such words.
    pub extra: f64,
    /// The longest run of heard words that say again what stands just before or after them in the text.
    pub repeated_run: usize,
    /// The words of the longest run that was not heard, names and numbers among them.
    pub unheard: Vec<String>,
    /// The words of the longest run that was heard beside the text.
    pub added: Vec<String>,
    /// How alike text and transcript sound on the whole, from 0 to 1, names and numbers included.
    pub likeness: f64,
}

impl Comparison {
    /// Compares a text in spoken form with what was heard of it.
    #[must_use]
    pub fn of(text: &str, heard: &str) -> Self {
        let (text, mut heard) = (words(text), words(heard));
        // A recogniser in a loop says enough with these.
        heard.truncate(text.len() * LONGEST_HEARD + ROOM_FOR_MORE);
        let mut comparison = Self {
            words: text.len(),
            counted: text.iter().filter(|word| word.kind == Kind::Plain).count(),
            heard: heard.len(),
            likeness: likeness(&text, &heard),
            ..Self::default()
        };
        for gap in gaps(&align(&text, &heard)) {
            comparison.count(&gap, &text, &heard);
        }
        comparison
    }

    /// What can be said from this and from what the recogniser says of itself.
    #[must_use]
    pub fn verdict(&self, transcript: &Transcript) -> Heard {
        verdict::verdict(self, transcript)
    }

    fn count(&mut self, gap: &Gap, text: &[Word], heard: &[Word]) {
        if gap.is_a_word_parted_otherwise(text, heard) {
            return;
        }
        let (unheard, extra) = (&text[gap.text.clone()], &heard[gap.heard.clone()]);
        let likeness = sound::likeness(&sounds(unheard), &sounds(extra));
        let unlike = 1.0 - ((likeness - LIKE_BY_CHANCE) / (1.0 - LIKE_BY_CHANCE)).max(0.0);
        let plain = unheard.iter().filter(|word| word.kind == Kind::Plain).count();
        let names = unheard.len() - plain;
        let spoken = extra.iter().filter(|word| word.kind != Kind::Number).count();
        // A name that was misheard leaves something in its place.
        let missing = if extra.is_empty() { unheard.len() as f64 } else { plain as f64 * unlike };
        let extra_words = spoken.saturating_sub(names * WORDS_FOR_A_NAME) as f64 * unlike;

        self.missing += missing;
        if missing > self.missing_run {
            self.missing_run = missing;
            self.unheard = letters(unheard);
        }
        if gap.text.start == 0 {
            self.missing_head = missing;
        }
        if gap.text.end == text.len() {
            self.missing_tail = missing;
        }
        self.extra += extra_words;
        if extra_words > self.extra_run {
            self.extra_run = extra_words;
            self.added = letters(extra);
        }
        self.repeated_run = self.repeated_run.max(repeated(extra, text, gap));
    }
}

/// A place where text and transcript part: neighbouring steps none of which is a word that was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gap {
    text: Range<usize>,
    heard: Range<usize>,
    /// Whether the word before it is only alike.
    after_alike: bool,
    /// Whether the word behind it is only alike.
    before_alike: bool,
}

impl Gap {
    /// Whether it vanishes together with a neighbour: `canallers` was heard as `can allers`.
    fn is_a_word_parted_otherwise(&self, text: &[Word], heard: &[Word]) -> bool {
        let (before, behind) = (usize::from(self.after_alike), usize::from(self.before_alike));
        [(before, 0), (0, behind), (before, behind)].into_iter().any(|(before, behind)| {
            let wider = |range: &Range<usize>| range.start - before..range.end + behind;
            before + behind > 0
                && sound::likeness(&sounds(&text[wider(&self.text)]), &sounds(&heard[wider(&self.heard)]))
                    >= PARTED_OTHERWISE
        })
    }
}

fn gaps(steps: &[Step]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let (mut t, mut h) = (0, 0);
    let mut open = false;
    let mut last = Step::Heard;
    for step in steps {
        if matches!(step, Step::Heard | Step::Alike) {
            if let Some(gap) = gaps.last_mut().filter(|_| open) {
                gap.before_alike = *step == Step::Alike;
            }
            open = false;
        } else if !open {
            gaps.push(Gap { text: t..t, heard: h..h, after_alike: last == Step::Alike, before_alike: false });
            open = true;
        }
        last = *step;
        t += usize::from(*step != Step::Extra);
        h += usize::from(*step != Step::Unheard);
        if let Some(gap) = gaps.last_mut().filter(|_| open) {
            (gap.text.end, gap.heard.end) = (t, h);
        }
    }
    gaps
}

/// The longest run of heard words that stands in the text so that it ends where the gap begins, or begins where the
/// gap ends, or a little away from either.
fn repeated(extra: &[Word], text: &[Word], gap: &Gap) -> usize {
    let from = gap.text.start.saturating_sub(extra.len() + 1);
    let to = (gap.text.end + extra.len() + 1).min(text.len());
    let near = &text[from..to];
    // One consonant alone is too little: `the`, `to` and `day` have the same.
    let alike = |one: &Word, other: &Word| {
        one.letters == other.letters || (one.sound.len() > 1 && one.sound == other.sound)
    };
    let mut longest = 0;
    let mut runs = vec![0_usize; near.len() + 1];
    for word in extra {
        for n in (0..near.len()).rev() {
            runs[n + 1] = if alike(word, &near[n]) { runs[n] + 1 } else { 0 };
            longest = longest.max(runs[n + 1]);
        }
    }
    longest
}

fn letters(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| word.letters.clone()).collect()
}

/// How alike two texts sound on the whole. A number is as good as another, `one` as good as `1.`.
fn likeness(text: &[Word], heard: &[Word]) -> f64 {
    let numbers_alike = |words: &[Word]| -> String {
        let number = |word: &Word| word.kind == Kind::Number;
        words.iter().map(|word| if number(word) { NUMBER } else { word.sound.as_str() }).collect()
    };
    let as_spoken = sound::likeness(&sounds(text), &sounds(heard));
    as_spoken.max(sound::likeness(&numbers_alike(text), &numbers_alike(heard)))
}

fn sounds(words: &[Word]) -> String {
    words.iter().map(|word| word.sound.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "Whenever it is a damp, drizzly November in my soul; whenever I find myself involuntarily \
        pausing before coffin warehouses, and bringing up the rear of every funeral I meet.";

    fn without(range: Range<usize>) -> String {
        let words: Vec<&str> = TEXT.split_whitespace().collect();
        [&words[..range.start], &words[range.end..]].concat().join(" ")
    }

    #[test]
    fn the_text_itself_differs_in_nothing() {
        let same = Comparison::of(TEXT, TEXT);
        assert_eq!((same.missing, same.extra, same.repeated_run, same.likeness), (0.0, 0.0, 0, 1.0));
    }

    #[test]
    fn a_run_that_was_not_heard_is_measured_whole_and_quoted() {
        let cut = Comparison::of(TEXT, &without(15..21));
        assert_eq!(cut.missing_run, 6.0);
        assert_eq!(cut.unheard.join(" "), "pausing before coffin warehouses and bringing");
        assert_eq!(cut.missing_tail, 0.0);
        let tail = Comparison::of(TEXT, &without(25..29));
        assert_eq!((tail.missing_tail, tail.missing_head), (4.0, 0.0));
        let head = Comparison::of(TEXT, &without(0..3));
        assert_eq!((head.missing_tail, head.missing_head), (0.0, 3.0));
    }

    #[test]
    fn words_said_again_are_a_repetition() {
        let heard = TEXT.replace("in my soul;", "in my soul in my soul");
        let twice = Comparison::of(TEXT, &heard);
        assert_eq!((twice.repeated_run, twice.extra_run), (3, 3.0));
        assert_eq!(twice.missing, 0.0);
    }

    #[test]
    fn other_words_between_are_no_repetition() {
        let more = Comparison::of(TEXT, &TEXT.replace("in my soul;", "to the in my soul;"));
        assert_eq!((more.repeated_run, more.extra_run), (0, 2.0));
    }

    #[test]
    fn names_and_numbers_heard_otherwise_count_nothing() {
        let comparison = Comparison::of(
            "In the days of King Nebuchadnezzar and of Ahasuerus there were one hundred and twenty-seven of them",
            "in the days of king never cut nezzar and of a hazard's there were 127 of them",
        );
        assert!(comparison.missing_run < 1.0, "{comparison:?}");
        assert!(comparison.extra_run < 1.0, "{comparison:?}");
    }

    #[test]
    fn a_name_counts_where_nothing_was_heard_at_all() {
        let text = "and then he asked whether old Captain Peleg had been seen on the wharf that day";
        let misheard = Comparison::of(text, &text.replace("Captain Peleg", "cat in pelican"));
        assert!(misheard.missing_run < 1.0, "{misheard:?}");
        assert_eq!(Comparison::of(text, &text.replace("Captain Peleg ", "")).missing_run, 2.0);
    }

    #[test]
    fn words_that_are_joined_or_parted_are_the_same() {
        let comparison = Comparison::of(
            "They were both canallers, and any one of them would have gone to-day on that life-line; I should not",
            "they were both can allers and anyone of them would have gone today on that lifeline I shouldn't",
        );
        assert!(comparison.missing_run < 1.0 && comparison.extra_run < 1.0, "{comparison:?}");
    }

    proptest! {
        #[test]
        fn measures_keep_their_order(text in "([A-Za-z]{1,7}[.,]? ){0,25}", heard in "([a-z0-9]{1,7} ){0,25}") {
            let c = Comparison::of(&text, &heard);
            prop_assert!(c.missing_run <= c.missing && c.missing <= c.words as f64 + 1e-9);
            prop_assert!(c.missing_head <= c.missing_run && c.missing_tail <= c.missing_run);
            prop_assert!(c.extra_run <= c.extra && c.extra <= c.heard as f64 + 1e-9);
            prop_assert!(c.counted <= c.words && (0.0..=1.0).contains(&c.likeness));
        }

        #[test]
        fn a_text_heard_exactly_is_never_at_fault(text in "\\PC{0,200}") {
            let c = Comparison::of(&text, &text);
            prop_assert_eq!((c.missing, c.extra), (0.0, 0.0));
        }
    }
}
