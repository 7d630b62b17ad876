//! Who begins what near the end. While there is plenty to do, everybody takes the next chunk. The last chunks go to
//! whoever finishes them first, even if that is a fast backend that is busy for the moment: a slow one that takes the
//! last chunk keeps the whole book waiting.

use tokio::time::Instant;

use crate::{job::JobId, pool::BackendId};

/// More chunks than this are always plenty.
const MOST: usize = 256;

/// A chunk that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) job: JobId,
    pub(crate) characters: usize,
    /// Backends that may speak it.
    pub(crate) allowed: Vec<BackendId>,
}

/// A slot of a backend.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) backend: BackendId,
    /// When it is free, as far as can be told.
    pub(crate) free: Instant,
}

/// So many waiting chunks are the tail: those that the pool finishes in the time that the slowest backend needs for
/// one. `seconds` has for each slot what an ordinary chunk takes it.
pub(crate) fn tail_length(seconds: &[f64]) -> usize {
    let slowest = seconds.iter().copied().fold(0.0, f64::max);
    let chunks: f64 = seconds.iter().map(|seconds| slowest / seconds.max(1e-6)).sum();
    (chunks.ceil() as usize).min(MOST)
}

/// The first chunk that a free slot of `backend` should begin now, if every chunk goes to where it is finished first.
/// `seconds` says what a backend needs for so many characters.
pub(crate) fn first_for(
    backend: BackendId,
    waiting: &[Waiting],
    slots: &mut [Slot],
    now: Instant,
    seconds: impl Fn(BackendId, usize) -> std::time::Duration,
) -> Option<JobId> {
    for chunk in waiting {
        let best = slots
            .iter_mut()
            .filter(|slot| chunk.allowed.contains(&slot.backend))
            .min_by_key(|slot| slot.free.max(now) + seconds(slot.backend, chunk.characters));
        let Some(best) = best else { continue };
        if best.backend == backend && best.free <= now {
            return Some(chunk.job);
        }
        best.free = best.free.max(now) + seconds(best.backend, chunk.characters);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SLOW: BackendId = BackendId(0);
    const FAST: BackendId = BackendId(1);

    fn seconds(backend: BackendId, _: usize) -> Duration {
        Duration::from_secs(if backend == SLOW { 8 } else { 1 })
    }

    fn waiting(chunks: u64) -> Vec<Waiting> {
        let chunk = |n| Waiting { job: JobId(n), characters: 100, allowed: vec![SLOW, FAST] };
        (0..chunks).map(chunk).collect()
    }

    fn slots(now: Instant) -> [Slot; 2] {
        let busy = now + Duration::from_millis(500);
        [Slot { backend: SLOW, free: now }, Slot { backend: FAST, free: busy }]
    }

    #[test]
    fn the_tail_is_what_is_done_while_the_slowest_speaks_one_chunk() {
        assert_eq!(tail_length(&[8.0, 4.0, 2.0, 1.0]), 15);
        assert_eq!(tail_length(&[1.0; 4]), 4);
        assert_eq!(tail_length(&[]), 0);
    }

    #[test]
    fn the_last_chunks_wait_for_the_fast_backend() {
        let now = Instant::now();
        assert_eq!(first_for(SLOW, &waiting(3), &mut slots(now), now, seconds), None);
        // The fast one would be at it for longer than the slow one needs.
        assert_eq!(first_for(SLOW, &waiting(12), &mut slots(now), now, seconds), Some(JobId(7)));
    }

    #[test]
    fn what_only_the_slow_backend_may_speak_it_begins_at_once() {
        let now = Instant::now();
        let mut waiting = waiting(2);
        waiting[1].allowed = vec![SLOW];
        assert_eq!(first_for(SLOW, &waiting, &mut slots(now), now, seconds), Some(JobId(1)));
    }

    #[test]
    fn an_idle_fast_backend_takes_the_first() {
        let now = Instant::now();
        let mut slots = [SLOW, FAST].map(|backend| Slot { backend, free: now });
        assert_eq!(first_for(FAST, &waiting(1), &mut slots, now, seconds), Some(JobId(0)));
    }
}
