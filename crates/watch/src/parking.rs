//! While something is wrong that may pass, the queue stands still and is tried again, after a wait that grows.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(300);

/// Whether the queue stands still.
#[derive(Debug, Default)]
pub(crate) struct Parking {
    parked: Option<Parked>,
}

#[derive(Debug)]
struct Parked {
    reason: String,
    wait: Duration,
    until: Instant,
}

impl Parking {
    /// Something is wrong. Gives whether that is news.
    pub(crate) fn park(&mut self, reason: &str, now: Instant) -> bool {
        let (wait, is_news) = match &self.parked {
            None => (FIRST, true),
            Some(before) => ((before.wait * 2).min(LONGEST), before.reason != reason),
        };
        self.parked = Some(Parked { reason: reason.to_owned(), wait, until: now + wait });
        is_news
    }

    /// Something went well. Gives whether that is news.
    pub(crate) fn clear(&mut self) -> bool {
        self.parked.take().is_some()
    }

    /// Why it stands still.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.parked.as_ref().map(|parked| parked.reason.as_str())
    }

    /// Whether something may be tried now.
    pub(crate) fn may_try(&self, now: Instant) -> bool {
        self.until().is_none_or(|until| now >= until)
    }

    /// When it is tried again.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.parked.as_ref().map(|parked| parked.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_and_the_same_reason_is_told_once() {
        let mut parking = Parking::default();
        let mut now = Instant::now();
        assert!(parking.may_try(now));
        assert!(parking.park("no backend", now));
        assert!(!parking.may_try(now));
        now += FIRST;
        assert!(parking.may_try(now));
        assert!(!parking.park("no backend", now));
        assert!(!parking.may_try(now + FIRST));
        assert!(parking.park("the disk is full", now));
        for _ in 0..20 {
            parking.park("the disk is full", now);
        }
        assert_eq!(parking.until(), Some(now + LONGEST));
        assert!(parking.clear() && !parking.clear());
    }
}
