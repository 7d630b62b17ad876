//! How a dispatch goes about its work.

use std::time::Duration;

use rhapsode_audio::judge::Bounds;

/// How a dispatch goes about its work.
#[derive(Debug, Clone, PartialEq)]
pub struct DispatchOptions {
    /// Takes that are made of a chunk, each with another seed, before the best of those that the checks
    /// rejected is kept as a defect. At least one.
    pub attempts: u32,
    /// What the checks accept.
    pub bounds: Bounds,
    /// Times that a chunk's request is sent again after errors that may pass, before it is given up.
    pub retries: u32,
    /// Wait before the first such retry; it doubles with each.
    pub retry_delay: Duration,
    /// Takes that may be in the store without being forced to the disk. A power cut costs at most these.
    pub sync_takes: usize,
    /// Longest time that a take may be there without being forced to the disk.
    pub sync_interval: Duration,
}

impl Default for DispatchOptions {
    fn default() -> Self {
        Self {
            attempts: 3,
            bounds: Bounds::default(),
            retries: 4,
            retry_delay: Duration::from_millis(500),
            sync_takes: 32,
            sync_interval: Duration::from_secs(5),
        }
    }
}
