//! Pages that are kept up to date, by server-sent events. The sections are made once for all of them; each is sent what
//! changed since it was last sent anything. One that is slow misses what was in between and holds nothing up.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::{
        IntoResponse,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde::Serialize;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};

use crate::{
    page::Page,
    refusal::Refusal,
    view::{Section, Sections},
};

/// The least time between two looks: more than a few a second nobody can read.
const GAP: Duration = Duration::from_millis(300);
/// The most time between two looks: what others do to the queue is told by nobody.
const TURN: Duration = Duration::from_secs(1);

/// The sections as they were last made, and room for those who follow them.
#[derive(Debug)]
pub(crate) struct Feed {
    sections: watch::Sender<Sections>,
    room: Arc<Semaphore>,
}

/// A section that changed.
#[derive(Serialize)]
struct Change<'a> {
    section: &'static str,
    html: &'a str,
}

/// A page that is kept up to date.
struct Follower {
    sections: watch::Receiver<Sections>,
    shown: Sections,
    /// What is still to be sent of the last look.
    pending: Vec<Section>,
    _room: OwnedSemaphorePermit,
}

impl Feed {
    pub(crate) fn new(followers: usize) -> Self {
        Self {
            sections: watch::Sender::new(Sections::default()),
            room: Arc::new(Semaphore::new(followers.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Makes the sections again and again, for as long as somebody follows.
    pub(crate) async fn run(page: Arc<Page>) {
        loop {
            // Whether it was told or the time is over, it is looked.
            let _ = timeout(TURN, page.live.changed()).await;
            if page.feed.sections.receiver_count() > 0 {
                // What cannot be read now is read at the next turn; a page that is loaded anew tells why.
                if let Ok(sections) = page.blocking(|page| page.sections(None)).await {
                    page.feed.sections.send_replace(sections);
                }
            }
            sleep(GAP).await;
        }
    }
}

/// The changes of the page from now on.
pub(crate) async fn events(State(page): State<Arc<Page>>) -> Result<impl IntoResponse, Refusal> {
    let room = Arc::clone(&page.feed.room).try_acquire_owned().map_err(|_| Refusal::Full)?;
    let mut sections = page.feed.sections.subscribe();
    // What was made for others is older than the page that asks.
    sections.mark_unchanged();
    page.live.touch();
    let follower = Follower { sections, shown: Sections::default(), pending: Vec::new(), _room: room };
    let events = stream::unfold(follower, |mut follower| async move {
        let event = follower.next().await?;
        Some((Ok::<_, Infallible>(event), follower))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

impl Follower {
    async fn next(&mut self) -> Option<Event> {
        while self.pending.is_empty() {
            self.sections.changed().await.ok()?;
            let now = self.sections.borrow_and_update().clone();
            self.pending = now.since(&self.shown);
            self.shown = now;
        }
        let Section { name, html } = self.pending.remove(0);
        // In JSON, because an event ends where a line is empty.
        Event::default().event("section").json_data(Change { section: name, html: &html }).ok()
    }
}
