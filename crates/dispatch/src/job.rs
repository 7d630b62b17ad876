//! A take that somebody needs: the chunks that share it, of one order or several, and what was tried for it so far.

use std::{sync::Arc, time::Duration};

use rhapsode_speech::{Request, TakeKey};
use tokio::{task, time::Instant};

use crate::{
    Variant, checking::Checked, open_order::OrderId, pool::BackendId, speaking::Utterance, take::Candidate,
};

/// A job's number; it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct JobId(pub(crate) u64);

/// What makes two chunks the same: equal keys, for orders that share a store and ask the same backends for the same
/// forms.
pub(crate) type Identity = (u64, Arc<[TakeKey]>);

/// The chunks of one order that need the take.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) order: OrderId,
    /// In ascending order; at least one.
    pub(crate) ordinals: Vec<u32>,
}

/// A take that somebody needs.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) identity: Identity,
    pub(crate) forms: Vec<Variant>,
    /// At least one.
    pub(crate) claims: Vec<Claim>,
    /// Takes that were made and rejected, and the best of them.
    pub(crate) rejected: u32,
    pub(crate) best: Option<Box<Candidate>>,
    /// Errors that might have passed, and how often every backend had one.
    pub(crate) errors: u32,
    pub(crate) rounds: u32,
    /// Requests that took too long.
    pub(crate) late: u32,
    /// Backends that cannot speak it.
    pub(crate) barred: Vec<BackendId>,
    /// Backends that had an error in this round.
    pub(crate) failed_on: Vec<BackendId>,
    /// Backends whose takes were rejected.
    pub(crate) rejected_by: Vec<BackendId>,
    /// Not before then.
    pub(crate) due: Option<Instant>,
    /// What was spoken of it before an error.
    pub(crate) partial: Option<Box<Utterance>>,
    /// The most pieces that were spoken before an error.
    pub(crate) furthest: usize,
    /// The tasks in which it is being spoken.
    pub(crate) speaking: Vec<task::Id>,
    /// The task in which its take is checked or stored; never two, so that never two takes are stored.
    pub(crate) checking: Option<task::Id>,
    /// A second answer that came while the first is checked.
    pub(crate) second: Option<Box<(Utterance, BackendId)>>,
    /// Whether a second backend was asked for it since it was last begun.
    pub(crate) hedged: bool,
    /// Time that backends spent on it.
    pub(crate) elapsed: Duration,
}

impl Job {
    pub(crate) fn new(identity: Identity, forms: Vec<Variant>) -> Self {
        Self {
            identity,
            forms,
            claims: Vec::new(),
            rejected: 0,
            best: None,
            errors: 0,
            rounds: 0,
            late: 0,
            barred: Vec::new(),
            failed_on: Vec::new(),
            rejected_by: Vec::new(),
            due: None,
            partial: None,
            furthest: 0,
            speaking: Vec::new(),
            checking: None,
            second: None,
            hedged: false,
            elapsed: Duration::ZERO,
        }
    }

    /// Whether somebody works on it.
    pub(crate) fn is_underway(&self) -> bool {
        !self.speaking.is_empty() || self.checking.is_some()
    }

    /// What is spoken next in a form. A request that only failed to come through is sent as it was, and goes on where
    /// it stopped.
    pub(crate) fn utterance(&mut self, variant: usize, request: &Request) -> Utterance {
        let seed = request.first_seed().wrapping_add(u64::from(self.rejected));
        match self.partial.take() {
            Some(partial) if partial.variant == variant && partial.asked == seed => *partial,
            _ => Utterance::new(variant, seed, request),
        }
    }
}

/// What a task brings back.
#[derive(Debug)]
pub(crate) enum Landing {
    Spoke(crate::speaking::Spoke),
    Checked(Checked),
    Probed(Result<(), rhapsode_speech::SpeechError>),
    Asked(Result<(), rhapsode_speech::SpeechError>),
    Synced(Result<(), rhapsode_store::StoreError>),
}

/// What a task is about, for as long as it runs, with everything needed to go on if it never comes back.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Underway {
    Speaking(Flight),
    Checking { job: JobId, backend: BackendId },
    Keeping { job: JobId },
    Probing { backend: BackendId },
    Asking { backend: BackendId },
    Syncing { order: OrderId },
}

/// A job on its way through a backend.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flight {
    pub(crate) job: JobId,
    pub(crate) backend: BackendId,
    pub(crate) launched: Instant,
    pub(crate) characters: usize,
}
