//! What a watcher tells, for people or as events.

use std::{path::Path, sync::Arc};

use rhapsode_status::Live;
use rhapsode_watch::{WatchEvent, WatchListener};

use super::telling;
use crate::{commands::Context, json_events};

/// Tells what the watcher tells.
pub(super) struct Teller {
    pub(super) context: Context,
    pub(super) live: Arc<Live>,
}

impl WatchListener for Teller {
    fn tell(&self, event: WatchEvent) {
        telling::hear(&self.live, &event);
        if self.context.is_json() {
            return json_events::watched(&event);
        }
        self.context.tell(&text(&event));
    }
}

fn text(event: &WatchEvent) -> String {
    let name = |path: &Path| path.display().to_string();
    match event {
        WatchEvent::Watching { inbox, polling: false } => format!("watching {}", inbox.display()),
        WatchEvent::Watching { inbox, polling: true } => {
            format!("watching {}, which is looked through again and again", inbox.display())
        }
        WatchEvent::Queued { id, manuscript } => format!("{id}: {} is in the queue", name(manuscript)),
        WatchEvent::Duplicate { id, manuscript, of } => {
            format!("{id}: {} is the same as {of} and not made again", name(manuscript))
        }
        WatchEvent::AlreadyThere { id, manuscript, folder } => {
            format!("{id}: {} is in the library already: {}", name(manuscript), folder.display())
        }
        WatchEvent::PassedOver { manuscript, reason } => {
            format!("{} is passed over: {reason}", name(manuscript))
        }
        WatchEvent::Held { manuscript, partial } => {
            format!("{} waits until {} is whole", name(manuscript), name(partial))
        }
        WatchEvent::Began { id, manuscript } => format!("{id}: {} begins", name(manuscript)),
        WatchEvent::Published { id, folder, defects: 0 } => format!("{id}: published {}", folder.display()),
        WatchEvent::Published { id, folder, defects } => {
            format!("{id}: published {} with {defects} defects", folder.display())
        }
        WatchEvent::Failed { id, manuscript, reason } => {
            format!("{id}: {} failed: {reason}", name(manuscript))
        }
        WatchEvent::LeaseHeld { owner } => format!("waiting for the library, which {owner} has"),
        WatchEvent::LeaseTakenOver { owner } => {
            format!("took the library over from {owner}, who gave no sign of life")
        }
        WatchEvent::HookTold { hook, id } => format!("{id}: the hook {hook} was told"),
        WatchEvent::HookWaits { hook, id, reason, seconds } => {
            format!("{id}: the hook {hook} was not told and is tried again in {seconds:.0} s: {reason}")
        }
        WatchEvent::HookGaveUp { hook, id, reason } => {
            format!(
                "{id}: the hook {hook} refused it again and again; it lies in the outbox, in given-up: {reason}"
            )
        }
        WatchEvent::Parked { reason } => format!("the queue waits: {reason}"),
        WatchEvent::GoesOn => "the queue goes on".to_owned(),
    }
}
