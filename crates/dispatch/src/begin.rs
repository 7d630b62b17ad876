//! Who speaks what next.

use std::{sync::Arc, time::Duration};

use rhapsode_speech::ProbeVoice;
use tokio::time::Instant;

use crate::{
    DispatchEvent, Hedging,
    job::{Flight, Job, JobId, Landing, Underway},
    open_order::{OpenOrder, OrderId},
    pool::BackendId,
    queue::Allowed,
    scheduler::Scheduler,
    speaking::{Patience, Speaking},
    tail::{self, Slot, Waiting},
};

/// Takes that may wait for their check for each slot of the pool, and beyond that: their sound is in memory.
const CHECKS_A_SLOT: usize = 2;
const CHECKS: usize = 8;
/// How soon it is looked again whether a backend that was passed over should begin something after all.
const SOON: Duration = Duration::from_millis(50);
/// A request is a straggler after this time while nothing is known of its backend's speed.
const UNKNOWN: Duration = Duration::from_secs(20);
/// Characters of an ordinary chunk.
const ORDINARY: usize = 150;

impl Scheduler {
    /// Fills the free slots, one of each backend at a time.
    pub(crate) fn begin(&mut self, now: Instant) {
        self.look_again = None;
        let slots: usize = self.backends.iter().map(|backend| backend.slots.most()).sum();
        let most_checks = slots * CHECKS_A_SLOT + CHECKS;
        loop {
            let mut begun = false;
            for id in self.free() {
                if self.checks < most_checks
                    && let Some((order, job)) = self.next_for(id, now)
                {
                    self.launch(id, order, job);
                    begun = true;
                }
            }
            if !begun {
                break;
            }
        }
        for id in self.free() {
            self.state_mut(id).slots.idle();
            self.hedge(id, now);
        }
    }

    /// Backends with a free slot, the idlest first, so that work spreads before it piles up, and of those the fastest.
    fn free(&self) -> Vec<BackendId> {
        let mut free: Vec<_> = (0..self.backends.len())
            .map(BackendId)
            .filter(|&id| self.state(id).is_free())
            .map(|id| {
                let state = self.state(id);
                let load = state.busy() as f64 / state.slots.now() as f64;
                (load, state.speed.expected(ORDINARY).unwrap_or_default(), id)
            })
            .collect();
        free.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        free.into_iter().map(|(_, _, id)| id).collect()
    }

    /// What a backend with a free slot begins: of the order that got least, the first chunk that it may speak. Near
    /// the end it may be another, or none.
    fn next_for(&mut self, id: BackendId, now: Instant) -> Option<(OrderId, JobId)> {
        let first = |(&order_id, order): (&OrderId, &OpenOrder)| {
            let job = order.queue.first_for(id).filter(|_| order.goes_on())?;
            order.variant_of(id)?;
            Some((order.served, order_id, job))
        };
        let (_, order, job) =
            self.orders.iter().filter_map(first).min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?;
        if !self.is_tail() {
            return Some((order, job));
        }
        match self.first_of_the_tail(id, now) {
            Some(job) => Some((self.lead(self.jobs.get(&job)?), job)),
            None => {
                self.look_again = Some(now + SOON);
                None
            }
        }
    }

    /// Whether so little waits that it matters who speaks it. Where all backends are equally fast, or nothing is known
    /// of one, it does not.
    fn is_tail(&self) -> bool {
        let works = || self.backends.iter().filter(|backend| backend.works());
        if works().count() < 2 {
            return false;
        }
        let mut seconds = Vec::new();
        for backend in works() {
            let Some(expected) = backend.speed.expected(ORDINARY) else { return false };
            seconds.resize(seconds.len() + backend.slots.now(), expected.as_secs_f64());
        }
        let waiting: usize =
            self.orders.values().filter(|order| order.goes_on()).map(|order| order.queue.len()).sum();
        waiting <= tail::tail_length(&seconds)
    }

    fn first_of_the_tail(&self, id: BackendId, now: Instant) -> Option<JobId> {
        let mut orders: Vec<_> = self.orders.values().filter(|order| order.goes_on()).collect();
        orders.sort_by(|a, b| a.served.total_cmp(&b.served));
        let waiting: Vec<_> = orders
            .into_iter()
            .flat_map(|order| order.queue.jobs().map(move |job| (order, job)))
            .filter_map(|(order, id)| {
                let job = self.jobs.get(&id)?;
                let allowed = match self.allowed(order, job) {
                    Allowed::Only(allowed) => allowed,
                    Allowed::Anyone => self.backends_of(order).collect(),
                };
                Some(Waiting { job: id, characters: job.forms[0].characters(), allowed })
            })
            .collect();
        let seconds =
            |id: BackendId, characters| self.state(id).speed.expected(characters).unwrap_or_default();
        let mut slots: Vec<_> = self.flights().map(|flight| self.slot_of(flight, now)).collect();
        for (index, state) in self.backends.iter().enumerate().filter(|(_, state)| state.is_free()) {
            let slot = Slot { backend: BackendId(index), free: now };
            slots.resize(slots.len() + state.slots.now() - state.busy(), slot);
        }
        slots.retain(|slot| self.state(slot.backend).works());
        tail::first_for(id, &waiting, &mut slots, now, seconds)
    }

    /// When a slot will be free. The longer a request is overdue, the longer it may still take.
    fn slot_of(&self, flight: &Flight, now: Instant) -> Slot {
        let expected = self.state(flight.backend).speed.expected(flight.characters).unwrap_or_default();
        let overdue = now + (now - flight.launched) / 4;
        let free = flight.launched + expected;
        Slot { backend: flight.backend, free: if free > now { free } else { overdue } }
    }

    fn flights(&self) -> impl Iterator<Item = &Flight> {
        self.underway.values().filter_map(|(underway, _)| match underway {
            Underway::Speaking(flight) => Some(flight),
            _ => None,
        })
    }

    /// The order by whose wishes a job is treated.
    pub(crate) fn lead(&self, job: &Job) -> OrderId {
        let goes_on = |id: &OrderId| self.orders.get(id).is_some_and(OpenOrder::goes_on);
        let mut orders = job.claims.iter().map(|claim| claim.order);
        orders.clone().find(goes_on).or_else(|| orders.next()).expect("a job is removed with its last claim")
    }

    fn launch(&mut self, id: BackendId, order_id: OrderId, job_id: JobId) {
        let Some(job) = self.jobs.get_mut(&job_id) else { return };
        let Some(order) = self.orders.get_mut(&order_id) else { return };
        let Some(variant) = order.variant_of(id) else { return };
        let characters = job.forms[variant].characters();
        order.served += characters as f64;
        for claim in &job.claims {
            if let Some(order) = self.orders.get_mut(&claim.order) {
                order.queue.remove(claim.ordinals[0]);
                let backend = self.backends[id.0].name().to_owned();
                order.tell(DispatchEvent::Started { ordinal: claim.ordinals[0], backend });
            }
        }
        job.hedged = false;
        self.speak(id, job_id, variant);
    }

    /// Sends a job to a backend.
    fn speak(&mut self, id: BackendId, job_id: JobId, variant: usize) {
        let Some(job) = self.jobs.get_mut(&job_id) else { return };
        let state = &mut self.backends[id.0];
        let form = &job.forms[variant];
        let (request, characters) = (form.request(), form.characters());
        let patience = Patience {
            speed: state.speed.clone(),
            options: self.options.clone(),
            doubled: job.late + state.late,
        };
        let speaking = Speaking {
            backend: Arc::clone(&state.backend),
            utterance: job.utterance(variant, &request),
            request,
            max_chars: state.max_chars,
            patience,
        };
        state.occupy();
        let flight = Flight { job: job_id, backend: id, launched: Instant::now(), characters };
        let speaking = async move { Landing::Spoke(speaking.run().await) };
        let task = self.spawn(Underway::Speaking(flight), speaking);
        if let Some(job) = self.jobs.get_mut(&job_id) {
            job.speaking.push(task);
        }
    }

    /// Has an idle backend speak the oldest chunk that takes another one too long. Money is not spent twice.
    fn hedge(&mut self, id: BackendId, now: Instant) {
        let queued = |order: &OpenOrder| {
            order.goes_on() && order.variant_of(id).is_some() && order.queue.first_for(id).is_some()
        };
        if self.state(id).is_priced() || self.orders.values().any(queued) {
            return;
        }
        let overdue = |flight: &Flight| {
            let state = self.state(flight.backend);
            flight.launched + state.speed.overdue(flight.characters).unwrap_or(UNKNOWN)
        };
        let candidates = || self.flights().filter(|flight| self.may_hedge(flight, id));
        let oldest = candidates()
            .filter(|flight| overdue(flight) <= now)
            .min_by_key(|flight| flight.launched)
            .copied();
        let Some(flight) = oldest else {
            let soonest = candidates().map(overdue).min();
            self.look_again = [self.look_again, soonest].into_iter().flatten().min();
            return;
        };
        let Some(job) = self.jobs.get_mut(&flight.job) else { return };
        job.hedged = true;
        let claims: Vec<_> = job.claims.iter().map(|claim| (claim.order, claim.ordinals[0])).collect();
        let mut variant = None;
        for (order, ordinal) in claims {
            if let Some(order) = self.orders.get(&order) {
                variant = variant.or(order.variant_of(id));
                order.tell(DispatchEvent::Hedged { ordinal, backend: self.name(id) });
            }
        }
        if let Some(variant) = variant {
            self.speak(id, flight.job, variant);
        }
    }

    fn may_hedge(&self, flight: &Flight, id: BackendId) -> bool {
        let Some(job) = self.jobs.get(&flight.job) else { return false };
        let Some(order) = self.orders.get(&self.lead(job)) else { return false };
        let alone = job.speaking.len() == 1 && job.checking.is_none() && !job.hedged;
        alone
            && flight.backend != id
            && order.goes_on()
            && order.options.hedging == Hedging::Stragglers
            && order.variant_of(id).is_some()
            && !job.barred.contains(&id)
            && !self.state(flight.backend).is_priced()
    }

    /// Probes the backends whose time has come, if there is work for them.
    pub(crate) fn probe(&mut self, now: Instant) {
        for id in (0..self.backends.len()).map(BackendId) {
            if self.state(id).circuit.probe_due().is_none_or(|due| due > now) || !self.is_wanted(id) {
                continue;
            }
            let after = self.state(id).speed.time_out(ORDINARY, &self.options);
            let (readmit, voice) = (Arc::clone(&self.readmit), self.probe_voice(id));
            let state = self.state_mut(id);
            state.circuit.probing();
            state.change();
            let backend = Arc::clone(&state.backend);
            let name = self.name(id);
            self.spawn(Underway::Probing { backend: id }, async move {
                let probed = tokio::time::timeout(after, readmit.readmit(backend.as_ref(), &voice)).await;
                Landing::Probed(probed.unwrap_or_else(|_| {
                    let reason = "it did not answer its probe".to_owned();
                    Err(rhapsode_speech::SpeechError::Transient { backend: name, reason })
                }))
            });
        }
    }

    /// The voice of the work that it failed at; of any work that waits for it, if it has not failed.
    fn probe_voice(&self, id: BackendId) -> ProbeVoice {
        let waiting = self.orders.values().filter(|order| order.goes_on()).find_map(|order| {
            let job = self.jobs.get(order.jobs.values().next()?)?;
            Some(ProbeVoice::of(&job.forms[order.variant_of(id)?].request()))
        });
        let state = self.state(id);
        let voice = state.probe_voice.clone().or(waiting);
        voice.unwrap_or_else(|| ProbeVoice::first_of(state.backend.as_ref()))
    }

    /// Backends that an order has.
    pub(crate) fn backends_of(&self, order: &OpenOrder) -> impl Iterator<Item = BackendId> {
        let of_order = |id: &BackendId| order.variant_of(*id).is_some();
        (0..self.backends.len()).map(BackendId).filter(of_order)
    }

    /// Who may begin a job. Backends at which it failed are passed over as long as there is another that works.
    pub(crate) fn allowed(&self, order: &OpenOrder, job: &Job) -> Allowed {
        let avoid = |id: &BackendId| {
            // A rejected take has one more chance with another seed wherever it was made.
            job.failed_on.contains(id) || (job.rejected > 1 && job.rejected_by.contains(id))
        };
        let able: Vec<_> = self.backends_of(order).filter(|id| !job.barred.contains(id)).collect();
        let preferred: Vec<_> =
            able.iter().copied().filter(|id| !avoid(id) && self.state(*id).circuit.is_closed()).collect();
        let passed_over = able.iter().any(avoid);
        match (passed_over && !preferred.is_empty(), job.barred.is_empty()) {
            (true, _) => Allowed::Only(preferred),
            (false, false) => Allowed::Only(able),
            (false, true) => Allowed::Anyone,
        }
    }

    /// Puts a job into the queue of every order that needs it.
    pub(crate) fn enqueue(&mut self, job_id: JobId) {
        let Some(job) = self.jobs.get(&job_id) else { return };
        let places: Vec<_> = job
            .claims
            .iter()
            .filter_map(|claim| Some((claim, self.orders.get(&claim.order)?)))
            .map(|(claim, order)| (claim.order, claim.ordinals[0], self.allowed(order, job)))
            .collect();
        for (order, ordinal, allowed) in places {
            if let Some(order) = self.orders.get_mut(&order) {
                order.queue.remove(ordinal);
                order.queue.insert(ordinal, job_id, allowed);
            }
        }
    }

    /// Looks again who may begin the jobs that not everybody may, since breakers opened or closed.
    pub(crate) fn reseat(&mut self) {
        let mut restricted: Vec<_> =
            self.orders.values().flat_map(|order| order.queue.restricted()).collect();
        restricted.sort_unstable();
        restricted.dedup();
        for job_id in restricted {
            if self.is_hopeless(job_id) {
                self.give_up(job_id, "speak the text: no backend that is left can");
            } else {
                self.enqueue(job_id);
            }
        }
    }
}
