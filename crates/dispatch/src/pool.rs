//! The backends of a pool with what is known of each. A slot is a request that a backend may have in flight.

use std::time::Duration;

use rhapsode_speech::{ProbeVoice, SharedBackend};
use tokio::time::Instant;

use crate::{BackendStatus, Member, circuit::Circuit, slots::Slots, speed::Speed};

/// The longest time between a change and the event that tells it.
const STATUS_DELAY: Duration = Duration::from_millis(250);

/// A backend's place in the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BackendId(pub(crate) usize);

/// One backend of the pool.
#[derive(Debug)]
pub(crate) struct BackendState {
    pub(crate) backend: SharedBackend,
    /// Characters that it takes in one request, as far as is known.
    pub(crate) max_chars: usize,
    pub(crate) slots: Slots,
    pub(crate) speed: Speed,
    pub(crate) circuit: Circuit,
    /// It asked to be left alone until then.
    pub(crate) hold: Option<Instant>,
    /// Requests in a row that were not answered in time.
    pub(crate) late: u32,
    /// What it is probed with.
    pub(crate) probe_voice: Option<ProbeVoice>,
    busy: usize,
    /// When it last had something to do, or was asked whether it is there; none while it is being asked.
    quiet_since: Option<Instant>,
    takes: u64,
    errors: u64,
    seconds_of_audio: f64,
    /// Time that requests were in flight: one after the other, and at least one.
    busy_seconds: f64,
    active_seconds: f64,
    counted_to: Instant,
    /// When it changed first since it was last told.
    changed: Option<Instant>,
    /// Whether it changed since its status was last read.
    stale: bool,
}

impl BackendState {
    pub(crate) fn new(member: &Member) -> Self {
        let description = member.backend.describe();
        Self {
            backend: member.backend.clone(),
            max_chars: member.max_chars.max(1),
            slots: Slots::new(description.max_concurrency, member.backend.slot_policy()),
            speed: Speed::default(),
            circuit: Circuit::new(),
            hold: None,
            late: 0,
            probe_voice: None,
            busy: 0,
            quiet_since: Some(Instant::now()),
            takes: 0,
            errors: 0,
            seconds_of_audio: 0.0,
            busy_seconds: 0.0,
            active_seconds: 0.0,
            counted_to: Instant::now(),
            changed: None,
            stale: false,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.backend.describe().name
    }

    pub(crate) fn is_priced(&self) -> bool {
        self.backend.describe().price.is_some()
    }

    pub(crate) fn busy(&self) -> usize {
        self.busy
    }

    /// Whether it gets work, as soon as a slot is free.
    pub(crate) fn works(&self) -> bool {
        self.circuit.is_closed() && self.hold.is_none()
    }

    /// Whether it can begin something now.
    pub(crate) fn is_free(&self) -> bool {
        self.works() && self.busy < self.slots.now()
    }

    pub(crate) fn occupy(&mut self) {
        self.count();
        self.busy += 1;
        self.change();
    }

    pub(crate) fn release(&mut self) {
        self.count();
        self.busy -= 1;
        self.quiet_since = self.quiet_since.map(|_| Instant::now());
        self.change();
    }

    /// When it is to be asked whether it is still there, if it has nothing to do until then.
    pub(crate) fn ask_due(&self, after: Duration) -> Option<Instant> {
        self.quiet_since.filter(|_| self.busy == 0 && self.works()).map(|since| since + after)
    }

    /// It is being asked.
    pub(crate) fn asking(&mut self) {
        self.quiet_since = None;
    }

    /// It was asked.
    pub(crate) fn asked(&mut self) {
        self.quiet_since = Some(Instant::now());
    }

    pub(crate) fn made_a_take(&mut self, seconds: f64) {
        self.takes += 1;
        self.seconds_of_audio += seconds;
        self.change();
    }

    pub(crate) fn made_an_error(&mut self) {
        self.errors += 1;
        self.change();
    }

    /// Notes that its status is another.
    pub(crate) fn change(&mut self) {
        self.changed.get_or_insert_with(Instant::now);
        self.stale = true;
    }

    /// When its status is to be told.
    pub(crate) fn status_due(&self) -> Option<Instant> {
        Some(self.changed? + STATUS_DELAY)
    }

    /// Its status was told.
    pub(crate) fn told(&mut self) {
        self.changed = None;
    }

    /// Its status, if that changed since this was last asked.
    pub(crate) fn news(&mut self) -> Option<BackendStatus> {
        std::mem::take(&mut self.stale).then(|| self.status())
    }

    pub(crate) fn status(&mut self) -> BackendStatus {
        self.count();
        BackendStatus {
            backend: self.name().to_owned(),
            busy: self.busy,
            slots: self.slots.now(),
            most_slots: self.slots.most(),
            takes: self.takes,
            errors: self.errors,
            times_real_time: (self.takes > 0).then(|| self.seconds_of_audio / self.active_seconds.max(1e-9)),
            busy_seconds: self.busy_seconds,
            breaker: self.circuit.breaker(),
        }
    }

    fn count(&mut self) {
        let now = Instant::now();
        let seconds = (now - self.counted_to).as_secs_f64();
        self.counted_to = now;
        self.busy_seconds += seconds * self.busy as f64;
        if self.busy > 0 {
            self.active_seconds += seconds;
        }
    }
}
