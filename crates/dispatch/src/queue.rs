//! What is still to be spoken, in reading order, equal chunks together.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use rhapsode_speech::{Request, TakeKey};
use tokio::time::Instant;

use crate::{Variant, Work, attempt::Candidate, pool::BackendId};

/// Chunks that share a take, and what was tried for them so far.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) key: TakeKey,
    pub(crate) request: Arc<Request>,
    /// Chunks that need the take, in ascending order; at least one.
    pub(crate) ordinals: Vec<u32>,
    /// Takes that were made and rejected.
    pub(crate) rejected: u32,
    /// The best of them.
    pub(crate) best: Option<Candidate>,
    /// Errors that might have passed.
    pub(crate) errors: u32,
    /// Backends that cannot speak it.
    pub(crate) barred: HashSet<BackendId>,
    /// Not before then.
    pub(crate) due: Option<Instant>,
    /// Time that backends spent on it.
    pub(crate) elapsed: Duration,
}

impl Job {
    /// The chunk that stands for all of them.
    pub(crate) fn ordinal(&self) -> u32 {
        self.ordinals[0]
    }

    /// Whether every one of these backends has refused it. With no backend at all nobody has: it stays for the
    /// next run.
    pub(crate) fn is_hopeless(&self, usable: &[BackendId]) -> bool {
        !usable.is_empty() && usable.iter().all(|backend| self.barred.contains(backend))
    }

    /// The seed of the next attempt. A request that only failed to come through is sent as it was.
    pub(crate) fn seed(&self) -> u64 {
        self.request.first_seed().wrapping_add(u64::from(self.rejected))
    }
}

/// Jobs by their first chunk.
#[derive(Debug, Default)]
pub(crate) struct Queue(BTreeMap<u32, Job>);

impl Queue {
    pub(crate) fn new(mut work: Vec<Work>) -> Self {
        work.sort_by_key(|item| item.ordinal);
        let mut first: HashMap<TakeKey, u32> = HashMap::new();
        let mut queue = Self::default();
        for Work { ordinal, mut variants } in work {
            let Variant { request, key } = variants.swap_remove(0);
            let job = queue.0.entry(*first.entry(key).or_insert(ordinal)).or_insert_with(|| Job {
                key,
                request: Arc::new(request),
                ordinals: Vec::new(),
                rejected: 0,
                best: None,
                errors: 0,
                barred: HashSet::new(),
                due: None,
                elapsed: Duration::ZERO,
            });
            job.ordinals.push(ordinal);
        }
        queue
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the first job that this backend may begin now.
    pub(crate) fn next_for(&mut self, backend: BackendId, now: Instant) -> Option<Job> {
        let may_begin = |job: &Job| !job.barred.contains(&backend) && job.due.is_none_or(|due| due <= now);
        let ordinal = *self.0.iter().find(|(_, job)| may_begin(job))?.0;
        self.0.remove(&ordinal)
    }

    pub(crate) fn put_back(&mut self, job: Job) {
        self.0.insert(job.ordinal(), job);
    }

    /// Takes every job that all of these backends have refused.
    pub(crate) fn take_hopeless(&mut self, usable: &[BackendId]) -> Vec<Job> {
        self.0.extract_if(.., |_, job| job.is_hopeless(usable)).map(|(_, job)| job).collect()
    }

    /// When the next waiting job may begin.
    pub(crate) fn next_due(&self, now: Instant) -> Option<Instant> {
        self.0.values().filter_map(|job| job.due).filter(|&due| due > now).min()
    }
}
