//! The circuit breaker of a backend: one that fails gets no work for a while, and proves that it can speak before it
//! gets any again.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Breaker, PoolOptions};

/// Times in a row that a breaker may open with no take between, before the backend counts as dead. It is still
/// probed, but no job waits for it that was not told to.
const HOPE: u32 = 3;
/// A backend may be busy this many times longer than it may fail.
const PATIENCE_WITH_BUSY: u32 = 4;

/// The breaker of one backend.
#[derive(Debug)]
pub(crate) struct Circuit {
    state: State,
    /// Failures since the last answer.
    failures: u32,
    /// Refusals for want of room since the last answer.
    refusals: u32,
    /// Times that it opened since the last answer.
    openings: u32,
    /// What was wrong last.
    reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen,
    Lost,
}

impl Circuit {
    pub(crate) fn new() -> Self {
        Self { state: State::Closed, failures: 0, refusals: 0, openings: 0, reason: String::new() }
    }

    /// It answered with sound.
    pub(crate) fn spoke(&mut self) {
        if self.state != State::Lost {
            (self.state, self.failures, self.refusals, self.openings) = (State::Closed, 0, 0, 0);
        }
    }

    /// A request failed.
    pub(crate) fn failed(&mut self, reason: &str, options: &PoolOptions) {
        self.failures += 1;
        reason.clone_into(&mut self.reason);
        if self.state == State::Closed && self.failures >= options.breaker_failures.max(1) {
            self.open(options);
        }
    }

    /// It had no room.
    pub(crate) fn refused(&mut self, reason: &str, options: &PoolOptions) {
        self.refusals += 1;
        reason.clone_into(&mut self.reason);
        let most = options.breaker_failures.max(1).saturating_mul(PATIENCE_WITH_BUSY);
        if self.state == State::Closed && self.refusals >= most {
            self.open(options);
        }
    }

    /// Refusals in a row.
    pub(crate) fn refusals(&self) -> u32 {
        self.refusals
    }

    /// Nobody answers at its address.
    pub(crate) fn unreachable(&mut self, reason: &str, options: &PoolOptions) {
        reason.clone_into(&mut self.reason);
        if self.state == State::Closed {
            self.open(options);
        }
    }

    /// It cannot work at all. Returns whether that is news.
    pub(crate) fn lose(&mut self, reason: &str) -> bool {
        let news = self.state != State::Lost;
        if news {
            self.state = State::Lost;
            reason.clone_into(&mut self.reason);
        }
        news
    }

    /// When it may be probed.
    pub(crate) fn probe_due(&self) -> Option<Instant> {
        match self.state {
            State::Open { until } => Some(until),
            _ => None,
        }
    }

    /// A probe began.
    pub(crate) fn probing(&mut self) {
        if self.is_open() {
            self.state = State::HalfOpen;
        }
    }

    /// It proved that it can speak. Takes are what makes it forget how often it opened.
    pub(crate) fn readmitted(&mut self) {
        if self.state == State::HalfOpen {
            (self.state, self.failures, self.refusals) = (State::Closed, 0, 0);
        }
    }

    /// The probe failed.
    pub(crate) fn not_readmitted(&mut self, reason: &str, options: &PoolOptions) {
        reason.clone_into(&mut self.reason);
        if self.state == State::HalfOpen {
            self.open(options);
        }
    }

    fn open(&mut self, options: &PoolOptions) {
        let delay = options.breaker_delay.saturating_mul(1 << self.openings.min(16));
        self.openings += 1;
        let delay: Duration = delay.min(options.longest_breaker_delay);
        self.state = State::Open { until: Instant::now() + delay };
    }

    fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Whether it gets work.
    pub(crate) fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// Whether it cannot work at all.
    pub(crate) fn is_lost(&self) -> bool {
        self.state == State::Lost
    }

    /// Whether it works, or may be expected to soon.
    pub(crate) fn is_alive(&self) -> bool {
        match self.state {
            State::Closed => true,
            State::Lost => false,
            State::Open { .. } | State::HalfOpen => self.openings <= HOPE,
        }
    }

    /// What was wrong last.
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// For people.
    pub(crate) fn breaker(&self) -> Breaker {
        match self.state {
            State::Closed => Breaker::Closed,
            State::Open { .. } => Breaker::Open,
            State::HalfOpen => Breaker::HalfOpen,
            State::Lost => Breaker::Lost,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> PoolOptions {
        PoolOptions {
            breaker_failures: 3,
            breaker_delay: Duration::from_secs(2),
            longest_breaker_delay: Duration::from_secs(10),
            ..PoolOptions::default()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_and_an_answer_between_forgives_them() {
        let mut circuit = Circuit::new();
        for _ in 0..2 {
            circuit.failed("x", &options());
        }
        circuit.spoke();
        for _ in 0..2 {
            circuit.failed("x", &options());
        }
        assert!(circuit.is_closed());
        circuit.failed("the last", &options());
        assert_eq!((circuit.breaker(), circuit.reason()), (Breaker::Open, "the last"));
    }

    #[tokio::test(start_paused = true)]
    async fn the_delay_doubles_up_to_its_longest_until_a_take_comes() {
        let mut circuit = Circuit::new();
        let delay = |circuit: &Circuit| (circuit.probe_due().unwrap() - Instant::now()).as_secs();
        circuit.unreachable("x", &options());
        let mut delays = vec![delay(&circuit)];
        for _ in 0..3 {
            circuit.probing();
            circuit.not_readmitted("x", &options());
            delays.push(delay(&circuit));
        }
        assert_eq!(delays, [2, 4, 8, 10]);
        assert!(!circuit.is_alive(), "no job waits for it any more");
        circuit.probing();
        circuit.readmitted();
        assert!(circuit.is_closed() && circuit.is_alive());
        circuit.unreachable("x", &options());
        assert_eq!(delay(&circuit), 10, "a probe alone does not make it reliable");
        circuit.spoke();
        circuit.unreachable("x", &options());
        assert_eq!(delay(&circuit), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn being_busy_opens_it_only_after_a_long_time_and_being_lost_is_for_good() {
        let mut circuit = Circuit::new();
        for _ in 0..11 {
            circuit.refused("busy", &options());
        }
        assert!(circuit.is_closed());
        circuit.refused("busy", &options());
        assert_eq!(circuit.breaker(), Breaker::Open);
        assert!(circuit.lose("gone") && !circuit.lose("again"));
        circuit.spoke();
        assert_eq!((circuit.breaker(), circuit.reason()), (Breaker::Lost, "gone"));
    }
}
