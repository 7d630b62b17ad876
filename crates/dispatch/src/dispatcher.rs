//! The loop that brings jobs and backends together. One task owns all the state, so nothing here needs a lock;
//! attempts run beside it and come back with what came of them.

use std::{collections::HashMap, sync::Arc};

use rhapsode_speech::{SharedBackend, SpeechError};
use rhapsode_store::{StoreError, TakeStore, Verdict};
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    task::{Id, JoinError, JoinSet},
    time::Instant,
};

use crate::{
    DispatchError, DispatchEvent, DispatchOptions, DispatchOutcome, FailedChunk, StopSignal, Work,
    attempt::{Attempt, AttemptResult, Attempted, Candidate, Stored, blocking},
    group_sync::GroupSync,
    pool::{BackendId, Pool},
    queue::{Job, Queue},
    remedy::{Remedy, remedy},
};

/// Has every chunk of `work` spoken by the backends of `pool`, checked, and put into `store`.
///
/// Chunks begin in the order of their ordinals, as fast as backends have free slots. Chunks with equal keys are
/// spoken once. A take is in the store before its [`DispatchEvent::Finished`] is sent. The takes of a drain are
/// finished and kept; at [`StopSignal::Now`] what is in flight is dropped. If nobody listens to `events`, the
/// work goes on.
///
/// # Errors
/// [`DispatchError::Store`] if takes cannot be stored (what is in flight still gets its chance), and
/// [`DispatchError::NoBackend`] if no backend is left while there is work.
pub(crate) async fn dispatch(
    work: Vec<Work>,
    pool: Vec<SharedBackend>,
    retry_delay: std::time::Duration,
    store: Arc<TakeStore>,
    options: DispatchOptions,
    mut stop: watch::Receiver<StopSignal>,
    events: UnboundedSender<DispatchEvent>,
) -> Result<DispatchOutcome, DispatchError> {
    let mut dispatcher = Dispatcher {
        queue: Queue::new(work),
        pool: Pool::new(pool),
        retry_delay,
        syncs: GroupSync::new(Arc::clone(&store), &options),
        store,
        options,
        events,
        attempts: JoinSet::new(),
        in_flight: HashMap::new(),
        outcome: DispatchOutcome::default(),
        broken: None,
    };
    dispatcher.run(&mut stop).await;
    dispatcher.close().await
}

/// An attempt in flight, with everything needed to go on if it never comes back.
#[derive(Debug)]
struct Flight {
    job: Job,
    /// The backend whose slot it has; none where a take is only being stored.
    backend: Option<BackendId>,
}

struct Dispatcher {
    queue: Queue,
    pool: Pool,
    retry_delay: std::time::Duration,
    store: Arc<TakeStore>,
    options: DispatchOptions,
    events: UnboundedSender<DispatchEvent>,
    attempts: JoinSet<Attempted>,
    in_flight: HashMap<Id, Flight>,
    syncs: GroupSync,
    outcome: DispatchOutcome,
    /// Why nothing new is begun.
    broken: Option<StoreError>,
}

impl Dispatcher {
    /// Works until everything is done, nothing more can be done, or it is told to stop.
    async fn run(&mut self, stop: &mut watch::Receiver<StopSignal>) {
        loop {
            let signal = *stop.borrow_and_update();
            if signal == StopSignal::Now {
                return;
            }
            if signal == StopSignal::Running && self.broken.is_none() {
                self.begin();
            }
            let may_begin = signal == StopSignal::Running && self.broken.is_none();
            let waiting = may_begin && !self.queue.is_empty() && self.pool.usable().next().is_some();
            if self.attempts.is_empty() && !waiting {
                return;
            }
            let due = self.queue.next_due(Instant::now()).filter(|_| may_begin);
            tokio::select! {
                Some(landed) = self.attempts.join_next_with_id() => self.land(landed),
                synced = self.syncs.next() => self.note(synced),
                () = changed(stop) => {}
                () = wait_until(due) => {}
            }
        }
    }

    /// Forces what was stored to the disk and says how it went.
    async fn close(mut self) -> Result<DispatchOutcome, DispatchError> {
        self.attempts.shutdown().await;
        let synced = self.syncs.finish().await;
        self.note(synced);
        if let Some(error) = self.broken {
            return Err(error.into());
        }
        let left = !self.queue.is_empty() || !self.in_flight.is_empty();
        if left && self.pool.usable().next().is_none() {
            return Err(DispatchError::NoBackend { reasons: self.pool.reasons() });
        }
        self.outcome.stopped = left;
        self.outcome.defects.sort_unstable();
        self.outcome.failed.sort_unstable();
        Ok(self.outcome)
    }

    /// Fills the free slots, one of each backend at a time.
    fn begin(&mut self) {
        loop {
            let mut begun = false;
            for id in self.pool.free() {
                if let Some(job) = self.queue.next_for(id, Instant::now()) {
                    self.launch(id, job);
                    begun = true;
                }
            }
            if !begun {
                return;
            }
        }
    }

    fn launch(&mut self, id: BackendId, job: Job) {
        let attempt = Attempt {
            backend: Arc::clone(self.pool.backend(id)),
            request: Arc::clone(&job.request),
            seed: job.seed(),
            key: job.key,
            bounds: rhapsode_audio::judge::Bounds::default(),
            store: Arc::clone(&self.store),
        };
        self.pool.occupy(id);
        self.tell(DispatchEvent::Started { ordinal: job.ordinal(), backend: self.name(id) });
        let task = self.attempts.spawn(attempt.run()).id();
        self.in_flight.insert(task, Flight { job, backend: Some(id) });
    }

    /// Takes in what came of an attempt.
    fn land(&mut self, landed: Result<(Id, Attempted), JoinError>) {
        let (task, attempted) = match landed {
            Ok((task, attempted)) => (task, Ok(attempted)),
            Err(error) => (error.id(), Err(error)),
        };
        let Flight { mut job, backend } =
            self.in_flight.remove(&task).expect("every attempt is noted when it is launched");
        if let Some(id) = backend {
            self.pool.release(id);
        }
        let result = match attempted {
            Ok(Attempted { result, elapsed }) => {
                job.elapsed += elapsed;
                result
            }
            Err(error) => AttemptResult::NoSpeech(SpeechError::Transient {
                backend: backend.map_or_else(|| "the store".to_owned(), |id| self.name(id)),
                reason: panic_text(error),
            }),
        };
        match (result, backend) {
            (AttemptResult::Stored(stored), _) => self.finish(job, stored),
            (AttemptResult::NotStored(error), _) => {
                self.queue.put_back(job);
                self.note(Err(error));
            }
            (AttemptResult::Rejected(candidate), Some(id)) => self.reject(job, id, candidate),
            (AttemptResult::NoSpeech(error), Some(id)) => self.mend(job, id, &error),
            (AttemptResult::Rejected(_) | AttemptResult::NoSpeech(_), None) => {
                self.fail(job, "storing its take ended in a panic")
            }
        }
    }

    fn finish(&mut self, job: Job, stored: Stored) {
        self.syncs.count_take();
        self.outcome.finished += job.ordinals.len();
        if stored.verdict != Verdict::Accepted {
            self.outcome.defects.extend(&job.ordinals);
        }
        let mut elapsed = job.elapsed;
        for &ordinal in &job.ordinals {
            self.tell(DispatchEvent::Finished {
                ordinal,
                key: job.key,
                verdict: stored.verdict.clone(),
                seconds_of_audio: stored.seconds,
                elapsed: std::mem::take(&mut elapsed),
                backend: stored.backend.clone(),
            });
        }
    }

    /// A take did not pass: another one, with the next seed, or the best of them.
    fn reject(&mut self, mut job: Job, id: BackendId, candidate: Candidate) {
        job.rejected += 1;
        let reason = candidate.reason.clone();
        let best = Candidate::better_of(job.best.take(), candidate);
        if job.rejected >= self.options.attempts {
            self.keep(job, best);
        } else {
            job.best = Some(best);
            let backend = self.name(id);
            self.tell(DispatchEvent::Retried { ordinal: job.ordinal(), reason: reason.clone(), backend });
            self.put_back(job, &reason);
        }
    }

    /// Stores the best take that there is, as a defect.
    fn keep(&mut self, job: Job, best: Candidate) {
        let (store, key) = (Arc::clone(&self.store), job.key);
        let store_it = async move {
            let result = match blocking(move || best.store(key, &store)).await {
                Ok(stored) => AttemptResult::Stored(stored),
                Err(error) => AttemptResult::NotStored(error),
            };
            Attempted { result, elapsed: std::time::Duration::ZERO }
        };
        let task = self.attempts.spawn(store_it).id();
        self.in_flight.insert(task, Flight { job, backend: None });
    }

    /// No take came: do what helps.
    fn mend(&mut self, mut job: Job, id: BackendId, error: &SpeechError) {
        let reason = error.to_string();
        match remedy(error) {
            Remedy::WithoutBackend => {
                if self.pool.lose(id, reason.clone()) {
                    self.tell(DispatchEvent::BackendLost { backend: self.name(id), reason: reason.clone() });
                }
            }
            Remedy::Elsewhere => drop(job.barred.insert(id)),
            Remedy::Later => {
                job.errors += 1;
                if job.errors > self.options.retries {
                    return self.give_up(job, &reason);
                }
                let delay = self.retry_delay.saturating_mul(1 << (job.errors - 1).min(16));
                job.due = Some(Instant::now() + delay);
            }
        }
        self.tell(DispatchEvent::Retried {
            ordinal: job.ordinal(),
            reason: reason.clone(),
            backend: self.name(id),
        });
        self.put_back(job, &reason);
        for job in self.queue.take_hopeless(&self.usable()) {
            self.give_up(job, &reason);
        }
    }

    /// Lets a job wait for its next attempt, if there is a backend that may make one.
    fn put_back(&mut self, job: Job, reason: &str) {
        if job.is_hopeless(&self.usable()) {
            self.give_up(job, reason);
        } else {
            self.queue.put_back(job);
        }
    }

    /// Nobody can speak it (any more): a take that was rejected is better than none.
    fn give_up(&mut self, mut job: Job, reason: &str) {
        match job.best.take() {
            Some(best) => self.keep(job, best),
            None => self.fail(job, reason),
        }
    }

    fn fail(&mut self, job: Job, reason: &str) {
        for &ordinal in &job.ordinals {
            let reason = reason.to_owned();
            self.tell(DispatchEvent::Failed { ordinal, reason: reason.clone() });
            self.outcome.failed.push(FailedChunk { ordinal, reason });
        }
    }

    /// The first error of the store is the one that counts.
    fn note(&mut self, stored: Result<(), StoreError>) {
        if let Err(error) = stored {
            self.broken.get_or_insert(error);
        }
    }

    fn usable(&self) -> Vec<BackendId> {
        self.pool.usable().collect()
    }

    fn name(&self, id: BackendId) -> String {
        self.pool.backend(id).describe().name.clone()
    }

    fn tell(&self, event: DispatchEvent) {
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }
}

/// Waits for the next signal; for ever once nobody can send one.
async fn changed(stop: &mut watch::Receiver<StopSignal>) {
    if stop.changed().await.is_err() {
        std::future::pending().await
    }
}

/// Waits for a moment; for ever if there is none.
async fn wait_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// What a task that did not come back has to say.
fn panic_text(error: JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else { return "it was cancelled".to_owned() };
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    text.map_or_else(|| "it panicked".to_owned(), |text| format!("it panicked: {text}"))
}
