//! How many requests a backend gets at a time: all that it takes, until there is evidence that fewer do as well.
//!
//! Windows of answers are compared. Where the time for a character has grown and the throughput has not, a few slots
//! less are tried, and given back if throughput falls: a backend that became slow for another reason is not throttled
//! on top of it. A backend without room says so itself. Slots that were taken away are tried again, one at a time,
//! and the longer it takes the more often that failed.

use std::time::Duration;

use rhapsode_speech::SlotPolicy;
use tokio::time::Instant;

/// Answers of a window, at least, and for each slot: every slot is seen more than once.
const WINDOW: usize = 8;
const WINDOW_A_SLOT: usize = 2;
/// Characters that stand for what a request costs whatever its length.
const FIXED_CHARACTERS: f64 = 20.0;
/// The time for a character has grown when it is this many times the baseline's.
const GROWN: f64 = 1.5;
/// It holds up to this many times the baseline's.
const HOLDS: f64 = 1.25;
/// Throughput that differs less than this is the same.
const NOISE: f64 = 0.05;
/// What is left of the slots after a decrease.
const DECREASE: f64 = 0.75;
/// Windows before a slot more is tried: at first, and at most.
const PATIENCE: u32 = 1;
const MOST_PATIENCE: u32 = 64;

/// The slots of one backend.
#[derive(Debug)]
pub(crate) struct Slots {
    least: usize,
    most: usize,
    now: usize,
    window: Option<Window>,
    /// How it does when it does well.
    baseline: Option<Figures>,
    trial: Option<Trial>,
    /// Whether the last window was worse than the baseline.
    suspicious: bool,
    /// Windows that went well since the last change, and how many it takes for a slot more.
    calm: u32,
    patience: u32,
    /// What was launched before this says nothing of the slots there are now.
    changed: Option<Instant>,
}

/// Answers while every slot was used.
#[derive(Debug, Clone, Copy)]
struct Window {
    since: Instant,
    answers: usize,
    seconds: f64,
    characters: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Figures {
    /// Seconds that a request takes for each character.
    latency: f64,
    /// Characters a second, all slots together.
    throughput: f64,
}

/// Another number of slots, until a window says what came of it.
#[derive(Debug, Clone, Copy)]
struct Trial {
    from: usize,
    before: Figures,
}

impl Slots {
    /// A backend that says it takes so many.
    pub(crate) fn new(most: usize, policy: SlotPolicy) -> Self {
        // A backend that claims to take nothing would hold the job for ever.
        let most = most.max(1);
        let (window, baseline, trial, changed) = (None, None, None, None);
        let least = match policy {
            SlotPolicy::Adaptive => 1,
            SlotPolicy::Fixed => most,
        };
        Self {
            least,
            most,
            now: most,
            window,
            baseline,
            trial,
            suspicious: false,
            calm: 0,
            patience: PATIENCE,
            changed,
        }
    }

    /// Requests that it gets at a time.
    pub(crate) fn now(&self) -> usize {
        self.now
    }

    /// Requests that it would get at most.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Not every slot is used: the figures would say nothing.
    pub(crate) fn idle(&mut self) {
        self.window = None;
    }

    /// An answer came to a request of so many characters.
    pub(crate) fn answered(&mut self, launched: Instant, characters: usize, elapsed: Duration) {
        if self.changed.is_some_and(|changed| launched < changed) {
            return;
        }
        let now = Instant::now();
        let Some(window) = &mut self.window else {
            // It begins with this answer, which therefore does not count.
            self.window = Some(Window { since: now, answers: 0, seconds: 0.0, characters: 0.0 });
            return;
        };
        window.answers += 1;
        window.seconds += elapsed.as_secs_f64();
        window.characters += characters as f64 + FIXED_CHARACTERS;
        if window.answers >= WINDOW.max(self.now * WINDOW_A_SLOT) {
            let figures = Figures {
                latency: window.seconds / window.characters,
                throughput: window.characters / (now - window.since).as_secs_f64().max(1e-9),
            };
            self.window = None;
            self.decide(figures);
        }
    }

    /// A request was refused for want of room, or not answered in time.
    pub(crate) fn refused(&mut self, launched: Instant) {
        if self.changed.is_none_or(|changed| launched >= changed) {
            self.slower();
            self.change(self.fewer());
        }
    }

    fn decide(&mut self, figures: Figures) {
        if let Some(Trial { from, before }) = self.trial.take() {
            return self.conclude(from, before, figures);
        }
        let Some(baseline) = self.baseline else {
            self.baseline = Some(figures);
            return;
        };
        let grown = figures.latency > baseline.latency * GROWN;
        let gained = figures.throughput > baseline.throughput * (1.0 + NOISE);
        if grown && !gained && self.now > self.least {
            // The change itself may have come in the middle of this window; the next one tells how it is.
            if std::mem::replace(&mut self.suspicious, true) {
                self.trial = Some(Trial { from: self.now, before: figures });
                self.change(self.fewer());
            }
            return;
        }
        self.suspicious = false;
        if figures.latency > baseline.latency * HOLDS {
            self.calm = 0;
            return;
        }
        let better = |old: f64, new: f64| if new < old { new } else { old };
        self.baseline = Some(Figures { latency: better(baseline.latency, figures.latency), ..figures });
        if self.now == self.most {
            return;
        }
        self.calm += 1;
        if self.calm >= self.patience {
            self.trial = Some(Trial { from: self.now, before: figures });
            self.change(self.now + 1);
        }
    }

    /// A trial is over: whatever had the better throughput stays, and of equals the fewer slots.
    fn conclude(&mut self, from: usize, before: Figures, after: Figures) {
        let ratio = after.throughput / before.throughput.max(1e-9);
        let keep = if self.now < from {
            ratio > 1.0 - NOISE
        } else {
            // A slot that is worth anything brings at least a third of what a slot brings on average.
            ratio > 1.0 + (1.0 / from as f64 / 3.0).min(NOISE)
        };
        if keep {
            self.baseline = Some(after);
            if self.now > from {
                self.patience = PATIENCE;
            } else if self.now > self.least {
                // Fewer did as well; perhaps still fewer do.
                self.trial = Some(Trial { from: self.now, before: after });
                self.change(self.fewer());
            }
        } else {
            // The figures at `from` are how it is now, not a reason to try the same again.
            self.baseline = Some(before);
            self.slower();
            self.change(from);
        }
    }

    fn fewer(&self) -> usize {
        ((self.now as f64 * DECREASE) as usize).max(self.least)
    }

    fn slower(&mut self) {
        self.patience = (self.patience * 2).min(MOST_PATIENCE);
        self.trial = None;
    }

    fn change(&mut self, slots: usize) {
        self.now = slots.clamp(self.least, self.most);
        (self.window, self.calm, self.suspicious) = (None, 0, false);
        self.changed = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs answers through a server of which `latency` says how many seconds a request takes at so many at a time.
    async fn run(slots: &mut Slots, answers: usize, latency: impl Fn(usize) -> f64) {
        for _ in 0..answers {
            let at_a_time = slots.now();
            let elapsed = Duration::from_secs_f64(latency(at_a_time));
            let launched = Instant::now();
            tokio::time::advance(elapsed.div_f64(at_a_time as f64)).await;
            slots.answered(launched, 100, elapsed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_healthy_server_keeps_every_slot() {
        let mut slots = Slots::new(4, SlotPolicy::Adaptive);
        let mut wobble = 0_u32;
        for _ in 0..500 {
            wobble = (wobble * 7 + 3) % 11;
            let latency = 0.8 + f64::from(wobble) * 0.04;
            run(&mut slots, 1, |_| latency).await;
            assert_eq!(slots.now(), 4);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_slows_down_for_another_reason_gets_its_slots_back() {
        let mut slots = Slots::new(8, SlotPolicy::Adaptive);
        run(&mut slots, 40, |_| 1.0).await;
        run(&mut slots, 400, |_| 3.0).await;
        assert_eq!(slots.now(), 8, "fewer slots lost throughput");
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_gains_nothing_from_so_many_gets_fewer() {
        let mut slots = Slots::new(8, SlotPolicy::Adaptive);
        run(&mut slots, 40, |_| 1.0).await;
        // From now on it does two at a time, the others wait.
        run(&mut slots, 2_000, |at_a_time| (at_a_time as f64 / 2.0).max(1.0)).await;
        assert!((2..=4).contains(&slots.now()), "{}", slots.now());
        // And now all again.
        run(&mut slots, 4_000, |_| 1.0).await;
        assert_eq!(slots.now(), 8);
    }

    #[tokio::test(start_paused = true)]
    async fn requests_that_were_refused_together_count_once() {
        let mut slots = Slots::new(8, SlotPolicy::Adaptive);
        let launched = Instant::now();
        tokio::time::advance(Duration::from_secs(1)).await;
        for _ in 0..4 {
            slots.refused(launched);
        }
        assert_eq!(slots.now(), 6);
        for expected in [4, 3, 2, 1, 1] {
            tokio::time::advance(Duration::from_secs(1)).await;
            slots.refused(Instant::now());
            assert_eq!(slots.now(), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fixed_slots_stay_whatever_happens() {
        let mut slots = Slots::new(2, SlotPolicy::Fixed);
        slots.refused(Instant::now());
        for answer in 1..200 {
            let launched = Instant::now();
            let elapsed = Duration::from_millis(50 * answer);
            tokio::time::advance(elapsed).await;
            slots.answered(launched, 100, elapsed);
        }
        assert_eq!(slots.now(), 2);
    }
}
