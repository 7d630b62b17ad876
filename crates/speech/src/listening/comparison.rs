//! What was heard against the text, measured in runs of words. A rate over all words would hide a lost sentence in a
//! long chunk among the small slips of a recogniser; a run cannot hide.

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

/// What was heard, set against the text. Lengths are in words of the text or, for what is not in the text, heard
/// words; names and numbers are not counted, and words that only sound alike are counted in part.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Words of the text, all of them.
    pub words: usize,
    /// Words of the text that are counted: neither names nor numbers.
    pub counted: usize,
    /// Heard words.
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
    /// How alike text and transcript sound on the whole, from 0 to 1, names and numbers included.
    pub likeness: f64,
}

impl Comparison {
    /// Compares a text in spoken form with what was heard of it.
    #[must_use]
    pub fn of(text: &str, heard: &str) -> Self {
        let (text, heard) = (words(text), words(heard));
        let mut comparison = Self {
            words: text.len(),
            counted: text.iter().filter(|word| word.kind == Kind::Plain).count(),
            heard: heard.len(),
            likeness: sound::likeness(&sounds(&text), &sounds(&heard)),
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
        let (unheard, extra) = (&text[gap.text.clone()], &heard[gap.heard.clone()]);
        let likeness = sound::likeness(&sounds(unheard), &sounds(extra));
        let unlike = 1.0 - ((likeness - LIKE_BY_CHANCE) / (1.0 - LIKE_BY_CHANCE)).max(0.0);
        let plain = unheard.iter().filter(|word| word.kind == Kind::Plain).count();
        let names = unheard.len() - plain;
        let spoken = extra.iter().filter(|word| word.kind != Kind::Number).count();
        let missing = plain as f64 * unlike;
        let extra_words = spoken.saturating_sub(names * WORDS_FOR_A_NAME) as f64 * unlike;

        self.missing += missing;
        self.missing_run = self.missing_run.max(missing);
        if gap.text.start == 0 {
            self.missing_head = missing;
        }
        if gap.text.end == text.len() {
            self.missing_tail = missing;
        }
        self.extra += extra_words;
        self.extra_run = self.extra_run.max(extra_words);
        self.repeated_run = self.repeated_run.max(repeated(extra, text, gap));
    }
}

/// A place where text and transcript part: neighbouring steps none of which is a word that was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Gap {
    text: std::ops::Range<usize>,
    heard: std::ops::Range<usize>,
}

fn gaps(steps: &[Step]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let (mut t, mut h) = (0, 0);
    let mut open = false;
    for step in steps {
        if *step == Step::Heard {
            open = false;
        } else if !open {
            gaps.push(Gap { text: t..t, heard: h..h });
            open = true;
        }
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
    let alike = |one: &Word, other: &Word| one.letters == other.letters || one.sound == other.sound;
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

fn sounds(words: &[Word]) -> String {
    words.iter().map(|word| word.sound.as_str()).collect()
}
