//! What came of requests, checks and probes, and what follows from it.

use std::{sync::Arc, time::Duration};

use rhapsode_speech::SpeechError;
use tokio::{
    task::{self, JoinError},
    time::Instant,
};

use crate::{
    DispatchEvent,
    checking::{CheckResult, Checked, Checking, keep},
    job::{Flight, JobId, Landing, Underway},
    pool::BackendId,
    remedy::{Remedy, Trouble},
    scheduler::Scheduler,
    speaking::{Spoke, Utterance},
    take::Candidate,
};

impl Scheduler {
    pub(crate) fn land(&mut self, landed: Result<(task::Id, Landing), JoinError>) {
        let (task, landing) = match landed {
            Ok((task, landing)) => (task, Ok(landing)),
            Err(error) => (error.id(), Err(error)),
        };
        let (underway, _) = self.underway.remove(&task).expect("every task is noted when it is spawned");
        match (underway, landing) {
            (Underway::Speaking(flight), Ok(Landing::Spoke(spoke))) => self.spoke(task, flight, spoke),
            (Underway::Speaking(flight), Err(error)) => self.crashed(task, flight, error),
            (Underway::Checking { job, backend }, Ok(Landing::Checked(checked))) => {
                self.checks -= 1;
                self.checked(job, Some(backend), checked);
            }
            (Underway::Keeping { job }, Ok(Landing::Checked(checked))) => self.checked(job, None, checked),
            (Underway::Checking { job, .. }, _) => {
                self.checks -= 1;
                self.check_crashed(job);
            }
            (Underway::Keeping { job }, _) => self.fail(job, "store its take: storing it ended in a panic"),
            (Underway::Probing { backend }, Ok(Landing::Probed(probed))) => self.probed(backend, probed),
            (Underway::Probing { backend }, landing) => {
                let reason = landing.err().map_or_else(String::new, panic_text);
                let error = SpeechError::Transient { backend: self.name(backend), reason };
                self.probed(backend, Err(error));
            }
            (Underway::Asking { backend }, Ok(Landing::Asked(asked))) => self.asked(backend, asked),
            (Underway::Asking { backend }, landing) => {
                let reason = landing.err().map_or_else(String::new, panic_text);
                let error = SpeechError::Transient { backend: self.name(backend), reason };
                self.asked(backend, Err(error));
            }
            (Underway::Syncing { order }, landing) => {
                if let Some(order) = self.orders.get_mut(&order) {
                    order.syncs.ended();
                    if let Ok(Landing::Synced(Err(error))) = landing {
                        order.broken.get_or_insert(error);
                    }
                }
            }
            (Underway::Speaking(flight), Ok(_)) => self.state_mut(flight.backend).release(),
        }
    }

    /// A request came back.
    fn spoke(&mut self, task: task::Id, flight: Flight, spoke: Spoke) {
        let Spoke { result, answers, elapsed, limit } = spoke;
        let state = self.state_mut(flight.backend);
        state.release();
        let progress = !answers.is_empty();
        for (characters, elapsed) in answers {
            state.speed.record(characters, elapsed);
            state.slots.answered(flight.launched, characters, elapsed);
        }
        if progress {
            state.late = 0;
            self.note_breaker(flight.backend, |circuit, _| circuit.spoke());
        }
        if let Some(limit) = limit {
            self.learn_limit(flight.backend, limit);
        }
        let wanted = self.leave(task, flight.job, elapsed);
        match result {
            Ok(utterance) => {
                let seconds = utterance.spoken.iter().map(|piece| piece.pcm.seconds()).sum();
                self.state_mut(flight.backend).made_a_take(seconds);
                if wanted {
                    self.check(flight.job, utterance, flight.backend);
                }
            }
            Err((trouble, partial)) => {
                self.mend(flight, &trouble, wanted.then_some(partial));
            }
        }
    }

    /// A request did not come back.
    fn crashed(&mut self, task: task::Id, flight: Flight, error: JoinError) {
        self.state_mut(flight.backend).release();
        let wanted = self.leave(task, flight.job, flight.launched.elapsed());
        if error.is_cancelled() {
            return;
        }
        let trouble = Trouble::Panicked { backend: self.name(flight.backend), message: panic_text(error) };
        if !wanted {
            self.blame(flight, &trouble);
            return;
        }
        self.mend_job(flight, &trouble, None);
    }

    /// A task no longer speaks a job. Returns whether what it brings is still wanted.
    fn leave(&mut self, task: task::Id, job: JobId, elapsed: Duration) -> bool {
        let Some(job) = self.jobs.get_mut(&job) else { return false };
        let before = job.speaking.len();
        job.speaking.retain(|&speaking| speaking != task);
        job.elapsed += elapsed;
        job.speaking.len() < before
    }

    /// Has a take checked, or lets it wait for the check of another take of the same chunk.
    fn check(&mut self, job_id: JobId, utterance: Utterance, backend: BackendId) {
        let Some(job) = self.jobs.get(&job_id) else { return };
        let lead = self.lead(job);
        let Some(job) = self.jobs.get_mut(&job_id) else { return };
        if job.checking.is_some() {
            job.second = Some(Box::new((utterance, backend)));
            return;
        }
        let Some(order) = self.orders.get_mut(&lead) else { return };
        let form = &job.forms[utterance.variant];
        let checking = Checking {
            request: Arc::new(form.request()),
            key: form.key(),
            backend: Arc::clone(&self.backends[backend.0].backend),
            bounds: order.voices.get_mut(utterance.variant).map(|voice| voice.bounds()).unwrap_or_default(),
            store: Arc::clone(&order.store),
            listening: order.options.listening.clone(),
            utterance,
        };
        self.checks += 1;
        let checking = async move { Landing::Checked(checking.run().await) };
        let task = self.spawn(Underway::Checking { job: job_id, backend }, checking);
        if let Some(job) = self.jobs.get_mut(&job_id) {
            job.checking = Some(task);
        }
    }

    /// A check came back.
    fn checked(&mut self, job_id: JobId, backend: Option<BackendId>, checked: Checked) {
        let Some(job) = self.jobs.get_mut(&job_id) else { return };
        job.checking = None;
        if let Some(reason) = checked.inconclusive {
            self.tell_claims(job_id, |ordinal| DispatchEvent::Inconclusive {
                ordinal,
                reason: reason.clone(),
            });
        }
        match (checked.result, backend) {
            (CheckResult::Stored(stored, lesson), _) => self.finish(job_id, &stored, lesson.as_ref()),
            (CheckResult::NotStored(error), _) => self.not_stored(job_id, error),
            (CheckResult::Rejected(candidate), Some(backend)) => self.reject(job_id, backend, candidate),
            (CheckResult::Rejected(_), None) => self.fail(job_id, "store its take"),
        }
    }

    fn check_crashed(&mut self, job_id: JobId) {
        let Some(job) = self.jobs.get_mut(&job_id) else { return };
        job.checking = None;
        job.errors += 1;
        self.try_again(job_id, "check its take: the check ended in a panic", Duration::ZERO);
    }

    /// A take did not pass: another one, with the next seed, or the best of them.
    fn reject(&mut self, job_id: JobId, backend: BackendId, candidate: Candidate) {
        self.state_mut(backend).made_an_error();
        let Some(job) = self.jobs.get_mut(&job_id) else { return };
        job.rejected += 1;
        job.rejected_by.push(backend);
        let reason = candidate.reason.clone();
        let best = job.best.take().map(|best| *best);
        job.best = Some(Box::new(Candidate::better_of(best, candidate)));
        // The answer of a second backend is there, or comes.
        if let Some(second) = job.second.take() {
            let (utterance, backend) = *second;
            return self.check(job_id, utterance, backend);
        }
        if !job.speaking.is_empty() {
            return;
        }
        if !self.is_spent(job_id) {
            self.tell_retried(job_id, &reason, backend);
        }
        self.try_again(job_id, &reason, Duration::ZERO);
    }

    /// Stores the best take that there is, as a defect.
    fn keep(&mut self, job_id: JobId) {
        let Some(job) = self.jobs.get(&job_id) else { return };
        let lead = self.lead(job);
        let Some(store) = self.orders.get(&lead).map(|order| Arc::clone(&order.store)) else { return };
        let Some(best) = self.jobs.get_mut(&job_id).and_then(|job| job.best.take()) else { return };
        let keeping = async move { Landing::Checked(keep(*best, store).await) };
        let task = self.spawn(Underway::Keeping { job: job_id }, keeping);
        if let Some(job) = self.jobs.get_mut(&job_id) {
            job.checking = Some(task);
        }
    }

    /// No take came: do what helps.
    fn mend(&mut self, flight: Flight, trouble: &Trouble, partial: Option<Utterance>) {
        match partial {
            Some(partial) => self.mend_job(flight, trouble, Some(partial)),
            None => drop(self.blame(flight, trouble)),
        }
    }

    fn mend_job(&mut self, flight: Flight, trouble: &Trouble, partial: Option<Utterance>) {
        let reason = trouble.to_string();
        let remedy = self.blame(flight, trouble);
        let Some(job) = self.jobs.get_mut(&flight.job) else { return };
        if matches!(remedy, Remedy::Elsewhere | Remedy::Shrink { .. }) {
            job.barred.push(flight.backend);
        }
        if let Some(partial) = partial.filter(|partial| !partial.spoken.is_empty()) {
            if partial.spoken.len() > job.furthest {
                // It gets somewhere, so it is not hopeless.
                (job.furthest, job.errors) = (partial.spoken.len(), 0);
            }
            job.partial = Some(Box::new(partial));
        }
        if job.is_underway() {
            // Another backend speaks it too, or its take is being checked.
            return;
        }
        let mut delay = Duration::ZERO;
        if matches!(remedy, Remedy::Later | Remedy::LaterAndSlower) {
            job.errors += 1;
            job.late += u32::from(remedy == Remedy::LaterAndSlower);
            job.failed_on.push(flight.backend);
            delay = self.delay_of_retry(flight.job);
        }
        if !self.is_spent(flight.job) {
            self.tell_retried(flight.job, &reason, flight.backend);
        }
        self.try_again(flight.job, &reason, delay);
    }

    /// At once by a backend that had no error yet; when all had one, after a while.
    fn delay_of_retry(&mut self, job_id: JobId) -> Duration {
        let Some(job) = self.jobs.get(&job_id) else { return Duration::ZERO };
        let Some(order) = self.orders.get(&self.lead(job)) else { return Duration::ZERO };
        let fresh = |id: &BackendId| {
            !job.barred.contains(id) && !job.failed_on.contains(id) && self.state(*id).circuit.is_closed()
        };
        if self.backends_of(order).any(|id| fresh(&id)) {
            return Duration::ZERO;
        }
        let Some(job) = self.jobs.get_mut(&job_id) else { return Duration::ZERO };
        job.failed_on.clear();
        job.rounds += 1;
        let rounds = job.rounds;
        self.delay(rounds)
    }

    /// Whether everything was tried for a job that its order wants tried.
    fn is_spent(&self, job_id: JobId) -> bool {
        let Some(job) = self.jobs.get(&job_id) else { return true };
        let Some(order) = self.orders.get(&self.lead(job)) else { return true };
        job.errors > order.options.retries || job.rejected >= order.options.attempts.max(1)
    }

    /// Lets a job wait for its next attempt, if there is to be one.
    fn try_again(&mut self, job_id: JobId, reason: &str, delay: Duration) {
        if self.is_spent(job_id) || self.is_hopeless(job_id) {
            return self.give_up(job_id, reason);
        }
        if delay.is_zero() {
            return self.enqueue(job_id);
        }
        let due = Instant::now() + delay;
        if let Some(job) = self.jobs.get_mut(&job_id) {
            job.due = Some(due);
            self.delayed.insert((due, job_id));
        }
    }

    /// Whether every backend that is left has refused it. With no backend at all nobody has: it stays for the next
    /// run.
    pub(crate) fn is_hopeless(&self, job_id: JobId) -> bool {
        let Some(job) = self.jobs.get(&job_id) else { return false };
        let Some(order) = self.orders.get(&self.lead(job)) else { return false };
        let mut left = self.backends_of(order).filter(|&id| !self.state(id).circuit.is_lost()).peekable();
        left.peek().is_some() && left.all(|id| job.barred.contains(&id))
    }

    /// Nobody can speak it (any more): a take that was rejected is better than none.
    pub(crate) fn give_up(&mut self, job_id: JobId, reason: &str) {
        let Some(job) = self.jobs.get(&job_id) else { return };
        if job.best.is_some() {
            for claim in &job.claims {
                if let Some(order) = self.orders.get_mut(&claim.order) {
                    order.queue.remove(claim.ordinals[0]);
                }
            }
            self.keep(job_id);
        } else {
            self.fail(job_id, reason);
        }
    }

    fn tell_retried(&self, job_id: JobId, reason: &str, backend: BackendId) {
        let backend = self.name(backend);
        let retried =
            |ordinal| DispatchEvent::Retried { ordinal, reason: reason.to_owned(), backend: backend.clone() };
        self.tell_claims(job_id, retried);
    }

    /// Tells every order that needs a job, each with its own chunk.
    fn tell_claims(&self, job_id: JobId, event: impl Fn(u32) -> DispatchEvent) {
        let Some(job) = self.jobs.get(&job_id) else { return };
        for claim in &job.claims {
            if let Some(order) = self.orders.get(&claim.order) {
                order.tell(event(claim.ordinals[0]));
            }
        }
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
