//! What a dispatch tells while it works, what it returns, and how it is told to stop.

use std::time::Duration;

use rhapsode_speech::TakeKey;
use rhapsode_store::Verdict;

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
    /// No backend can speak it; the job goes on without it.
    Failed {
        /// The chunk.
        ordinal: u32,
        /// Why not.
        reason: String,
    },
    /// A backend gets no more work.
    BackendLost {
        /// Name of the backend.
        backend: String,
        /// What is wrong with it.
        reason: String,
    },
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
