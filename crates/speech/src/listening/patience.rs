//! When a failing server is left alone. A server that never answers would otherwise hold every take of a book for a
//! whole time-out.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Failures in a row after which a server is left alone.
const FAILURES: u32 = 3;

/// The longest time that a server is left alone, whatever is asked for: no clock can be set to the end of time.
const LONGEST_REST: Duration = Duration::from_secs(86_400);

/// Counts the failures of a server.
#[derive(Debug)]
pub(super) struct Patience {
    rest: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    failures: u32,
    rests_until: Option<Instant>,
}

impl Patience {
    pub(super) fn new(rest: Duration) -> Self {
        Self { rest: rest.min(LONGEST_REST), state: Mutex::default() }
    }

    /// Whether the server may be asked. After the rest it may; the next failure sends it to rest again.
    pub(super) fn allows(&self) -> bool {
        self.change(|state| state.rests_until.is_none_or(|until| Instant::now() >= until))
    }

    pub(super) fn succeeded(&self) {
        self.change(|state| *state = State::default());
    }

    pub(super) fn failed(&self) {
        self.change(|state| {
            state.failures += 1;
            if state.failures >= FAILURES {
                state.rests_until = Some(Instant::now() + self.rest);
            }
        });
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // The state is whole after every change, so a panic elsewhere spoils nothing.
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failures_in_a_row_send_it_to_rest_and_a_success_between_them_does_not() {
        let patience = Patience::new(Duration::from_secs(86_400));
        patience.failed();
        patience.failed();
        patience.succeeded();
        patience.failed();
        patience.failed();
        assert!(patience.allows());
        patience.failed();
        assert!(!patience.allows());
    }

    #[test]
    fn after_its_rest_it_is_asked_again() {
        let patience = Patience::new(Duration::ZERO);
        (0..FAILURES).for_each(|_| patience.failed());
        assert!(patience.allows());
    }
}
