//! Waiting for backends of which none is there: each wait is twice as long as the one before, up to a limit.

use std::{ops::ControlFlow, time::Duration};

use rhapsode_dispatch::StopSignal;
use tokio::sync::watch;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// How long the next wait is.
#[derive(Debug)]
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) fn new() -> Self {
        Self(FIRST)
    }

    /// Waits; breaks off as soon as the user stops the job.
    pub(crate) async fn wait(&mut self, stop: &mut watch::Receiver<StopSignal>) -> ControlFlow<()> {
        let waited = tokio::time::timeout(self.0, stopped(stop)).await;
        self.0 = (self.0 * 2).min(LONGEST);
        if waited.is_ok() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Ends when the user stops the job.
async fn stopped(stop: &mut watch::Receiver<StopSignal>) {
    if stop.wait_for(|signal| *signal != StopSignal::Running).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_wait_is_twice_as_long_up_to_a_limit() {
        let (_running, mut stop) = watch::channel(StopSignal::Running);
        let mut backoff = Backoff::new();
        let mut waits = Vec::new();
        for _ in 0..7 {
            let began = Instant::now();
            assert!(backoff.wait(&mut stop).await.is_continue());
            waits.push(began.elapsed().as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_the_wait() {
        let (running, mut stop) = watch::channel(StopSignal::Running);
        let began = Instant::now();
        let mut backoff = Backoff::new();
        let (waited, _) = tokio::join!(backoff.wait(&mut stop), async { running.send(StopSignal::Drain) });
        assert!(waited.is_break());
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
