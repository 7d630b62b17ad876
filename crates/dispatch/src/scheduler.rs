//! The task that brings orders and backends together. It owns all the state, so nothing here needs a lock; requests
//! and checks run beside it and come back with what came of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tokio::{
    sync::{mpsc::UnboundedReceiver, watch},
    task::{self, AbortHandle, JoinSet},
    time::Instant,
};

use crate::{
    BackendStatus, DispatchEvent, Member, PoolOptions, Readmit,
    jitter::Jitter,
    job::{Identity, Job, JobId, Landing, Underway},
    open_order::{OpenOrder, OrderId},
    orders::Command,
    pool::{BackendId, BackendState},
};

/// All that the pool knows. The other files of this kind have what it does: `orders` takes orders in and closes them,
/// `begin` chooses what is spoken by whom, `land` takes in what came of it, and `standing` has backends answer for it,
/// and `idle` asks those that have nothing to do.
pub(crate) struct Scheduler {
    pub(crate) options: PoolOptions,
    pub(crate) readmit: Arc<dyn Readmit>,
    pub(crate) backends: Vec<BackendState>,
    pub(crate) orders: BTreeMap<OrderId, OpenOrder>,
    /// In boxes, because most of a job is room for what few jobs have.
    pub(crate) jobs: HashMap<JobId, Box<Job>>,
    pub(crate) next_job: u64,
    /// The job of each take that somebody needs.
    pub(crate) identities: HashMap<Identity, JobId>,
    /// Jobs that wait for their next attempt.
    pub(crate) delayed: BTreeSet<(Instant, JobId)>,
    pub(crate) tasks: JoinSet<Landing>,
    pub(crate) underway: HashMap<task::Id, (Underway, AbortHandle)>,
    /// Takes that are being checked, each with its sound in memory.
    pub(crate) checks: usize,
    pub(crate) jitter: Jitter,
    /// When to look again at who begins what.
    pub(crate) look_again: Option<Instant>,
    /// Whether a breaker may have changed since it was last looked who may begin what.
    pub(crate) breakers_changed: bool,
    status: watch::Sender<Vec<BackendStatus>>,
}

impl Scheduler {
    pub(crate) fn new(members: &[Member], options: PoolOptions, readmit: Arc<dyn Readmit>) -> Self {
        let mut backends: Vec<_> = members.iter().map(BackendState::new).collect();
        let status = backends.iter_mut().map(BackendState::status).collect();
        Self {
            options,
            readmit,
            backends,
            orders: BTreeMap::new(),
            jobs: HashMap::new(),
            next_job: 0,
            identities: HashMap::new(),
            delayed: BTreeSet::new(),
            tasks: JoinSet::new(),
            underway: HashMap::new(),
            checks: 0,
            jitter: Jitter::new(),
            look_again: None,
            breakers_changed: false,
            status: watch::Sender::new(status),
        }
    }

    /// How each backend does, as it changes.
    pub(crate) fn watch(&self) -> watch::Receiver<Vec<BackendStatus>> {
        self.status.subscribe()
    }

    /// Works until nobody can send a command any more.
    pub(crate) async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        loop {
            self.settle();
            let wake = self.wake();
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                Some(landed) = self.tasks.join_next_with_id() => self.land(landed),
                () = wait_until(wake) => {}
            }
        }
    }

    /// Does everything that can be done now.
    fn settle(&mut self) {
        let now = Instant::now();
        while let Some(&(due, id)) = self.delayed.first()
            && due <= now
        {
            self.delayed.remove(&(due, id));
            if let Some(job) = self.jobs.get_mut(&id) {
                job.due = None;
            }
            self.enqueue(id);
        }
        for backend in &mut self.backends {
            backend.hold = backend.hold.filter(|&until| until > now);
        }
        self.probe(now);
        if std::mem::take(&mut self.breakers_changed) {
            self.go_on();
            self.reseat();
        }
        self.begin(now);
        self.ask_the_idle(now);
        self.close_orders();
        self.sync(now);
        self.tell_status(now);
    }

    /// When there is something to do again, if nothing happens before.
    fn wake(&self) -> Option<Instant> {
        let delayed = self.delayed.first().map(|&(due, _)| due);
        let backends = self.backends.iter().enumerate().flat_map(|(index, backend)| {
            let probe = backend.circuit.probe_due().filter(|_| self.is_wanted(BackendId(index)));
            let ask = backend.ask_due(self.options.idle_probe).filter(|_| self.is_wanted(BackendId(index)));
            [probe, ask, backend.hold, backend.status_due()]
        });
        let orders = self.orders.values().map(|order| order.syncs.due());
        backends.chain(orders).chain([delayed, self.look_again]).flatten().min()
    }

    /// Whether an order has work for a backend.
    pub(crate) fn is_wanted(&self, backend: BackendId) -> bool {
        self.orders.values().any(|order| order.goes_on() && order.variant_of(backend).is_some())
    }

    fn tell_status(&mut self, now: Instant) {
        for index in 0..self.backends.len() {
            let backend = &mut self.backends[index];
            if let Some(status) = backend.news() {
                self.status.send_modify(|all| all[index] = status);
            }
            if backend.status_due().is_some_and(|due| due <= now) {
                backend.told();
                let status = backend.status();
                self.tell_orders_of(BackendId(index), &DispatchEvent::Backend(status));
            }
        }
    }

    /// Tells every order that the backend works for.
    pub(crate) fn tell_orders_of(&self, backend: BackendId, event: &DispatchEvent) {
        for order in self.orders.values().filter(|order| order.variant_of(backend).is_some()) {
            order.tell(event.clone());
        }
    }

    pub(crate) fn state(&self, id: BackendId) -> &BackendState {
        &self.backends[id.0]
    }

    pub(crate) fn state_mut(&mut self, id: BackendId) -> &mut BackendState {
        &mut self.backends[id.0]
    }

    pub(crate) fn name(&self, id: BackendId) -> String {
        self.state(id).name().to_owned()
    }

    /// Runs something beside the scheduler.
    pub(crate) fn spawn(
        &mut self,
        underway: Underway,
        task: impl Future<Output = Landing> + Send + 'static,
    ) -> task::Id {
        let handle = self.tasks.spawn(task);
        let id = handle.id();
        self.underway.insert(id, (underway, handle));
        id
    }

    /// Gives up requests. Their slots are free when they are really gone.
    pub(crate) fn abandon(&self, tasks: &[task::Id]) {
        for (_, handle) in tasks.iter().filter_map(|task| self.underway.get(task)) {
            handle.abort();
        }
    }
}

/// Waits for a moment; for ever if there is none.
async fn wait_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
