//! All that the page is made from, and the way to it: files are read beside the threads that answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhapsode_store::StoreError;
use rhapsode_watch::{Entry, EntryId, QueueFollower, WatchError};

use crate::{
    Live, Reports, StatusOptions,
    feed::Feed,
    refusal::Refusal,
    view::{Finished, LastRead, Sections},
};

/// Books whose reports are shown at once.
pub(crate) const FINISHED: usize = 20;

/// What every request shares.
pub(crate) struct Page {
    pub(crate) options: StatusOptions,
    pub(crate) live: Arc<Live>,
    pub(crate) reports: Reports,
    pub(crate) feed: Feed,
    queue: Mutex<QueueFollower>,
    last: Mutex<LastRead>,
}

/// Why something could not be read or written. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error(transparent)]
    Watch(#[from] WatchError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Page {
    pub(crate) fn new(options: StatusOptions, live: Arc<Live>) -> Self {
        Self {
            reports: Reports::of(&options.state),
            queue: Mutex::new(QueueFollower::of(&options.state)),
            last: Mutex::default(),
            feed: Feed::new(options.followers),
            options,
            live,
        }
    }

    /// Reads or writes files.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>) -> Result<T, PageError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let page = Arc::clone(self);
        match tokio::task::spawn_blocking(move || work(page)).await {
            Ok(done) => done.map_err(|error| Refusal::Failed(error.to_string())),
            Err(panicked) => Err(Refusal::Failed(format!("finish: {panicked}"))),
        }
    }

    /// A book of the queue.
    pub(crate) async fn entry(self: &Arc<Self>, id: EntryId) -> Result<Entry, Refusal> {
        let found = self.blocking(move |page| Ok(page.follower().entry(id)?));
        found.await?.ok_or(Refusal::Unknown)
    }

    /// The sections as they are now; of the finished books those that came before `before`, or the last.
    pub(crate) fn sections(&self, before: Option<EntryId>) -> Result<Sections, PageError> {
        let queue = self.follower().look()?;
        let (now, library) = (self.live.look(), &self.options.library);
        Ok(match before {
            Some(_) => {
                let finished = Finished::read(&queue, before, &self.reports, library);
                Sections::of(&queue, &now, &finished, &self.options)
            }
            None => {
                let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
                Sections::of(&queue, &now, last.get(&queue, &self.reports, library), &self.options)
            }
        })
    }

    fn follower(&self) -> MutexGuard<'_, QueueFollower> {
        // What a look that ended in a panic has not seen is seen by the next.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
