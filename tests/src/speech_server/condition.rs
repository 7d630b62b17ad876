//! How a server fares, beside the faults that strike single requests: what a gate is to find.

use serde_json::Value;

/// How a server fares. It may change while the server runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Condition {
    /// What it is busy with, if it is not ready.
    pub phase: Option<String>,
    /// What `/v1/dependencies` answers; without it there is no such call.
    pub dependencies: Option<Value>,
    /// How it answers probes.
    pub proof: Proof,
    /// Words that it never gets out: of a text of a book that has them, it says no more than a word or two.
    pub stumbles_at: Option<String>,
}

/// How a server answers probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Proof {
    /// As it answers for a book.
    #[default]
    Sung,
    /// With zeros.
    Silent,
    /// With an error of its engine.
    Refused,
    /// Never.
    Unanswered,
}
