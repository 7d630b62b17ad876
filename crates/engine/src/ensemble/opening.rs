//! Opening the backends of a run: loading models, asking servers what they can do.

use std::{sync::Arc, time::Duration};

use rhapsode_dispatch::{BackendPool, DispatchError, Outage, PoolOptions, StopSignal};
use rhapsode_speech::{BackendSettings, READY_WITHIN, SharedBackend, SpeechError, ask_ready, open_backend};
use tokio::{sync::watch, task::JoinSet};

use super::Ensemble;
use crate::{EngineError, Event, Listener, Settings, admission::readmission};

/// Waits between two attempts to open backends of which none answers: the first, and the longest.
pub(crate) const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// The backends after they were asked.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) pool: Arc<BackendPool>,
    /// For each member of the pool, whose it is.
    pub(super) members: Vec<OpenedMember>,
    /// Those that could not be opened.
    pub(super) failed: Vec<Failed>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct OpenedMember {
    /// Index of the backend in the configuration.
    pub(super) backend: usize,
    pub(super) answers: bool,
}

#[derive(Debug)]
pub(super) struct Failed {
    /// Index of the backend in the configuration.
    pub(super) backend: usize,
    pub(super) error: SpeechError,
}

impl Ensemble {
    /// Opens the backends. Those that do not answer are told and the others go on without them.
    ///
    /// # Errors
    /// If none can be opened; with [`Outage::Wait`] only if none ever can.
    pub(crate) async fn open(
        &self,
        settings: &Settings,
        stop: watch::Receiver<StopSignal>,
        listener: &dyn Listener,
    ) -> Result<&Opened, EngineError> {
        self.opened.get_or_try_init(|| self.open_or_wait(settings, stop, listener)).await
    }

    /// Opens those that can be opened, which may be none.
    pub(crate) async fn open_what_opens(
        &self,
        settings: &Settings,
        listener: &dyn Listener,
    ) -> Result<&Opened, EngineError> {
        self.opened.get_or_try_init(|| self.open_all(settings, listener)).await
    }

    /// The first backend that can be opened, by itself.
    ///
    /// # Errors
    /// If none can be opened; with [`Outage::Wait`] only if none ever can.
    pub async fn first_backend(
        &self,
        settings: &Settings,
        stop: watch::Receiver<StopSignal>,
        listener: &dyn Listener,
    ) -> Result<SharedBackend, EngineError> {
        let opened = self.open(settings, stop, listener).await?;
        let first = opened.pool.members().first().expect("a pool is opened with at least one member");
        Ok(Arc::clone(&first.backend))
    }

    /// Opens the backends; with [`Outage::Wait`] again and again until one can be opened.
    async fn open_or_wait(
        &self,
        settings: &Settings,
        mut stop: watch::Receiver<StopSignal>,
        listener: &dyn Listener,
    ) -> Result<Opened, EngineError> {
        let (mut delay, longest) = AGAIN;
        let mut waiting = false;
        loop {
            let opened = self.open_all(settings, listener).await?;
            if !opened.members.is_empty() {
                waiting.then(|| listener.tell(Event::GoesOn));
                return Ok(opened);
            }
            let failed: Vec<SpeechError> = opened.failed.into_iter().map(|failed| failed.error).collect();
            let hopeless = failed.iter().all(|error| matches!(error, SpeechError::Unavailable { .. }));
            if settings.outage == Outage::Stop || hopeless {
                return Err(none_opened(failed));
            }
            listener.tell(Event::Waiting { reasons: reasons(&failed) });
            waiting = true;
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = stopped(&mut stop) => return Err(none_opened(failed)),
            }
            delay = (delay * 2).min(longest);
        }
    }

    /// Opens all backends at once.
    async fn open_all(&self, settings: &Settings, listener: &dyn Listener) -> Result<Opened, EngineError> {
        let mut opening = JoinSet::new();
        for (index, known) in self.backends.iter().enumerate() {
            let settings = known.settings.clone();
            opening.spawn(async move { (index, open_one(&settings).await) });
        }
        let mut opened = Vec::new();
        while let Some(outcome) = opening.join_next().await {
            opened.push(outcome.map_err(EngineError::Panicked)?);
        }
        opened.sort_by_key(|(index, _)| *index);

        let (mut joining, mut members, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for (index, outcome) in opened {
            let known = &self.backends[index];
            match outcome {
                Ok(addresses) => {
                    known.note_what_is_said(&addresses, &self.store)?;
                    for (backend, silence) in addresses {
                        let answers = silence.is_none();
                        if let Some(reason) = silence {
                            let backend = backend.describe().name.clone();
                            listener.tell(Event::BackendSilent { backend, reason });
                        }
                        joining.push(known.join(backend));
                        members.push(OpenedMember { backend: index, answers });
                    }
                }
                Err(error) => {
                    let backend = known.settings.name.clone();
                    listener.tell(Event::BackendSilent { backend, reason: error.to_string() });
                    failed.push(Failed { backend: index, error });
                }
            }
        }
        let of = |member: &OpenedMember| &self.backends[member.backend].settings;
        let readmit = readmission(joining.iter().zip(members.iter().map(of)), settings);
        let pool = Arc::new(BackendPool::start_with(joining, PoolOptions::default(), readmit));
        Ok(Opened { pool, members, failed })
    }
}

/// Opens a backend and asks each of its addresses whether it is ready; with the reason where one does not answer.
pub(super) async fn open_one(
    settings: &BackendSettings,
) -> Result<Vec<(SharedBackend, Option<String>)>, SpeechError> {
    let mut addresses = Vec::new();
    for backend in open_backend(settings).await? {
        let silence = match ask_ready(backend.as_ref(), READY_WITHIN).await {
            Err(error @ SpeechError::Unreachable { .. }) => Some(error.to_string()),
            Ok(()) | Err(_) => None,
        };
        addresses.push((backend, silence));
    }
    Ok(addresses)
}

fn reasons(failed: &[SpeechError]) -> String {
    failed.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn none_opened(mut failed: Vec<SpeechError>) -> EngineError {
    match (failed.len(), failed.pop()) {
        (1, Some(error)) => error.into(),
        (_, last) => {
            failed.extend(last);
            DispatchError::NoBackend { reasons: reasons(&failed) }.into()
        }
    }
}

pub(crate) async fn stopped(stop: &mut watch::Receiver<StopSignal>) {
    if stop.wait_for(|signal| *signal != StopSignal::Running).await.is_err() {
        std::future::pending::<()>().await;
    }
}
