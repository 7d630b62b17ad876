//! When takes are forced to the disk: in groups, beside the work. One by one it would cost more than speaking does.

use std::time::Duration;

use tokio::time::Instant;

use crate::DispatchOptions;

/// Counts takes, and says when there are enough, or when one has waited long enough.
#[derive(Debug)]
pub(crate) struct GroupSync {
    takes: usize,
    interval: Duration,
    waiting: usize,
    /// When the oldest waiting take must be on the disk.
    due: Option<Instant>,
    /// At most one sync at a time.
    running: bool,
}

impl GroupSync {
    pub(crate) fn new(options: &DispatchOptions) -> Self {
        let (takes, interval) = (options.sync_takes.max(1), options.sync_interval);
        Self { takes, interval, waiting: 0, due: None, running: false }
    }

    /// A take was put.
    pub(crate) fn count_take(&mut self) {
        let now = Instant::now();
        self.waiting += 1;
        let due = self.due.get_or_insert(now + self.interval);
        if self.waiting >= self.takes {
            *due = now.min(*due);
        }
    }

    /// When the next sync is to begin.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.due.filter(|_| !self.running)
    }

    /// A sync begins.
    pub(crate) fn begun(&mut self) {
        (self.waiting, self.due, self.running) = (0, None, true);
    }

    /// It is over.
    pub(crate) fn ended(&mut self) {
        self.running = false;
    }
}
