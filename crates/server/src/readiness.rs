//! Whether texts can be spoken: only after one sentence was really spoken and passed as a take.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rhapsode_speech::{ProbeVoice, SharedBackend, SpeechError, probe};

use crate::{Listener, ServerEvent, refusal::Refusal};

/// Pauses between warm-ups that fail: they double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What is told to clients while the first warm-up runs.
const WARMING_UP: &str = "the backend is warming up";

/// Whether the warm-up was good.
#[derive(Debug)]
pub(crate) struct Readiness(Mutex<State>);

#[derive(Debug)]
enum State {
    Ready,
    NotYet { reason: String, again: Instant },
}

impl Readiness {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(State::NotYet { reason: WARMING_UP.to_owned(), again: Instant::now() }))
    }

    /// Refuses if nothing can be spoken yet.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            State::Ready => Ok(()),
            State::NotYet { reason, again } => {
                let left = again.saturating_duration_since(Instant::now());
                Err(Refusal::not_ready(reason, left.max(FIRST_PAUSE)))
            }
        }
    }

    fn set(&self, state: State) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Speaks until one sentence is good.
    pub(crate) async fn warm_up(&self, backend: SharedBackend, listener: Arc<dyn Listener>) {
        let mut pause = FIRST_PAUSE;
        loop {
            let (reason, wanted) = match probe(&*backend, &ProbeVoice::first_of(&*backend)).await {
                Ok(report) if report.passed() => {
                    self.set(State::Ready);
                    listener.hear(ServerEvent::Ready { times_real_time: report.times_real_time() });
                    return;
                }
                Ok(report) => {
                    let breaches = report.findings.breaches.iter().map(ToString::to_string);
                    let breaches = breaches.collect::<Vec<_>>().join(", ");
                    (format!("the warm-up sentence is not good: {breaches}"), None)
                }
                Err(error) => {
                    let wanted = match &error {
                        SpeechError::Busy { retry_after, .. } => *retry_after,
                        _ => None,
                    };
                    (format!("failed to {error}"), wanted)
                }
            };
            let again_in = wanted.unwrap_or(pause).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            self.set(State::NotYet { reason: reason.clone(), again: Instant::now() + again_in });
            listener.hear(ServerEvent::NotReady { reason, again_in });
            tokio::time::sleep(again_in).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}
