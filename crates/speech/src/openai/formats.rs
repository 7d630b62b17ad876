//! Which format a server answers in: the best that it has is found by asking, and then remembered.

use std::sync::atomic::{AtomicUsize, Ordering};

use rhapsode_audio::decode::Format;

/// The formats that may be asked for, best first.
#[derive(Debug)]
pub(super) struct Formats {
    formats: Vec<Format>,
    /// Position of the one that works; beyond the end until one did.
    works: AtomicUsize,
}

impl Formats {
    /// None works yet.
    pub(super) fn new(formats: Vec<Format>) -> Self {
        Self { works: AtomicUsize::new(usize::MAX), formats }
    }

    /// The formats in the order to try them: first the one that works, if it is known.
    pub(super) fn to_try(&self) -> Vec<Format> {
        let mut formats = self.formats.clone();
        if let Some(works) = self.formats.get(self.works.load(Ordering::Relaxed)) {
            formats.retain(|format| format != works);
            formats.insert(0, *works);
        }
        formats
    }

    /// Whether this one is known to work: what cannot be decoded then is an accident.
    pub(super) fn works(&self, format: Format) -> bool {
        self.formats.get(self.works.load(Ordering::Relaxed)) == Some(&format)
    }

    /// Whether any is known to work.
    pub(super) fn are_settled(&self) -> bool {
        self.works.load(Ordering::Relaxed) != usize::MAX
    }

    /// This one worked.
    pub(super) fn settle(&self, format: Format) {
        if let Some(position) = self.formats.iter().position(|&known| known == format) {
            self.works.store(position, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_worked_is_tried_first_and_the_rest_stays_in_order() {
        let formats = Formats::new(vec![Format::Flac, Format::Wav, Format::Mp3]);
        assert_eq!(formats.to_try(), [Format::Flac, Format::Wav, Format::Mp3]);
        assert!(!formats.works(Format::Flac));
        formats.settle(Format::Mp3);
        assert!(formats.works(Format::Mp3));
        assert_eq!(formats.to_try(), [Format::Mp3, Format::Flac, Format::Wav]);
    }
}
