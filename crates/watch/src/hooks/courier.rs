//! The couriers: one for each hook, who takes its letters out one after another. A hook that is away is left alone, longer each
//! time; a letter that is refused waits by itself and holds no other up.

use std::{sync::Arc, time::Duration};

use reqwest::Client;
use tokio::{sync::watch, task::JoinSet, time::Instant};

use super::{
    Hook, HookAction, HookError, News,
    answer::Answer,
    outbox::{Delivery, Letter, Outbox},
    post::client,
};
use crate::{Halt, WatchError, WatchEvent, WatchListener, watcher::blocking};

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(3_600);
/// How often one letter may be refused: for some hours.
const REFUSALS: u32 = 16;

/// What a courier is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    /// Wait for letters.
    Serve,
    /// Take out what can go now, and end.
    Finish,
    /// End after the letter that is being taken out.
    Stop,
}

/// The couriers of all hooks.
pub(crate) struct Couriers {
    errand: watch::Sender<Errand>,
    running: JoinSet<()>,
}

impl Couriers {
    /// Has them begin.
    ///
    /// # Errors
    /// If the system gives no means to check certificates.
    pub(crate) fn send_out(
        hooks: &[Hook],
        outbox: &Arc<Outbox>,
        listener: &Arc<dyn WatchListener>,
    ) -> Result<Self, WatchError> {
        let errand = watch::Sender::new(Errand::Serve);
        let mut running = JoinSet::new();
        for hook in hooks {
            let courier = Courier::new(hook.clone(), outbox, listener)
                .map_err(|source| WatchError::Hook { name: hook.name.clone(), source })?;
            running.spawn(courier.run(errand.subscribe()));
        }
        Ok(Self { errand, running })
    }

    /// Has them end: with everything that can go now, or, once the user wants to stop, with what they have in hand.
    pub(crate) async fn call_back(mut self, halt: &mut watch::Receiver<Halt>) {
        loop {
            let halted = *halt.borrow_and_update();
            match halted {
                Halt::GoOn => self.errand.send_replace(Errand::Finish),
                Halt::Drain => self.errand.send_replace(Errand::Stop),
                // What is dropped on the way lies in the outbox.
                Halt::Now => return,
            };
            tokio::select! {
                () = async { while self.running.join_next().await.is_some() {} } => return,
                Ok(()) = halt.changed() => {}
            }
        }
    }
}

struct Courier {
    hook: Hook,
    /// For hooks that are told by requests.
    client: Option<Client>,
    outbox: Arc<Outbox>,
    listener: Arc<dyn WatchListener>,
    /// Until when the hook is left alone, and for how long it was the last time.
    rest: Option<(Instant, Duration)>,
}

impl Courier {
    fn new(hook: Hook, outbox: &Arc<Outbox>, listener: &Arc<dyn WatchListener>) -> Result<Self, HookError> {
        let url = match &hook.action {
            HookAction::Program(_) => None,
            HookAction::Webhook(webhook) => Some(&webhook.url),
            HookAction::Audiobookshelf(shelf) => Some(&shelf.url),
        };
        let client = url.map(|url| client(hook.time_out, url.scheme() == "https")).transpose()?;
        Ok(Self { hook, client, outbox: Arc::clone(outbox), listener: Arc::clone(listener), rest: None })
    }

    async fn run(mut self, mut errand: watch::Receiver<Errand>) {
        let mut news = self.outbox.subscribe();
        loop {
            news.mark_unchanged();
            let wanted = *errand.borrow_and_update();
            let next = self.outbox.next(&self.hook.name);
            let rested = |due: Instant| self.rest.map_or(due, |(until, _)| until.max(due));
            let at = next.as_ref().map(|(due, _)| rested(*due));
            match next {
                _ if wanted == Errand::Stop => return,
                Some((_, letter)) if at.is_some_and(|at| at <= Instant::now()) => {
                    if let Err(error) = self.deliver(&letter).await {
                        // The disk may be full. The letter is where it was.
                        self.leave_alone(None);
                        self.tell_waits(&letter, format!("failed to {error}"));
                    }
                }
                _ if wanted == Errand::Finish => return,
                _ => tokio::select! {
                    () = async { tokio::time::sleep_until(at.unwrap_or_else(Instant::now)).await }, if at.is_some() => {}
                    changed = news.changed() => if changed.is_err() { return },
                    changed = errand.changed() => if changed.is_err() { return },
                },
            }
        }
    }

    async fn deliver(&mut self, letter: &Letter) -> Result<(), WatchError> {
        let (outbox, name, its) = (Arc::clone(&self.outbox), self.hook.name.clone(), letter.clone());
        let Some(mut delivery) = blocking(move || outbox.read(&its)).await? else {
            return self.outbox.remove(&name, letter);
        };
        let id = delivery.news.book;
        match self.tell(&delivery.news).await {
            Answer::Taken => {
                self.rest = None;
                self.outbox.remove(&name, letter)?;
                self.listener.tell(WatchEvent::HookTold { hook: name, id });
            }
            Answer::Refused(reason) => {
                delivery.refusals += 1;
                delivery.reason = Some(reason.clone());
                if delivery.refusals >= REFUSALS {
                    let (outbox, its) = (Arc::clone(&self.outbox), letter.clone());
                    blocking(move || outbox.lay_aside(&its, &delivery)).await?;
                    self.listener.tell(WatchEvent::HookGaveUp { hook: name, id, reason });
                } else {
                    let wait = (FIRST * 2_u32.pow(delivery.refusals - 1)).min(LONGEST);
                    self.postpone(letter, delivery, Instant::now() + wait).await?;
                    self.listener.tell(WatchEvent::HookWaits {
                        hook: name,
                        id,
                        reason,
                        seconds: wait.as_secs_f64(),
                    });
                }
            }
            Answer::Away { reason, wait } => {
                self.leave_alone(wait);
                delivery.reason = Some(reason.clone());
                // It stays the first of its line.
                let due = self.outbox.next(&name).map_or_else(Instant::now, |(due, _)| due);
                self.postpone(letter, delivery, due).await?;
                self.tell_waits(letter, reason);
            }
        }
        Ok(())
    }

    async fn tell(&self, news: &News) -> Answer {
        match (&self.hook.action, &self.client) {
            (HookAction::Program(program), _) => program.tell(news, self.hook.time_out).await,
            (HookAction::Webhook(webhook), Some(client)) => webhook.tell(client, news).await,
            (HookAction::Audiobookshelf(shelf), Some(client)) => shelf.tell(client, news).await,
            (_, None) => Answer::away("it has no client"),
        }
    }

    async fn postpone(&self, letter: &Letter, delivery: Delivery, until: Instant) -> Result<(), WatchError> {
        let (outbox, letter) = (Arc::clone(&self.outbox), letter.clone());
        blocking(move || outbox.postpone(&letter, &delivery, until)).await
    }

    /// Leaves the hook alone for longer than the last time, and for as long as it asks for.
    fn leave_alone(&mut self, asked: Option<Duration>) {
        let wait = self.rest.map_or(FIRST, |(_, wait)| (wait * 2).min(LONGEST));
        self.rest = Some((Instant::now() + wait.max(asked.unwrap_or_default()), wait));
    }

    fn tell_waits(&self, letter: &Letter, reason: String) {
        let (hook, id) = (self.hook.name.clone(), letter.book());
        let wait =
            self.rest.map_or(Duration::ZERO, |(until, _)| until.saturating_duration_since(Instant::now()));
        self.listener.tell(WatchEvent::HookWaits { hook, id, reason, seconds: wait.as_secs_f64() });
    }
}
