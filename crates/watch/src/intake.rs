//! From the inbox to the queue: when it is looked through, and how much is taken in at once. Ten thousand files that come
//! together are taken in by and by, while the first of them are made already.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::PathBuf,
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    WatchError, WatchEvent, WatchSettings,
    admit::{Admission, admit, is_known, is_on_its_way},
    events::{Notice, Notices},
    inbox::{Arrival, Scan, Settling, scan},
    mounts::needs_polling,
    watcher::{Shared, blocking},
};

/// How often the inbox is looked through where events cannot be trusted.
const POLL: Duration = Duration::from_secs(5);
/// How often it is although they are.
const WHOLE_LOOK: Duration = Duration::from_secs(300);
/// Looks take a tenth of the time at most, however many events come.
const REST: u32 = 9;
/// For how long books are taken in before the queue has its turn.
const AT_ONCE: Duration = Duration::from_millis(250);

pub(crate) struct Intake {
    settling: Settling,
    notices: Option<Notices>,
    /// How often the inbox is looked through in any case.
    every: Duration,
    next_look: Instant,
    /// Whether something happened that no look has seen yet.
    has_news: bool,
    /// When the next look may be, because the last one took so long.
    rested: Instant,
    /// What is complete and not yet in the queue.
    backlog: VecDeque<Arrival>,
    /// Manuscripts of which it was told that they cannot be read.
    passed_over: BTreeSet<PathBuf>,
    /// Manuscripts whose folder is still being filled, each with the file that says so.
    held: BTreeMap<PathBuf, PathBuf>,
}

impl Intake {
    pub(crate) fn new(settings: &WatchSettings) -> Self {
        let notices = match settings.poll {
            None if !needs_polling(&settings.inbox) => Notices::of(&settings.inbox).ok(),
            _ => None,
        };
        let every = if notices.is_none() { settings.poll.unwrap_or(POLL) } else { WHOLE_LOOK };
        Self {
            settling: Settling::new(settings.settle),
            notices,
            every,
            next_look: Instant::now(),
            has_news: false,
            rested: Instant::now(),
            backlog: VecDeque::new(),
            passed_over: BTreeSet::new(),
            held: BTreeMap::new(),
        }
    }

    pub(crate) fn is_polling(&self) -> bool {
        self.notices.is_none()
    }

    /// When there is something to do here.
    pub(crate) fn next(&self) -> Instant {
        if self.backlog.is_empty() { self.next_look } else { Instant::now() }
    }

    /// Whether everything that there is was seen, and is in the queue.
    pub(crate) fn is_settled(&self) -> bool {
        !self.has_news && self.backlog.is_empty() && self.settling.is_settled()
    }

    /// Has the inbox looked through at this time and not before.
    pub(crate) fn look_at(&mut self, at: Instant) {
        self.next_look = at;
    }

    /// Something happened in the inbox.
    pub(crate) fn look_soon(&mut self) {
        self.has_news = true;
        self.next_look = self.next_look.min(self.rested.max(Instant::now()));
    }

    /// Looks, if it is time to, and takes in some of what is complete.
    ///
    /// # Errors
    /// If the inbox or the queue cannot be used.
    pub(crate) async fn go_on(&mut self, shared: &std::sync::Arc<Shared>) -> Result<(), WatchError> {
        if Instant::now() >= self.next_look {
            self.look(shared).await?;
        }
        if self.backlog.is_empty() {
            return Ok(());
        }
        let (taker, mut backlog) = (std::sync::Arc::clone(shared), std::mem::take(&mut self.backlog));
        let (backlog, unreadable) = blocking(move || {
            let began = std::time::Instant::now();
            let mut unreadable = Vec::new();
            while began.elapsed() < AT_ONCE
                && let Some(arrival) = backlog.pop_front()
            {
                if let Admission::Unreadable(reason) = admit(&taker, &arrival)? {
                    unreadable.push((arrival.manuscript, reason));
                }
            }
            Ok((backlog, unreadable))
        })
        .await?;
        self.backlog = backlog;
        for (manuscript, reason) in unreadable {
            if self.passed_over.insert(manuscript.clone()) {
                shared.listener.tell(WatchEvent::PassedOver { manuscript, reason });
            }
        }
        Ok(())
    }

    async fn look(&mut self, shared: &std::sync::Arc<Shared>) -> Result<(), WatchError> {
        let now = Instant::now();
        let inbox = shared.settings.inbox.clone();
        let Scan { arrivals, held } = blocking(move || scan(&inbox)).await?;
        self.has_news = false;
        let complete = self.settling.look(&arrivals, now);
        let unknown = complete.into_iter().filter(|arrival| !is_known(shared, arrival));
        self.backlog = unknown.cloned().collect();
        self.tell_held(held, shared);
        self.passed_over.retain(|path| arrivals.iter().any(|arrival| arrival.manuscript == *path));
        let soon = self.settling.next(now).unwrap_or(self.every).min(self.every);
        self.next_look = now + soon;
        self.rested = Instant::now() + now.elapsed() * REST;
        Ok(())
    }

    /// Tells of each book that waits for its folder, once.
    fn tell_held(&mut self, held: BTreeMap<PathBuf, PathBuf>, shared: &Shared) {
        for (manuscript, partial) in &held {
            if !self.held.contains_key(manuscript) && !is_on_its_way(shared, manuscript) {
                let (manuscript, partial) = (manuscript.clone(), partial.clone());
                shared.listener.tell(WatchEvent::Held { manuscript, partial });
            }
        }
        self.held = held;
    }

    /// What the system says of the inbox.
    pub(crate) async fn notice(&mut self) -> Notice {
        let heard = match &mut self.notices {
            Some(notices) => notices.next().await,
            None => None,
        };
        match heard {
            Some(notice) => notice,
            None => std::future::pending().await,
        }
    }

    /// Takes in what the system said, and what it has said since.
    pub(crate) fn hear(&mut self, first: Notice) {
        let mut notice = Some(first);
        while let Some(heard) = notice {
            match heard {
                Notice::Closed(path) => self.settling.closed(&path),
                Notice::Placed(path) => self.settling.placed(&path),
                Notice::Changed => {}
            }
            notice = self.notices.as_mut().and_then(Notices::another);
        }
        self.look_soon();
    }
}
