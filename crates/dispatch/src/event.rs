//! What a dispatch tells while it works, what it returns, and how it is told to stop.

use std::time::Duration;

use rhapsode_speech::TakeKey;
use rhapsode_store::Verdict;
use serde::Serialize;

/// What happened to a chunk.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum DispatchEvent {
    /// A backend began to speak it.
    Started {
        /// The chunk.
        ordinal: u32,
        /// Name of the backend.
        backend: String,
    },
    /// Its take is in the store. Comes once for every chunk that does not fail, also for chunks that share a
    /// take.
    Finished {
        /// The chunk.
        ordinal: u32,
        /// The take.
        key: TakeKey,
        /// Whether the take passed its checks.
        verdict: Verdict,
        /// Length of the take.
        seconds_of_audio: f64,
        /// Time that backends spent on it, all attempts together; zero where another chunk's take is shared.
        elapsed: Duration,
        /// Name of the backend that made the take.
        backend: String,
    },
    /// It will be spoken again.
    Retried {
        /// The chunk.
        ordinal: u32,
        /// What was wrong.
        reason: String,
        /// Name of the backend that it was wrong with.
        backend: String,
    },
    /// A second backend speaks it too, because the first takes long; the first good answer wins.
    Hedged {
        /// The chunk.
        ordinal: u32,
        /// Name of the second backend.
        backend: String,
    },
    /// No backend can speak it; the job goes on without it.
    Failed {
        /// The chunk.
        ordinal: u32,
        /// Why not.
        reason: String,
    },
    /// The listening check could not say whether a take has the right words.
    Inconclusive {
        /// The chunk.
        ordinal: u32,
        /// Why not.
        reason: String,
    },
    /// A backend refused a text for its length and gets shorter ones from now on.
    LimitLearnt {
        /// Name of the backend.
        backend: String,
        /// Characters that it gets at most.
        max_chars: usize,
    },
    /// A backend gets no more work.
    BackendLost {
        /// Name of the backend.
        backend: String,
        /// What is wrong with it.
        reason: String,
    },
    /// How a backend does; comes when it changes, a few times a second at most.
    Backend(BackendStatus),
    /// No backend works at the moment; the job waits for one.
    Waiting {
        /// What is wrong with each.
        reasons: String,
    },
    /// A backend works again after [`DispatchEvent::Waiting`].
    GoesOn,
}

/// How a backend does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackendStatus {
    /// Its name.
    pub backend: String,
    /// Requests in flight.
    pub busy: usize,
    /// Requests that it gets at the same time at the moment.
    pub slots: usize,
    /// Requests that it would get at most.
    pub most_slots: usize,
    /// Takes that it made.
    pub takes: u64,
    /// Requests that failed, and takes that were rejected.
    pub errors: u64,
    /// Seconds of speech that it gives a second, all slots together; none before its first take.
    pub times_real_time: Option<f64>,
    /// Seconds that requests were in flight, summed over its slots.
    pub busy_seconds: f64,
    /// Whether it gets work.
    pub breaker: Breaker,
}

/// The state of a circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breaker {
    /// It gets work.
    Closed,
    /// It failed too often and gets none for a while.
    Open,
    /// It is asked to prove that it can speak again.
    HalfOpen,
    /// It cannot work at all and gets none in this run.
    Lost,
}

/// What came of a dispatch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DispatchOutcome {
    /// Chunks whose takes are in the store.
    pub finished: usize,
    /// Chunks among them whose take is a defect, in ascending order.
    pub defects: Vec<u32>,
    /// Chunks that no backend could speak, in ascending order.
    pub failed: Vec<FailedChunk>,
    /// Whether it was stopped with chunks left over.
    pub stopped: bool,
}

/// A chunk that no backend could speak.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FailedChunk {
    /// The chunk.
    pub ordinal: u32,
    /// Why not.
    pub reason: String,
}

/// How a dispatch is told to stop. Whatever the signal, what was finished is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StopSignal {
    /// Go on.
    #[default]
    Running,
    /// Begin nothing new, finish what is in flight.
    Drain,
    /// Stop at once.
    Now,
}
