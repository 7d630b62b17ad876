//! What is broken in a file, without a list that grows with the damage.

use serde::Serialize;

/// Places that are kept of each kind; the rest is counted.
const KEPT: usize = 5;

/// What is broken in a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Damage {
    /// Why the end is missing, if it is.
    pub cut: Option<String>,
    /// The first faults.
    pub faults: Vec<Fault>,
    /// All faults.
    pub count: u64,
}

/// A place that does not decode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    /// Where, in seconds of sound that came before it.
    pub seconds: f64,
    /// What it is.
    pub what: String,
}

impl Damage {
    pub(crate) fn cut(&mut self, reason: impl Into<String>) {
        self.cut.get_or_insert(reason.into());
    }

    pub(crate) fn fault(&mut self, seconds: f64, what: impl Into<String>) {
        self.count += 1;
        if self.faults.len() < KEPT {
            self.faults.push(Fault { seconds, what: what.into() });
        }
    }

    /// Whether nothing is broken.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.cut.is_none() && self.count == 0
    }
}
