//! What troubles do to the standing of a backend: its limit, its slots, its breaker.

use std::time::Duration;

use rhapsode_speech::{ProbeVoice, SpeechError};
use tokio::time::Instant;

use crate::{
    DispatchEvent, PoolOptions,
    circuit::Circuit,
    job::Flight,
    pool::BackendId,
    remedy::{Remedy, Trouble, remedy},
    scheduler::Scheduler,
};

/// The longest wait before a request is sent again.
const LONGEST_DELAY: Duration = Duration::from_secs(8);

impl Scheduler {
    pub(crate) fn learn_limit(&mut self, id: BackendId, limit: usize) {
        let state = self.state_mut(id);
        if limit < state.max_chars {
            state.max_chars = limit;
            let event = DispatchEvent::LimitLearnt { backend: self.name(id), max_chars: limit };
            self.tell_orders_of(id, &event);
        }
    }

    /// Has the backend answer for it. Returns what is to be done about the chunk.
    pub(crate) fn blame(&mut self, flight: Flight, trouble: &Trouble) -> Remedy {
        let (id, reason, remedy) = (flight.backend, trouble.to_string(), remedy(trouble));
        let voice = self.jobs.get(&flight.job).and_then(|job| {
            let order = self.orders.get(&self.lead(job))?;
            Some(ProbeVoice::of(&job.forms[order.variant_of(id)?].request()))
        });
        let state = self.state_mut(id);
        state.made_an_error();
        state.probe_voice = voice.or(state.probe_voice.take());
        match remedy {
            Remedy::Elsewhere | Remedy::Shrink { .. } => {}
            Remedy::Later => self.note_breaker(id, |circuit, options| circuit.failed(&reason, options)),
            Remedy::LaterAndSlower => {
                state.late += 1;
                state.slots.refused(flight.launched);
                self.note_breaker(id, |circuit, options| circuit.failed(&reason, options));
            }
            Remedy::MakeRoom { retry_after } => {
                state.slots.refused(flight.launched);
                let alone = state.busy() == 0;
                // Refusing some of several requests is a matter of slots, refusing the only one is not.
                if alone {
                    self.note_breaker(id, |circuit, options| circuit.refused(&reason, options));
                }
                self.hold(id, retry_after, alone);
            }
            Remedy::Readmit => {
                self.note_breaker(id, |circuit, options| circuit.unreachable(&reason, options));
            }
            Remedy::WithoutBackend => self.lose(id, &reason),
        }
        remedy
    }

    /// Leaves a backend alone for as long as it asks. If it does not say, the answers that it still owes are what to
    /// wait for; without any, a growing while.
    fn hold(&mut self, id: BackendId, retry_after: Option<Duration>, alone: bool) {
        let refusals = self.state(id).circuit.refusals();
        let delay = match retry_after {
            Some(delay) => delay.min(self.options.longest_breaker_delay),
            None if alone => self.delay(refusals),
            None => return,
        };
        let until = Instant::now() + delay;
        let state = self.state_mut(id);
        state.hold = state.hold.max(Some(until));
    }

    /// The wait before the n-th time that something is tried again.
    pub(crate) fn delay(&mut self, times: u32) -> Duration {
        let doubled = self.options.retry_delay.saturating_mul(1 << times.saturating_sub(1).min(16));
        self.jitter.of(doubled.min(LONGEST_DELAY.max(self.options.retry_delay)))
    }

    pub(crate) fn probed(&mut self, id: BackendId, probed: Result<(), SpeechError>) {
        match probed {
            Ok(()) => self.note_breaker(id, |circuit, _| circuit.readmitted()),
            Err(error) => {
                self.state_mut(id).made_an_error();
                let trouble = Trouble::Speech(error);
                let reason = trouble.to_string();
                match remedy(&trouble) {
                    Remedy::WithoutBackend => self.lose(id, &reason),
                    _ => self.note_breaker(id, |circuit, options| circuit.not_readmitted(&reason, options)),
                }
            }
        }
    }

    pub(crate) fn lose(&mut self, id: BackendId, reason: &str) {
        if self.state_mut(id).circuit.lose(reason) {
            self.breakers_changed = true;
            self.state_mut(id).change();
            let event = DispatchEvent::BackendLost { backend: self.name(id), reason: reason.to_owned() };
            self.tell_orders_of(id, &event);
        }
    }

    /// Tells a breaker what happened, and notes whether it changed.
    pub(crate) fn note_breaker(&mut self, id: BackendId, note: impl FnOnce(&mut Circuit, &PoolOptions)) {
        let state = &mut self.backends[id.0];
        let before = state.circuit.breaker();
        note(&mut state.circuit, &self.options);
        if state.circuit.breaker() != before {
            self.breakers_changed = true;
            state.change();
        }
    }
}
