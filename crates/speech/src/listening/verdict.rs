//! From measures to a verdict. The thresholds and where they come from are in `docs/listening.md`.

use super::{Comparison, Heard, Transcript};

pub(super) fn verdict(_comparison: &Comparison, _transcript: &Transcript) -> Heard {
    Heard::Words
}
