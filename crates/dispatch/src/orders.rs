//! Orders come in, are told to stop, and are closed.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use rhapsode_store::{StoreError, TakeStore, Verdict};
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    time::Instant,
};

use crate::{
    DispatchError, DispatchEvent, DispatchOutcome, FailedChunk, Order, Outage, StopSignal, Variant, Work,
    checking::{Lesson, blocking},
    group_sync::GroupSync,
    job::{Claim, Identity, Job, JobId, Landing, Underway},
    open_order::{OpenOrder, OrderId, Reply, Voice},
    pool::{BackendId, BackendState},
    queue::Queue,
    scheduler::Scheduler,
    take::Stored,
};

/// What the scheduler is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// There is an order.
    Submit(Box<Submission>),
    /// An order is to stop.
    Signal(OrderId, StopSignal),
    /// Nobody waits for an order any more.
    Cancel(OrderId),
    /// A backend has spoken a sentence to prove that it can.
    Proved { backend: BackendId, characters: usize, elapsed: Duration },
    /// A backend is to prove that it can speak before it gets work.
    Doubted { backend: BackendId, reason: String },
}

/// An order with all that it needs.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) id: OrderId,
    pub(crate) order: Order,
    pub(crate) store: Arc<TakeStore>,
    pub(crate) signal: StopSignal,
    pub(crate) events: UnboundedSender<DispatchEvent>,
    pub(crate) reply: Reply,
}

impl Scheduler {
    pub(crate) fn obey(&mut self, command: Command) {
        match command {
            Command::Submit(submission) => self.submit(*submission),
            Command::Signal(id, StopSignal::Now) => self.stop_now(id),
            Command::Signal(id, signal) => {
                if let Some(order) = self.orders.get_mut(&id) {
                    order.signal = signal;
                }
            }
            Command::Cancel(id) => self.close(id, None),
            Command::Proved { backend, characters, elapsed } => {
                self.state_mut(backend).speed.prove(characters, elapsed);
            }
            Command::Doubted { backend, reason } => {
                self.note_breaker(backend, |circuit, options| circuit.unreachable(&reason, options));
            }
        }
    }

    fn submit(&mut self, submission: Submission) {
        let Submission { id, order, store, signal, events, reply } = submission;
        let Order { mut work, variant_of, learners, options } = order;
        let kin = |other: &&OpenOrder| Arc::ptr_eq(&other.store, &store) && other.variant_of == variant_of;
        let family = self.orders.values().find(kin).map_or(id.0, |other| other.family);
        // It begins where the others are: what they got before it came is none of its business.
        let served = self.orders.values().map(|other| other.served).fold(f64::INFINITY, f64::min);
        let open = OpenOrder {
            family,
            syncs: GroupSync::new(&options),
            options,
            variant_of,
            voices: learners.into_iter().map(Voice::new).collect(),
            store,
            events,
            reply,
            signal,
            queue: Queue::default(),
            jobs: BTreeMap::new(),
            served: if served.is_finite() { served } else { 0.0 },
            broken: None,
            waiting: false,
            outcome: DispatchOutcome::default(),
        };
        self.orders.insert(id, open);
        work.sort_by_key(|work| work.ordinal);
        for work in work {
            self.claim(id, family, work);
        }
        if signal == StopSignal::Now {
            self.stop_now(id);
        }
    }

    /// Drops what is being spoken. What was spoken and is being checked takes no time and is kept, unless somebody
    /// listens to it.
    fn stop_now(&mut self, id: OrderId) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        if order.options.listening.is_some() {
            return self.close(id, None);
        }
        order.signal = StopSignal::Now;
        let jobs: Vec<_> = order.jobs.values().copied().collect();
        for job_id in jobs {
            match self.jobs.get(&job_id).map(Box::as_ref) {
                // The check decides; a second backend that still speaks is not waited for.
                Some(Job { checking: Some(_), speaking, claims, .. }) if claims.len() == 1 => {
                    self.abandon(speaking);
                }
                Some(Job { checking: Some(_), .. }) => {}
                _ => self.leave_job(job_id, id),
            }
        }
    }

    /// An order gives up what it needs of a job. A job that nobody needs is gone.
    fn leave_job(&mut self, job_id: JobId, id: OrderId) {
        let Some(job) = self.jobs.get_mut(&job_id) else { return };
        if let [Claim { order, .. }] = job.claims.as_slice()
            && *order == id
        {
            self.remove(job_id);
        } else if let Some(index) = job.claims.iter().position(|claim| claim.order == id) {
            let ordinal = job.claims.swap_remove(index).ordinals[0];
            if let Some(order) = self.orders.get_mut(&id) {
                order.queue.remove(ordinal);
                order.jobs.remove(&ordinal);
            }
        }
        if let Some(order) = self.orders.get_mut(&id) {
            order.outcome.stopped = true;
        }
    }

    /// Lets a chunk have its job, which may be another chunk's already.
    fn claim(&mut self, id: OrderId, family: u64, work: Work) {
        let identity: Identity = (family, work.variants.iter().map(Variant::key).collect());
        let job_id = *self.identities.entry(identity.clone()).or_insert_with(|| {
            let job_id = JobId(self.next_job);
            self.next_job += 1;
            self.jobs.insert(job_id, Box::new(Job::new(identity, work.variants)));
            job_id
        });
        let job = self.jobs.get_mut(&job_id).expect("every identity is that of a job");
        if let Some(claim) = job.claims.iter_mut().find(|claim| claim.order == id) {
            return claim.ordinals.push(work.ordinal);
        }
        // Nearly every job has one claim; a vector that grows by itself begins with room for four.
        job.claims.reserve_exact(1);
        job.claims.push(Claim { order: id, ordinals: vec![work.ordinal] });
        let waits = !job.is_underway() && job.due.is_none();
        if let Some(order) = self.orders.get_mut(&id) {
            order.jobs.insert(work.ordinal, job_id);
        }
        if waits {
            self.enqueue(job_id);
        }
    }

    /// A job is done: every chunk that needs it is.
    pub(crate) fn finish(&mut self, job_id: JobId, stored: &Stored, lesson: Option<&Lesson>) {
        let Some(job) = self.remove(job_id) else { return };
        let mut elapsed = job.elapsed;
        for Claim { order, ordinals } in job.claims {
            let Some(order) = self.orders.get_mut(&order) else { continue };
            order.syncs.count_take();
            if let Some(lesson) = lesson
                && let Some(voice) = order.voices.get_mut(lesson.variant)
            {
                voice.learn(lesson);
            }
            order.outcome.finished += ordinals.len();
            if stored.verdict != Verdict::Accepted {
                order.outcome.defects.extend(&ordinals);
            }
            for ordinal in ordinals {
                order.tell(DispatchEvent::Finished {
                    ordinal,
                    key: stored.key,
                    verdict: stored.verdict.clone(),
                    seconds_of_audio: stored.seconds,
                    elapsed: std::mem::take(&mut elapsed),
                    backend: stored.backend.clone(),
                });
            }
        }
    }

    /// Nobody can speak it.
    pub(crate) fn fail(&mut self, job_id: JobId, reason: &str) {
        let Some(job) = self.remove(job_id) else { return };
        for Claim { order, ordinals } in job.claims {
            let Some(order) = self.orders.get_mut(&order) else { continue };
            for ordinal in ordinals {
                order.tell(DispatchEvent::Failed { ordinal, reason: reason.to_owned() });
                order.outcome.failed.push(FailedChunk { ordinal, reason: reason.to_owned() });
            }
        }
    }

    /// Takes a job out of everything.
    fn remove(&mut self, job_id: JobId) -> Option<Box<Job>> {
        let job = self.jobs.remove(&job_id)?;
        self.identities.remove(&job.identity);
        if let Some(due) = job.due {
            self.delayed.remove(&(due, job_id));
        }
        self.abandon(&job.speaking);
        for claim in &job.claims {
            if let Some(order) = self.orders.get_mut(&claim.order) {
                order.queue.remove(claim.ordinals[0]);
                order.jobs.remove(&claim.ordinals[0]);
            }
        }
        Some(job)
    }

    /// A job's take cannot be stored: its orders begin nothing more. The first error is the one that counts.
    pub(crate) fn not_stored(&mut self, job_id: JobId, error: StoreError) {
        let Some(job) = self.jobs.get(&job_id) else { return };
        let mut error = Some(error);
        for claim in &job.claims {
            if let Some(order) = self.orders.get_mut(&claim.order)
                && order.broken.is_none()
                && let Some(error) = error.take()
            {
                order.broken = Some(error);
            }
        }
        self.enqueue(job_id);
    }

    /// Forces takes to the disk where it is time.
    pub(crate) fn sync(&mut self, now: Instant) {
        let is_due = |order: &OpenOrder| order.syncs.due().is_some_and(|due| due <= now);
        let due: Vec<_> = self.orders.iter().filter(|(_, order)| is_due(order)).map(|(&id, _)| id).collect();
        for id in due {
            let Some(order) = self.orders.get_mut(&id) else { continue };
            order.syncs.begun();
            let store = Arc::clone(&order.store);
            let sync = async move { Landing::Synced(blocking(move || store.sync()).await) };
            self.spawn(Underway::Syncing { order: id }, sync);
        }
    }

    /// Closes the orders that are done, or of which nothing more can be done.
    pub(crate) fn close_orders(&mut self) {
        let ids: Vec<_> = self.orders.keys().copied().collect();
        for id in ids {
            let Some(order) = self.orders.get(&id) else { continue };
            if order.jobs.is_empty() || (!order.goes_on() && !self.is_underway(id)) {
                self.close(id, None);
            } else if !self.is_underway(id) {
                self.look_for_an_outage(id);
            }
        }
    }

    fn is_underway(&self, id: OrderId) -> bool {
        let of_order = |job: &JobId| {
            self.jobs.get(job).is_some_and(|job| job.claims.iter().any(|claim| claim.order == id))
        };
        self.underway.values().any(|(underway, _)| match underway {
            Underway::Speaking(flight) => of_order(&flight.job),
            Underway::Checking { job, .. } | Underway::Keeping { job } => of_order(job),
            Underway::Probing { .. } | Underway::Asking { .. } | Underway::Syncing { .. } => false,
        })
    }

    /// An order of which nothing is underway may have no backend left.
    fn look_for_an_outage(&mut self, id: OrderId) {
        let Some(order) = self.orders.get_mut(&id) else { return };
        let of_order: Vec<_> = (0..self.backends.len())
            .filter(|&index| order.variant_of(BackendId(index)).is_some())
            .map(|index| &self.backends[index].circuit)
            .collect();
        // Those that are lost do not come back, whoever waits.
        let may_come_back = of_order.iter().any(|circuit| !circuit.is_lost());
        if may_come_back && (order.waiting || of_order.iter().any(|circuit| circuit.is_alive())) {
            return;
        }
        let reasons: Vec<_> = of_order.iter().map(|circuit| circuit.reason()).collect();
        let reasons = match (self.backends.is_empty(), reasons.is_empty()) {
            (true, _) => "none is configured".to_owned(),
            (false, true) => "none has the voice".to_owned(),
            (false, false) => reasons.join("; "),
        };
        if order.options.outage == Outage::Wait && may_come_back {
            order.waiting = true;
            order.tell(DispatchEvent::Waiting { reasons });
        } else {
            self.close(id, Some(DispatchError::NoBackend { reasons }));
        }
    }

    /// Tells the orders that wait for a backend when one works again.
    pub(crate) fn go_on(&mut self) {
        for order in self.orders.values_mut().filter(|order| order.waiting) {
            let works = |(index, state): (usize, &BackendState)| {
                order.variant_of(BackendId(index)).is_some() && state.circuit.is_closed()
            };
            if self.backends.iter().enumerate().any(works) {
                order.waiting = false;
                order.tell(DispatchEvent::GoesOn);
            }
        }
    }

    /// Closes an order: what it alone needs is given up, what was stored is forced to the disk, and whoever waits for
    /// it is told.
    fn close(&mut self, id: OrderId, error: Option<DispatchError>) {
        let Some(order) = self.orders.get(&id) else { return };
        let jobs: Vec<_> = order.jobs.values().copied().collect();
        for job_id in jobs {
            self.leave_job(job_id, id);
        }
        let Some(mut order) = self.orders.remove(&id) else { return };
        for (index, state) in self.backends.iter_mut().enumerate() {
            if order.variant_of(BackendId(index)).is_some() {
                order.tell(DispatchEvent::Backend(state.status()));
            }
        }
        order.outcome.defects.sort_unstable();
        order.outcome.failed.sort_unstable();
        let OpenOrder { store, events, reply, broken, outcome, .. } = order;
        let store_error = broken.map(DispatchError::Store);
        tokio::spawn(async move {
            let synced = blocking(move || store.sync()).await.map_err(DispatchError::Store);
            drop(events);
            let result = match store_error.or(synced.err()).or(error) {
                Some(error) => Err(error),
                None => Ok(outcome),
            };
            // An order that was dropped has nobody who waits.
            let _ = reply.send(result);
        });
    }
}

/// Waits for the next signal; for ever once nobody can send one.
pub(crate) async fn changed(stop: &mut watch::Receiver<StopSignal>) {
    if stop.changed().await.is_err() {
        std::future::pending().await
    }
}
