//! Backends that have nothing to do while an order goes on are asked now and then whether they are still there, so that
//! no chunk is lost to one that went away meanwhile.

use std::sync::Arc;

use rhapsode_speech::{READY_WITHIN, SpeechError, ask_ready};
use tokio::time::Instant;

use crate::{
    job::{Landing, Underway},
    pool::BackendId,
    remedy::{Remedy, Trouble, remedy},
    scheduler::Scheduler,
};

impl Scheduler {
    /// Asks those whose time has come. Nothing is spoken, so it costs nobody anything.
    pub(crate) fn ask_the_idle(&mut self, now: Instant) {
        for id in (0..self.backends.len()).map(BackendId) {
            let due = self.state(id).ask_due(self.options.idle_probe);
            if due.is_none_or(|due| due > now) || !self.is_wanted(id) {
                continue;
            }
            let state = self.state_mut(id);
            state.asking();
            let backend = Arc::clone(&state.backend);
            self.spawn(Underway::Asking { backend: id }, async move {
                Landing::Asked(ask_ready(backend.as_ref(), READY_WITHIN).await)
            });
        }
    }

    /// One that is not ready has to prove itself before it gets work again.
    pub(crate) fn asked(&mut self, id: BackendId, asked: Result<(), SpeechError>) {
        let state = self.state_mut(id);
        state.asked();
        let Err(error) = asked else { return };
        if state.busy() > 0 {
            // It was given work meanwhile, and what comes of that says more.
            return;
        }
        state.made_an_error();
        let trouble = Trouble::Speech(error);
        let reason = trouble.to_string();
        match remedy(&trouble) {
            Remedy::WithoutBackend => self.lose(id, &reason),
            _ => self.note_breaker(id, |circuit, options| circuit.unreachable(&reason, options)),
        }
    }
}
