//! What of an order may be begun, in reading order. Most chunks may go to any backend of the order; those that may not
//! stand in a line of their own for each backend that may, so that nobody has to look for them.

use std::collections::{BTreeMap, HashMap};

use crate::{job::JobId, pool::BackendId};

/// Jobs by their first chunk.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    anyone: BTreeMap<u32, JobId>,
    only: HashMap<BackendId, BTreeMap<u32, JobId>>,
    /// The backends that may have a job, for jobs that not every one may.
    restricted: BTreeMap<u32, (JobId, Vec<BackendId>)>,
}

/// Who may begin a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Every backend of the order.
    Anyone,
    /// These alone.
    Only(Vec<BackendId>),
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.anyone.len() + self.restricted.len()
    }

    pub(crate) fn insert(&mut self, ordinal: u32, job: JobId, allowed: Allowed) {
        match allowed {
            Allowed::Anyone => drop(self.anyone.insert(ordinal, job)),
            Allowed::Only(backends) => {
                for &backend in &backends {
                    self.only.entry(backend).or_default().insert(ordinal, job);
                }
                self.restricted.insert(ordinal, (job, backends));
            }
        }
    }

    pub(crate) fn remove(&mut self, ordinal: u32) {
        if self.anyone.remove(&ordinal).is_some() {
            return;
        }
        let Some((_, backends)) = self.restricted.remove(&ordinal) else { return };
        for backend in backends {
            if let Some(line) = self.only.get_mut(&backend) {
                line.remove(&ordinal);
            }
        }
    }

    /// The first job that this backend may begin, if it is a backend of the order.
    pub(crate) fn first_for(&self, backend: BackendId) -> Option<JobId> {
        let only = self.only.get(&backend).and_then(BTreeMap::first_key_value);
        match (self.anyone.first_key_value(), only) {
            (Some(any), Some(only)) => Some(*if any.0 < only.0 { any.1 } else { only.1 }),
            (any, only) => any.or(only).map(|(_, job)| *job),
        }
    }

    /// Every job, those of few backends first.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = JobId> {
        self.restricted.values().map(|(job, _)| *job).chain(self.anyone.values().copied())
    }

    /// The jobs that not every backend may begin.
    pub(crate) fn restricted(&self) -> impl Iterator<Item = JobId> {
        self.restricted.values().map(|(job, _)| *job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_backend_gets_the_first_that_it_may_have() {
        let (one, two) = (BackendId(1), BackendId(2));
        let mut queue = Queue::default();
        queue.insert(5, JobId(5), Allowed::Anyone);
        queue.insert(3, JobId(3), Allowed::Only(vec![one]));
        queue.insert(9, JobId(9), Allowed::Only(vec![one, two]));
        assert_eq!((queue.first_for(one), queue.first_for(two)), (Some(JobId(3)), Some(JobId(5))));
        queue.remove(5);
        queue.remove(3);
        assert_eq!((queue.first_for(one), queue.first_for(two)), (Some(JobId(9)), Some(JobId(9))));
        queue.remove(9);
        assert_eq!((queue.len(), queue.first_for(one), queue.first_for(two)), (0, None, None));
    }
}
