//! Whose turn it is: what was begun first, then the highest priority, and among equals who came first.

use super::{Entry, EntryId, Queue, State};
use crate::WatchError;

impl Queue {
    /// Has what was being made when an earlier run ended wait for its turn again.
    pub(crate) fn take_up_again(&mut self) -> Result<(), WatchError> {
        let working: Vec<EntryId> =
            self.entries().filter(|entry| entry.state == State::Working).map(|entry| entry.id).collect();
        working.into_iter().try_for_each(|id| self.back_to_waiting(id))
    }

    /// A book that was being made waits again; one that is at a later step stays there.
    pub(crate) fn back_to_waiting(&mut self, id: EntryId) -> Result<(), WatchError> {
        if self.entry(id).state == State::Working {
            self.change(id, |entry| entry.enter(State::Waiting))?;
        }
        Ok(())
    }

    /// The books of which only the last steps are left.
    pub(crate) fn unfinished(&self) -> impl Iterator<Item = &Entry> {
        self.entries().filter(|it| matches!(it.state, State::Publishing { .. } | State::Moving { .. }))
    }

    /// The books that wait, in the order in which they begin.
    pub(crate) fn waiting(&self) -> Vec<&Entry> {
        let mut waiting: Vec<&Entry> = self.entries().filter(|entry| entry.state == State::Waiting).collect();
        waiting.sort_by_key(|entry| (std::cmp::Reverse(entry.priority), entry.id));
        waiting
    }

    /// A priority above that of everything that waits.
    pub(crate) fn first_priority(&self) -> i64 {
        self.waiting().first().map_or(0, |first| first.priority.saturating_add(1))
    }
}
