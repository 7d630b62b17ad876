//! The backends of a dispatch, with their slots. A slot is a request that a backend may have in flight.

use rhapsode_speech::SharedBackend;

/// A backend's place in the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BackendId(usize);

#[derive(Debug)]
struct Member {
    backend: SharedBackend,
    busy: usize,
    /// Why it gets no more work.
    lost: Option<String>,
}

/// The backends of a dispatch.
#[derive(Debug)]
pub(crate) struct Pool(Vec<Member>);

impl Pool {
    pub(crate) fn new(backends: Vec<SharedBackend>) -> Self {
        Self(backends.into_iter().map(|backend| Member { backend, busy: 0, lost: None }).collect())
    }

    pub(crate) fn backend(&self, id: BackendId) -> &SharedBackend {
        &self.0[id.0].backend
    }

    /// Backends with a free slot, the idlest first, so that work spreads before it piles up.
    pub(crate) fn free(&self) -> Vec<BackendId> {
        let mut free: Vec<_> = (0..self.0.len())
            .filter(|&id| self.0[id].lost.is_none() && self.0[id].busy < limit(&self.0[id]))
            .collect();
        // Fractions of the limits, compared without division.
        free.sort_by(|&a, &b| {
            let (a, b) = (&self.0[a], &self.0[b]);
            (a.busy * limit(b)).cmp(&(b.busy * limit(a)))
        });
        free.into_iter().map(BackendId).collect()
    }

    pub(crate) fn occupy(&mut self, id: BackendId) {
        self.0[id.0].busy += 1;
    }

    pub(crate) fn release(&mut self, id: BackendId) {
        self.0[id.0].busy -= 1;
    }

    /// Gives a backend no more work. Returns whether that is news.
    pub(crate) fn lose(&mut self, id: BackendId, reason: String) -> bool {
        let lost = &mut self.0[id.0].lost;
        let news = lost.is_none();
        lost.get_or_insert(reason);
        news
    }

    /// Backends that still get work.
    pub(crate) fn usable(&self) -> impl Iterator<Item = BackendId> {
        (0..self.0.len()).filter(|&id| self.0[id].lost.is_none()).map(BackendId)
    }

    /// What is wrong with the backends that get no more work.
    pub(crate) fn reasons(&self) -> String {
        let reasons: Vec<_> = self.0.iter().filter_map(|member| member.lost.as_deref()).collect();
        if reasons.is_empty() { "none is configured".to_owned() } else { reasons.join("; ") }
    }
}

fn limit(member: &Member) -> usize {
    // A backend that claims to take nothing would hold the job for ever.
    member.backend.describe().max_concurrency.max(1)
}
