//! How a dispatch goes about its work, and how a pool treats its backends.

use std::{sync::Arc, time::Duration};

use rhapsode_speech::ListeningCheck;

/// How a dispatch goes about its work.
#[derive(Debug, Clone)]
pub struct DispatchOptions {
    /// Takes that are made of a chunk, each with another seed or by another backend, before the best of those that
    /// the checks rejected is kept as a defect. At least one.
    pub attempts: u32,
    /// Times that a chunk's request is sent again after errors that may pass, before it is given up. What only says
    /// that a backend has no room or is not there does not count.
    pub retries: u32,
    /// What happens when no backend works any more.
    pub outage: Outage,
    /// Whether a second backend may be asked for a straggler.
    pub hedging: Hedging,
    /// Listens to takes that passed every other check.
    pub listening: Option<Arc<dyn ListeningCheck>>,
    /// Takes that may be in the store without being forced to the disk. A power cut costs at most these.
    pub sync_takes: usize,
    /// Longest time that a take may be there without being forced to the disk.
    pub sync_interval: Duration,
}

impl Default for DispatchOptions {
    fn default() -> Self {
        Self {
            attempts: 3,
            retries: 8,
            outage: Outage::Stop,
            hedging: Hedging::Stragglers,
            listening: None,
            sync_takes: 32,
            sync_interval: Duration::from_secs(5),
        }
    }
}

/// What happens when no backend works any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outage {
    /// The dispatch ends; what was finished is kept.
    #[default]
    Stop,
    /// It waits until one works again.
    Wait,
}

/// Whether a second backend may be asked for a chunk that a first one is busy with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hedging {
    /// For stragglers, when nothing else is left to begin; never on backends with a price.
    #[default]
    Stragglers,
    /// Never.
    Never,
}

/// How a pool treats its backends.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolOptions {
    /// Wait before the first retry of a request; it doubles with each and is jittered.
    pub retry_delay: Duration,
    /// Failures in a row that open a breaker.
    pub breaker_failures: u32,
    /// Time that a breaker is open before the backend is probed; it doubles with each probe that fails.
    pub breaker_delay: Duration,
    /// The longest such time.
    pub longest_breaker_delay: Duration,
    /// Time that a backend has nothing to do, while an order goes on that it could work for, before it is asked whether
    /// it is still there.
    pub idle_probe: Duration,
    /// Time-out of requests before the speed of a backend is known.
    pub first_time_out: Duration,
    /// The shortest time-out.
    pub shortest_time_out: Duration,
    /// A request may take this many times longer than the backend's speed says.
    pub time_out_factor: f64,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            retry_delay: Duration::from_millis(500),
            breaker_failures: 5,
            breaker_delay: Duration::from_secs(2),
            longest_breaker_delay: Duration::from_secs(120),
            idle_probe: Duration::from_secs(30),
            first_time_out: Duration::from_secs(300),
            shortest_time_out: Duration::from_secs(20),
            time_out_factor: 8.0,
        }
    }
}
