//! The pool of backends that the books of a run share.

use std::sync::Arc;

use rhapsode_store::TakeStore;
use tokio::sync::{mpsc::UnboundedSender, watch};

use crate::{
    BackendStatus, DispatchError, DispatchEvent, DispatchOutcome, Member, Order, PoolOptions, StopSignal,
    dispatcher::dispatch,
};

/// The backends of a run with all that is known of them. Books share it fairly.
#[derive(Debug)]
pub struct BackendPool {
    members: Vec<Member>,
    options: PoolOptions,
}

impl BackendPool {
    /// Puts backends together. Needs a tokio runtime.
    #[must_use]
    pub fn start(members: Vec<Member>, options: PoolOptions) -> Self {
        Self { members, options }
    }

    /// The backends, in the order in which they joined.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// How each backend does.
    #[must_use]
    pub fn status(&self) -> Vec<BackendStatus> {
        Vec::new()
    }

    /// Has every chunk of an order spoken, checked, and put into the store.
    ///
    /// Chunks begin in the order of their ordinals, as fast as backends have free slots; several orders take turns.
    /// Chunks with equal keys are spoken once. A take is in the store before its [`DispatchEvent::Finished`] is sent.
    /// The takes of a drain are finished and kept; at [`StopSignal::Now`], or when this future is dropped, what is in
    /// flight is dropped. If nobody listens to `events`, the work goes on.
    ///
    /// # Errors
    /// [`DispatchError::Store`] if takes cannot be stored (what is in flight still gets its chance), and
    /// [`DispatchError::NoBackend`] if no backend is left while there is work.
    pub async fn dispatch(
        &self,
        order: Order,
        store: Arc<TakeStore>,
        stop: watch::Receiver<StopSignal>,
        events: UnboundedSender<DispatchEvent>,
    ) -> Result<DispatchOutcome, DispatchError> {
        let backends = self.members.iter().map(|member| Arc::clone(&member.backend)).collect();
        dispatch(order.work, backends, self.options.retry_delay, store, order.options, stop, events).await
    }
}
