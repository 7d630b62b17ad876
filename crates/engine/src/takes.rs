//! The takes of a job as they land: what was measured on each, what that teaches of its voice, and which of them would
//! not pass any more now that more is known.

use rhapsode_audio::{
    judge::{Bounds, Breach, Expectation, check},
    learn::Learner,
};
use rhapsode_speech::Request;

use crate::{casting::Cast, lookup::Take, prepare::Prepared};

/// The takes of a job.
#[derive(Debug)]
pub(crate) struct Takes {
    /// For each chunk its take, if it is there.
    takes: Vec<Option<Take>>,
    /// For each chunk, what its take should be.
    expected: Vec<Expectation>,
    /// For each rendition, what is known of its takes.
    learners: Vec<Learner>,
}

impl Takes {
    pub(crate) fn new(prepared: &Prepared, cast: &Cast) -> Self {
        let expected: Vec<Expectation> = prepared
            .script
            .chunks()
            .map(|chunk| expectation(&cast.renditions[0].request(chunk, 0)))
            .collect();
        Self {
            takes: vec![None; expected.len()],
            expected,
            learners: vec![Learner::new(Bounds::default()); cast.renditions.len()],
        }
    }

    /// Takes a chunk's take in; a good one teaches. It replaces the one that was there.
    pub(crate) fn insert(&mut self, ordinal: u32, take: Take) {
        let place = ordinal as usize;
        if let Some(measured) = take.measured.filter(|_| take.defects.is_empty()) {
            self.learners[take.variant].add(&measured, &self.expected[place]);
        }
        self.takes[place] = Some(take);
    }

    pub(crate) fn get(&self, ordinal: u32) -> Option<&Take> {
        self.takes[ordinal as usize].as_ref()
    }

    /// Every take that is there, with its chunk.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Take)> {
        (0..).zip(&self.takes).filter_map(|(ordinal, take)| Some((ordinal, take.as_ref()?)))
    }

    /// For each rendition, what is known of its takes.
    pub(crate) fn learners(&self) -> &[Learner] {
        &self.learners
    }

    /// What is wrong with a take of a chunk by all that is known now.
    pub(crate) fn breaches(&self, ordinal: u32, take: &Take) -> Vec<Breach> {
        let bounds = self.learners[take.variant].bounds();
        let judged = |measured| check(&measured, &self.expected[ordinal as usize], &bounds);
        take.measured.map(judged).unwrap_or_default()
    }

    /// Whether a later take of a chunk is better than the one that is there: one that passed its checks at the time
    /// and has less wrong with it by all that is known now.
    pub(crate) fn is_better(&self, ordinal: u32, later: &Take) -> bool {
        let Some(earlier) = self.get(ordinal) else { return true };
        let wrong = |take: &Take| self.breaches(ordinal, take).len();
        later.defects.is_empty() && later.measured.is_some() && wrong(later) < wrong(earlier)
    }
}

fn expectation(request: &Request) -> Expectation {
    Expectation { characters: request.plain_text().chars().count(), speed: request.speed }
}

#[cfg(test)]
mod tests {
    use rhapsode_audio::judge::Measurements;
    use rhapsode_speech::TakeKey;

    use super::*;
    use crate::{Settings, casting::tests::cast_of};

    /// A take of so much speech, with a hole of this length in it.
    fn take(hole_seconds: f64, defects: &[&str]) -> Take {
        let measured = Measurements {
            seconds: 2.0,
            speech_seconds: 1.5,
            peak_dbfs: -6.0,
            loudest_dbfs: -10.0,
            speech_dbfs: -18.0,
            quietest_dbfs: -70.0,
            end_dbfs: -70.0,
            hole_seconds,
            ..Measurements::default()
        };
        let defects = defects.iter().map(ToString::to_string).collect();
        Take { key: TakeKey([0; 32]), variant: 0, defects, measured: Some(measured) }
    }

    #[test]
    fn a_second_take_replaces_the_first_only_if_less_is_wrong_with_it() {
        let prepared = Prepared::for_tests(&["A sentence of some words."], &Settings::for_tests());
        let mut takes = Takes::new(&prepared, &cast_of("1"));
        takes.insert(1, take(5.0, &[]));
        assert!(!takes.breaches(1, takes.get(1).unwrap()).is_empty());
        assert!(takes.is_better(1, &take(0.1, &[])));
        assert!(!takes.is_better(1, &take(5.0, &[])), "no better");
        assert!(!takes.is_better(1, &take(0.1, &["other-words"])), "a defect by another check");
        let unknown = Take { measured: None, ..take(0.1, &[]) };
        assert!(!takes.is_better(1, &unknown), "nothing is known of it");
    }
}
