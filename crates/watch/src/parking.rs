//! While something is wrong that may pass, the queue stands still and is tried again, after a wait that grows, each time with
//! another book: what is wrong may lie with one of them.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::Instant;

use crate::EntryId;

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(300);
/// For how long a book lets the others go first that has parked the queue.
const REST: Duration = Duration::from_secs(60);

/// Whether the queue stands still.
#[derive(Debug, Default)]
pub(crate) struct Parking {
    parked: Option<Parked>,
    /// The books that ran into something, and when.
    tried: BTreeMap<EntryId, Instant>,
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

    /// A book ran into what is wrong.
    pub(crate) fn tried(&mut self, id: EntryId, now: Instant) {
        self.tried.insert(id, now);
    }

    /// A book came to an end.
    pub(crate) fn forget(&mut self, id: EntryId) {
        self.tried.remove(&id);
    }

    /// Whether a book may begin before others: it has parked nothing, or long ago.
    pub(crate) fn is_fresh(&self, id: EntryId, now: Instant) -> bool {
        let tried = self.tried.get(&id);
        tried.is_none_or(|&tried| self.parked.is_none() && now.duration_since(tried) >= REST)
    }

    /// When a book parked the queue last.
    pub(crate) fn last_try(&self, id: EntryId) -> Option<Instant> {
        self.tried.get(&id).copied()
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
