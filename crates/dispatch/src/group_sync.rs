//! Forces takes to the disk in groups, beside the work: one by one it would cost more than speaking does.

use std::{sync::Arc, time::Duration};

use rhapsode_store::{StoreError, TakeStore};
use tokio::{task::JoinSet, time::Instant};

use crate::{DispatchOptions, attempt::blocking};

/// Counts takes and forces them to the disk when there are enough, or when one has waited long enough.
#[derive(Debug)]
pub(crate) struct GroupSync {
    store: Arc<TakeStore>,
    takes: usize,
    interval: Duration,
    waiting: usize,
    /// When the oldest waiting take must be on the disk.
    due: Option<Instant>,
    /// At most one at a time.
    running: JoinSet<Result<(), StoreError>>,
}

impl GroupSync {
    pub(crate) fn new(store: Arc<TakeStore>, options: &DispatchOptions) -> Self {
        Self {
            store,
            takes: options.sync_takes.max(1),
            interval: options.sync_interval,
            waiting: 0,
            due: None,
            running: JoinSet::new(),
        }
    }

    /// A take was put.
    pub(crate) fn count_take(&mut self) {
        self.waiting += 1;
        self.due.get_or_insert_with(|| Instant::now() + self.interval);
    }

    /// The result of the next sync; does not return while none is needed. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Result<(), StoreError> {
        if self.running.is_empty() {
            match self.due {
                Some(due) if self.waiting < self.takes => tokio::time::sleep_until(due).await,
                Some(_) => {}
                None => std::future::pending().await,
            }
            self.begin();
        }
        self.result().await
    }

    /// Forces everything that was put so far to the disk.
    pub(crate) async fn finish(&mut self) -> Result<(), StoreError> {
        if !self.running.is_empty() {
            self.result().await?;
        }
        self.begin();
        self.result().await
    }

    fn begin(&mut self) {
        (self.waiting, self.due) = (0, None);
        let store = Arc::clone(&self.store);
        self.running.spawn(blocking(move || store.sync()));
    }

    async fn result(&mut self) -> Result<(), StoreError> {
        match self.running.join_next().await {
            Some(Ok(synced)) => synced,
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Some(Err(_)) | None => Ok(()),
        }
    }
}
