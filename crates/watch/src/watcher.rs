//! The loop that owns everything: it looks, admits, begins, lands, and sleeps until there is a reason not to.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rhapsode_store::Lock;
use tokio::{sync::watch, task::JoinSet, time::Instant};

use crate::{
    Converter, EntryId, Halt, ProgressBoard, State, Until, WatchError, WatchEvent, WatchListener,
    WatchSettings, WatcherId, Wish,
    finish::{Landing, fly, put_back},
    hooks::{Couriers, Outbox},
    intake::Intake,
    library::is_there,
    parking::Parking,
    queue::{Queue, Wishes},
    requests::is_paused,
    status::show_parked,
};

/// How often wishes are looked for.
const TURN: Duration = Duration::from_secs(1);

/// What came of watching.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Books that were published.
    pub published: usize,
    /// Of these, books with defects.
    pub with_defects: usize,
    /// Books that cannot be made.
    pub failed: usize,
}

/// What the loop and its flights share.
pub(crate) struct Shared {
    pub(crate) settings: WatchSettings,
    pub(crate) listener: Arc<dyn WatchListener>,
    queue: Mutex<Queue>,
    pub(crate) watcher: WatcherId,
    pub(crate) outbox: Arc<Outbox>,
    /// One flight at a time asks for the library: the first one marks it.
    library: Mutex<()>,
    /// One flight at a time asks for the library's lease.
    pub(crate) publishing: Arc<tokio::sync::Mutex<()>>,
    /// Held until the last step that was begun is over, however the loop ends.
    _lock: Lock,
}

impl Shared {
    /// Makes sure that the library is there, and the one that it was.
    pub(crate) fn check_library(&self) -> Result<(), WatchError> {
        let _alone = self.library.lock().unwrap_or_else(PoisonError::into_inner);
        is_there(&self.settings.library, &self.settings.state)
    }

    /// The queue, for a moment: never across an await or a long copy.
    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        // Every change is on the disk before it is in memory, so a panic in between leaves nothing half-done.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches an inbox until it is told to stop.
///
/// # Errors
/// If a folder cannot be used or the queue cannot be read at the start; [`WatchError::State`] if another watcher has the
/// state directory. What may pass later parks the queue and ends nothing.
pub async fn watch(
    settings: WatchSettings,
    converter: Arc<dyn Converter>,
    listener: Arc<dyn WatchListener>,
    halt: watch::Receiver<Halt>,
) -> Result<Tally, WatchError> {
    settings.prepare()?;
    let lock = Lock::take(&settings.state.join("lock"))?;
    let mut queue = Queue::open(&settings.state)?;
    queue.take_up_again();
    show_parked(&settings.state, None);
    let intake = Intake::new(&settings);
    listener.tell(WatchEvent::Watching { inbox: settings.inbox.clone(), polling: intake.is_polling() });
    let outbox = Arc::new(Outbox::open(&settings.state)?);
    let couriers = Couriers::send_out(&settings.hooks, &outbox, &listener)?;
    let mut watcher = Watcher {
        wishes: Wishes::of(&settings.state),
        intake,
        shared: Arc::new(Shared {
            watcher: WatcherId::of(&settings.state)?,
            settings,
            listener,
            outbox,
            queue: Mutex::new(queue),
            library: Mutex::new(()),
            publishing: Arc::default(),
            _lock: lock,
        }),
        converter,
        halt,
        parking: Parking::default(),
        flights: JoinSet::new(),
        stops: HashMap::new(),
        cancelled: BTreeSet::new(),
        tally: Tally::default(),
    };
    let tally = watcher.run().await?;
    couriers.call_back(&mut watcher.halt).await;
    Ok(tally)
}

struct Watcher {
    shared: Arc<Shared>,
    converter: Arc<dyn Converter>,
    halt: watch::Receiver<Halt>,
    intake: Intake,
    wishes: Wishes,
    parking: Parking,
    flights: JoinSet<(EntryId, Landing)>,
    stops: HashMap<EntryId, watch::Sender<Halt>>,
    /// Books that the user took out of the queue while they were in flight.
    cancelled: BTreeSet<EntryId>,
    tally: Tally,
}

impl Watcher {
    async fn run(&mut self) -> Result<Tally, WatchError> {
        loop {
            let now = Instant::now();
            let turn = self.turn().await;
            turn.or_else(|error| self.trouble(error, now))?;
            if self.is_over() {
                return Ok(self.tally);
            }
            self.wait(now).await?;
        }
    }

    /// Does what there is to do. What does not succeed is done at the next turn.
    async fn turn(&mut self) -> Result<(), WatchError> {
        if self.is_going_on() {
            self.intake.go_on(&self.shared).await?;
        }
        self.fulfil()?;
        self.begin(Instant::now())
    }

    fn is_going_on(&self) -> bool {
        *self.halt.borrow() == Halt::GoOn
    }

    fn is_over(&self) -> bool {
        if !self.flights.is_empty() {
            return false;
        }
        let idle = || self.intake.is_settled() && self.shared.queue().is_idle();
        !self.is_going_on() || (self.shared.settings.until == Until::Idle && idle())
    }

    /// Does what the user wants of the queue.
    fn fulfil(&mut self) -> Result<(), WatchError> {
        while let Some((wish, file)) = self.wishes.next()? {
            match wish {
                // Somebody wished for a book of another queue: there is nothing to do, and nobody to tell.
                Wish::Cancel { id } | Wish::Retry { id } | Wish::Up { id }
                    if !self.shared.queue().has(id) => {}
                Wish::Cancel { id } => self.cancel(id)?,
                Wish::Retry { id } => put_back(&self.shared, id)?,
                Wish::Up { id } => {
                    let priority = self.shared.queue().first_priority();
                    self.shared.queue().change(id, |entry| entry.priority = priority)?;
                }
                Wish::Pause | Wish::Resume => {}
            }
            std::fs::remove_file(&file).map_err(WatchError::io("take up", &file))?;
        }
        while let Some(&id) = self.cancelled.iter().find(|id| !self.stops.contains_key(id)) {
            self.cancel(id)?;
            self.cancelled.remove(&id);
        }
        Ok(())
    }

    fn cancel(&mut self, id: EntryId) -> Result<(), WatchError> {
        if let Some(stop) = self.stops.get(&id) {
            self.cancelled.insert(id);
            stop.send_replace(Halt::Now);
        } else if self.shared.queue().entry(id).state == State::Waiting {
            self.shared.queue().change(id, |entry| entry.enter(State::Cancelled))?;
        }
        Ok(())
    }

    /// Begins as many books as may be in flight. While the queue is parked, one is tried now and then.
    fn begin(&mut self, now: Instant) -> Result<(), WatchError> {
        let settings = &self.shared.settings;
        let most = if self.parking.reason().is_some() { 1 } else { settings.books.max(1) };
        let may_begin = self.is_going_on() && self.parking.may_try(now) && !is_paused(&settings.state);
        while may_begin && self.flights.len() < most {
            let Some(id) = self.next(now) else { break };
            self.launch(id)?;
        }
        Ok(())
    }

    /// The book that begins next. One that ran into an outage lets the others go first, for it may lie with that book; where
    /// there are no others, the one begins that was tried longest ago.
    fn next(&self, now: Instant) -> Option<EntryId> {
        let queue = self.shared.queue();
        let mut free = queue.turns().filter(|id| !self.stops.contains_key(id));
        let fresh = free.find(|&id| self.parking.is_fresh(id, now));
        fresh.or_else(|| {
            let free = queue.turns().filter(|id| !self.stops.contains_key(id));
            free.min_by_key(|&id| self.parking.last_try(id)).filter(|_| self.flights.is_empty())
        })
    }

    fn launch(&mut self, id: EntryId) -> Result<(), WatchError> {
        let begun = {
            let mut queue = self.shared.queue();
            // Of the others only the last steps are left.
            let is_made = queue.entry(id).state == State::Waiting;
            if is_made {
                queue.change(id, |entry| {
                    entry.attempts += 1;
                    entry.enter(State::Working);
                })?;
            }
            is_made.then(|| queue.entry(id).manuscript.clone())
        };
        if let Some(manuscript) = begun {
            self.shared.listener.tell(WatchEvent::Began { id, manuscript });
        }
        let (stop, stopped) = watch::channel(*self.halt.borrow());
        self.stops.insert(id, stop);
        let (shared, converter) = (Arc::clone(&self.shared), Arc::clone(&self.converter));
        self.flights.spawn(async move { (id, fly(shared, converter, id, stopped).await) });
        Ok(())
    }

    /// Takes in what came of a flight.
    fn land(&mut self, id: EntryId, landing: Landing, now: Instant) -> Result<(), WatchError> {
        self.stops.remove(&id);
        ProgressBoard::of(&self.shared.settings.state, id).clear();
        self.shared.outbox.ring();
        match landing {
            Landing::Published { defects, folder } => {
                self.tally.published += 1;
                self.tally.with_defects += usize::from(defects > 0);
                self.shared.listener.tell(WatchEvent::Published { id, folder, defects });
            }
            Landing::Failed { reason } => {
                self.tally.failed += 1;
                let manuscript = self.shared.queue().entry(id).manuscript.clone();
                self.shared.listener.tell(WatchEvent::Failed { id, manuscript, reason });
            }
            Landing::Settled => {}
            Landing::Stopped => {
                self.shared.queue().back_to_waiting(id);
                return Ok(());
            }
            Landing::Parked { reason } => {
                self.shared.queue().back_to_waiting(id);
                self.parking.tried(id, now);
                self.park(&reason, now);
                return Ok(());
            }
            // What its files are now will be seen at the next look.
            Landing::Changed => {
                let gone = self.shared.queue().change(id, |entry| entry.enter(State::Gone)).map(drop);
                if let Err(error) = gone {
                    self.shared.queue().back_to_waiting(id);
                    return self.trouble(error, now);
                }
                self.intake.look_soon();
            }
        }
        self.parking.forget(id);
        if self.parking.clear() {
            show_parked(&self.shared.settings.state, None);
            self.shared.listener.tell(WatchEvent::GoesOn);
        }
        Ok(())
    }

    /// What may pass parks the queue; what may not ends the watcher.
    fn trouble(&mut self, error: WatchError, now: Instant) -> Result<(), WatchError> {
        if !error.may_pass() {
            return Err(error);
        }
        self.park(&format!("failed to {error}"), now);
        self.intake.look_at(self.parking.until().unwrap_or(now));
        Ok(())
    }

    fn park(&mut self, reason: &str, now: Instant) {
        // Two flights that find the same are no reason to wait twice as long.
        if self.parking.reason() == Some(reason) && !self.parking.may_try(now) {
            return;
        }
        if self.parking.park(reason, now) {
            show_parked(&self.shared.settings.state, Some(reason));
            self.shared.listener.tell(WatchEvent::Parked { reason: reason.to_owned() });
        }
    }

    /// Waits for a flight, a notice, a wish or the next look.
    async fn wait(&mut self, now: Instant) -> Result<(), WatchError> {
        let turn = self.intake.next().min(now + TURN).max(now);
        let draining = !self.is_going_on();
        tokio::select! {
            Some(landed) = self.flights.join_next() => {
                let (id, landing) = landed.map_err(WatchError::Panicked)?;
                self.land(id, landing, Instant::now())?;
            }
            notice = self.intake.notice(), if !draining => self.intake.hear(notice),
            Ok(()) = self.halt.changed() => {
                let halt = *self.halt.borrow();
                for stop in self.stops.values() {
                    stop.send_replace(halt);
                }
            }
            () = tokio::time::sleep_until(turn), if !draining => {}
        }
        Ok(())
    }
}

/// Runs what waits for disks beside the loop.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WatchError> + Send + 'static,
) -> Result<T, WatchError> {
    tokio::task::spawn_blocking(work).await.map_err(WatchError::Panicked)?
}
