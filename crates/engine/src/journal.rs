//! What a job writes into its journal: the turns that somebody who looks for a fault asks about.

use rhapsode_gate::{Outcome, Verdict};
use serde::Serialize;

/// A line of the journal.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Record<'a> {
    Gate { verdict: Verdict, seconds: f64, findings: Vec<&'a Outcome> },
    Redo { ordinals: &'a [u32] },
    Defect { ordinal: u32, defects: &'a [String] },
    Replaced { ordinal: u32, reason: &'a str },
    Unspoken { ordinal: u32, reason: &'a str },
    Inconclusive { ordinal: u32, reason: &'a str },
    LimitLearnt { backend: &'a str, max_chars: usize },
    BackendLost { backend: &'a str, reason: &'a str },
    Waiting { reasons: &'a str },
    GoesOn,
    Track { chapter: usize, title: &'a str, seconds: f64 },
}
