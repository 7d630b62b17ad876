//! An order while it is worked on.

use std::{collections::BTreeMap, sync::Arc};

use rhapsode_audio::{judge::Bounds, learn::Learner};
use rhapsode_store::{StoreError, TakeStore};
use tokio::sync::{mpsc::UnboundedSender, oneshot};

use crate::{
    DispatchError, DispatchEvent, DispatchOptions, DispatchOutcome, StopSignal, checking::Lesson,
    group_sync::GroupSync, job::JobId, pool::BackendId, queue::Queue,
};

/// An order's number, in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OrderId(pub(crate) u64);

/// What is told to whom when the order is done.
pub(crate) type Reply = oneshot::Sender<Result<DispatchOutcome, DispatchError>>;

/// An order while it is worked on.
#[derive(Debug)]
pub(crate) struct OpenOrder {
    /// Orders of a family share the takes of equal chunks.
    pub(crate) family: u64,
    pub(crate) options: DispatchOptions,
    pub(crate) variant_of: Vec<Option<usize>>,
    pub(crate) voices: Vec<Voice>,
    pub(crate) store: Arc<TakeStore>,
    pub(crate) events: UnboundedSender<DispatchEvent>,
    pub(crate) reply: Reply,
    pub(crate) signal: StopSignal,
    /// What may be begun.
    pub(crate) queue: Queue,
    /// Every job that is not finished, by its first chunk.
    pub(crate) jobs: BTreeMap<u32, JobId>,
    /// Characters that backends were given for it: who got least is next.
    pub(crate) served: f64,
    pub(crate) syncs: GroupSync,
    /// Why nothing new is begun.
    pub(crate) broken: Option<StoreError>,
    /// Whether it was told that no backend works.
    pub(crate) waiting: bool,
    pub(crate) outcome: DispatchOutcome,
}

impl OpenOrder {
    /// The form of its chunks that a backend speaks, if it is a backend of the order.
    pub(crate) fn variant_of(&self, backend: BackendId) -> Option<usize> {
        self.variant_of.get(backend.0).copied().flatten()
    }

    /// Whether more of it may be begun.
    pub(crate) fn goes_on(&self) -> bool {
        self.signal == StopSignal::Running && self.broken.is_none()
    }

    pub(crate) fn tell(&self, event: DispatchEvent) {
        // Nobody listening is no reason to stop.
        let _ = self.events.send(event);
    }
}

/// What is known of a voice. Its bounds are reckoned again only when there is news: that costs more the more takes
/// there are.
#[derive(Debug)]
pub(crate) struct Voice {
    learner: Learner,
    bounds: Bounds,
    /// Takes that the bounds are of.
    fitted: usize,
}

/// While there are few takes, each one changes the bounds; later they are news by the fiftieth part.
const NEWS: usize = 50;

impl Voice {
    pub(crate) fn new(learner: Learner) -> Self {
        Self { bounds: learner.bounds(), fitted: learner.takes(), learner }
    }

    pub(crate) fn learn(&mut self, lesson: &Lesson) {
        self.learner.add(&lesson.measurements, &lesson.expectation);
    }

    pub(crate) fn bounds(&mut self) -> Bounds {
        if self.learner.takes() > self.fitted + self.fitted / NEWS {
            (self.bounds, self.fitted) = (self.learner.bounds(), self.learner.takes());
        }
        self.bounds
    }
}
