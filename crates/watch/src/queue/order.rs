//! Whose turn it is: what was begun first, then the highest priority, and among equals who came first. The turns are kept
//! beside the entries, so that the ten-thousandth book begins as soon as the first.

use std::{cmp::Reverse, collections::BTreeSet};

use super::{Entry, EntryId, Queue, State};

/// The books that something happens to by itself.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// In the order in which they begin.
    waiting: BTreeSet<(Reverse<i64>, EntryId)>,
    working: BTreeSet<EntryId>,
    /// Those of which only the last steps are left.
    unfinished: BTreeSet<EntryId>,
}

impl Turns {
    pub(super) fn put(&mut self, entry: &Entry) {
        match entry.state {
            State::Waiting => drop(self.waiting.insert((Reverse(entry.priority), entry.id))),
            State::Working => drop(self.working.insert(entry.id)),
            State::Publishing { .. } | State::Moving { .. } => drop(self.unfinished.insert(entry.id)),
            _ => {}
        }
    }

    pub(super) fn take(&mut self, entry: &Entry) {
        self.waiting.remove(&(Reverse(entry.priority), entry.id));
        self.working.remove(&entry.id);
        self.unfinished.remove(&entry.id);
    }
}

impl Queue {
    /// Has what was being made when an earlier run ended wait for its turn again.
    pub(crate) fn take_up_again(&mut self) {
        let working: Vec<EntryId> = self.turns.working.iter().copied().collect();
        working.into_iter().for_each(|id| self.back_to_waiting(id));
    }

    /// A book that was being made waits again; one that is at a later step stays there.
    pub(crate) fn back_to_waiting(&mut self, id: EntryId) {
        if self.entry(id).state != State::Working {
            return;
        }
        let waits = |entry: &mut Entry| entry.enter(State::Waiting);
        if self.change(id, waits).is_err() {
            // The disk may be full. What its file says means the same to the next start.
            let mut entry = self.entry(id).clone();
            waits(&mut entry);
            self.replace(entry);
        }
    }

    /// The books in the order of their turns.
    pub(crate) fn turns(&self) -> impl Iterator<Item = EntryId> {
        let waiting = self.turns.waiting.iter().map(|(_, id)| id);
        self.turns.unfinished.iter().chain(waiting).copied()
    }

    /// Whether nothing happens to any book by itself any more.
    pub(crate) fn is_idle(&self) -> bool {
        let Turns { waiting, working, unfinished } = &self.turns;
        waiting.is_empty() && working.is_empty() && unfinished.is_empty()
    }

    /// A priority above that of everything that waits.
    pub(crate) fn first_priority(&self) -> i64 {
        self.turns.waiting.first().map_or(0, |(Reverse(priority), _)| priority.saturating_add(1))
    }
}
