//! Who may speak: as many requests as the backend takes at the same time, a bounded number behind them in the order
//! in which they came, and nobody else.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a request is thought to take before one was measured.
const FIRST_GUESS: Duration = Duration::from_secs(1);

/// Weight of the newest request in the measured time: the last dozen or so count.
const NEWEST: f64 = 0.15;

/// Slots and the queue before them.
#[derive(Debug)]
pub(crate) struct Queue {
    /// One permit for each slot and each place in the queue.
    room: Arc<Semaphore>,
    places: usize,
    slots: Arc<Semaphore>,
    slot_count: usize,
    /// Seconds that a request takes in its slot, smoothed.
    pace: Mutex<Option<f64>>,
}

/// A place in the queue. Dropping it leaves the queue.
#[derive(Debug)]
pub(crate) struct Place {
    queue: Arc<Queue>,
    room: OwnedSemaphorePermit,
}

/// A slot. Dropping it hands it on.
#[derive(Debug)]
pub(crate) struct Turn {
    queue: Arc<Queue>,
    began: Instant,
    _slot: OwnedSemaphorePermit,
    _room: OwnedSemaphorePermit,
}

/// Nobody else may come in; when it may be worth another try.
#[derive(Debug, PartialEq)]
pub(crate) struct Full {
    pub(crate) retry_after: Duration,
}

impl Queue {
    /// Slots, and so many places before them.
    pub(crate) fn new(slots: usize, waiting: usize) -> Arc<Self> {
        let slot_count = slots.clamp(1, Semaphore::MAX_PERMITS / 2);
        let places = slot_count + waiting.min(Semaphore::MAX_PERMITS / 2);
        Arc::new(Self {
            room: Arc::new(Semaphore::new(places)),
            places,
            slots: Arc::new(Semaphore::new(slot_count)),
            slot_count,
            pace: Mutex::new(None),
        })
    }

    /// Takes a place, if there is one.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Place, Full> {
        match Arc::clone(&self.room).try_acquire_owned() {
            Ok(room) => Ok(Place { queue: Arc::clone(self), room }),
            Err(_) => Err(Full { retry_after: self.relief() }),
        }
    }

    /// Requests in a slot.
    pub(crate) fn speaking(&self) -> usize {
        self.slot_count - self.slots.available_permits()
    }

    /// Requests that wait for a slot.
    pub(crate) fn waiting(&self) -> usize {
        (self.places - self.room.available_permits()).saturating_sub(self.speaking())
    }

    /// The time until half of the queue is gone: then there is room for more than one that comes back, and the slots
    /// have not run dry.
    fn relief(&self) -> Duration {
        let pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let each = pace.unwrap_or(FIRST_GUESS.as_secs_f64());
        let ahead = self.waiting().div_ceil(2).max(1);
        Duration::try_from_secs_f64(each * ahead as f64 / self.slot_count as f64).unwrap_or(FIRST_GUESS)
    }
}

impl Place {
    /// Waits for a slot.
    pub(crate) async fn turn(self) -> Turn {
        let slot = Arc::clone(&self.queue.slots).acquire_owned().await;
        let slot = slot.expect("nothing closes the semaphore");
        Turn { queue: self.queue, began: Instant::now(), _slot: slot, _room: self.room }
    }
}

impl Turn {
    /// Hands the slot on after a finished request; how long it took.
    pub(crate) fn finish(self) -> Duration {
        let elapsed = self.began.elapsed();
        let mut pace = self.queue.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = elapsed.as_secs_f64();
        *pace = Some(pace.map_or(newest, |pace| pace + NEWEST * (newest - pace)));
        elapsed
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_slot_goes_to_whoever_waits_longest() {
        let queue = Queue::new(1, 2);
        let first = queue.enter().unwrap().turn().await;
        let mut second = Box::pin(queue.enter().unwrap().turn());
        let mut third = Box::pin(queue.enter().unwrap().turn());
        assert!((&mut second).now_or_never().is_none() && (&mut third).now_or_never().is_none());
        assert_eq!((queue.speaking(), queue.waiting()), (1, 2));
        drop(first);
        assert!((&mut third).now_or_never().is_none(), "the second came before");
        let second = second.await;
        assert_eq!((queue.speaking(), queue.waiting()), (1, 1));
        drop(second);
        let _third = third.await;
    }

    #[tokio::test]
    async fn whoever_gives_up_leaves_room() {
        let queue = Queue::new(1, 1);
        let _speaking = queue.enter().unwrap().turn().await;
        let mut waiting = Box::pin(queue.enter().unwrap().turn());
        assert!((&mut waiting).now_or_never().is_none());
        assert!(queue.enter().is_err());
        drop(waiting);
        assert!(queue.enter().is_ok());
    }

    #[tokio::test]
    async fn the_time_to_come_back_grows_with_the_measured_pace_and_the_queue() {
        let queue = Queue::new(2, 8);
        *queue.pace.lock().unwrap() = Some(6.0);
        let turns = [queue.enter().unwrap().turn().await, queue.enter().unwrap().turn().await];
        let places: Vec<_> = (0..8).map(|_| queue.enter().unwrap()).collect();
        assert_eq!(queue.enter().unwrap_err(), Full { retry_after: Duration::from_secs(12) });
        drop((turns, places));
    }
}
