//! The pool of backends that the books of a run share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rhapsode_store::TakeStore;
use tokio::sync::{
    mpsc::{UnboundedSender, unbounded_channel},
    oneshot, watch,
};

use crate::{
    BackendStatus, DispatchError, DispatchEvent, DispatchOutcome, Member, Order, PoolOptions, ProofOfSpeech,
    Readmit, StopSignal,
    open_order::OrderId,
    orders::{Command, Submission, changed},
    pool::BackendId,
    scheduler::Scheduler,
};

/// The backends of a run with all that is known of them. Books share it fairly. What is in flight is dropped with it.
#[derive(Debug)]
pub struct BackendPool {
    members: Vec<Member>,
    commands: UnboundedSender<Command>,
    status: watch::Receiver<Vec<BackendStatus>>,
    orders: AtomicU64,
}

impl BackendPool {
    /// Puts backends together. Needs a tokio runtime.
    #[must_use]
    pub fn start(members: Vec<Member>, options: PoolOptions) -> Self {
        Self::start_with(members, options, Arc::new(ProofOfSpeech))
    }

    /// The same with another way for a backend to prove that it works again.
    #[must_use]
    pub fn start_with(members: Vec<Member>, options: PoolOptions, readmit: Arc<dyn Readmit>) -> Self {
        let (commands, obeyed) = unbounded_channel();
        let scheduler = Scheduler::new(&members, options, readmit);
        let status = scheduler.watch();
        tokio::spawn(scheduler.run(obeyed));
        Self { members, commands, status, orders: AtomicU64::new(0) }
    }

    /// The backends, in the order in which they joined.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How each backend does, in the order in which they joined.
    #[must_use]
    pub fn status(&self) -> Vec<BackendStatus> {
        self.status.borrow().clone()
    }

    /// Says how long a proof of speech took a member, alone and with nothing else to do: what it is expected to take
    /// until it has answered.
    pub fn proved(&self, member: usize, characters: usize, elapsed: Duration) {
        self.send(Command::Proved { backend: BackendId(member), characters, elapsed });
    }

    /// Gives a member no work until it has proved that it can speak. Its jobs go to the others meanwhile.
    pub fn doubt(&self, member: usize, reason: &str) {
        self.send(Command::Doubted { backend: BackendId(member), reason: reason.to_owned() });
    }

    fn send(&self, command: Command) {
        // A scheduler that has ended with its runtime has no work to give.
        let _ = self.commands.send(command);
    }

    /// Has every chunk of an order spoken, checked, and put into the store.
    ///
    /// Chunks begin in the order of their ordinals, as fast as backends have free slots; several orders take turns, so
    /// that each gets as many characters spoken as the others. Only the last chunks may begin in another order, where
    /// backends differ in speed. Chunks with equal keys are spoken once. A take is in the store before its
    /// [`DispatchEvent::Finished`] is sent. The takes of a drain are finished and kept; at [`StopSignal::Now`], or when
    /// this future is dropped, what is in flight is dropped. If nobody listens to `events`, the work goes on.
    ///
    /// # Errors
    /// [`DispatchError::Store`] if takes cannot be stored (what is in flight still gets its chance), and
    /// [`DispatchError::NoBackend`] if no backend is left while there is work.
    pub async fn dispatch(
        &self,
        order: Order,
        store: Arc<TakeStore>,
        mut stop: watch::Receiver<StopSignal>,
        events: UnboundedSender<DispatchEvent>,
    ) -> Result<DispatchOutcome, DispatchError> {
        let id = OrderId(self.orders.fetch_add(1, Ordering::Relaxed));
        let (reply, mut result) = oneshot::channel();
        let signal = *stop.borrow_and_update();
        let ticket = Ticket { id, commands: &self.commands };
        ticket.send(Command::Submit(Box::new(Submission { id, order, store, signal, events, reply })));
        loop {
            tokio::select! {
                // A result that is there is not lost to a signal.
                biased;
                result = &mut result => return result.unwrap_or_else(|_| Err(DispatchError::NoBackend {
                    reasons: "the pool has ended".to_owned(),
                })),
                () = changed(&mut stop) => {
                    let signal = *stop.borrow_and_update();
                    ticket.send(Command::Signal(id, signal));
                }
            }
        }
    }
}

/// An order that is given up when nobody waits for it any more.
struct Ticket<'a> {
    id: OrderId,
    commands: &'a UnboundedSender<Command>,
}

impl Ticket<'_> {
    fn send(&self, command: Command) {
        // A scheduler that has ended with its runtime drops the reply as well, and that is what counts.
        let _ = self.commands.send(command);
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.send(Command::Cancel(self.id));
    }
}
