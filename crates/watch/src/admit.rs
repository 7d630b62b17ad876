//! From a complete file to a place in the queue; or, where the same content was done, to none.

use std::{io::ErrorKind, path::Path};

use chrono::Utc;

use crate::{
    Entry, Repeats, State, WatchError, WatchEvent, identity::identify, inbox::Arrival, watcher::Shared,
};

/// What became of a complete book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The queue has it, or need not.
    Settled,
    /// It may not be read, which is no reason to keep the others waiting.
    Unreadable(String),
}

/// Takes a complete book in, unless it is known as it is.
///
/// # Errors
/// If the inbox or the queue cannot be used.
pub(crate) fn admit(shared: &Shared, arrival: &Arrival) -> Result<Admission, WatchError> {
    if is_known(shared, arrival) {
        return Ok(Admission::Settled);
    }
    let settings = &shared.settings;
    let book = match identify(&settings.inbox, &arrival.manuscript, arrival.files.keys()) {
        // It went away after the look: to those that were done, or at the user's hand.
        Err(WatchError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {
            return Ok(Admission::Settled);
        }
        Err(error @ WatchError::Io { .. }) if is_denied(&error) => {
            return Ok(Admission::Unreadable(format!("failed to {error}")));
        }
        identified => identified?,
    };
    let mut queue = shared.queue();
    let is_made = |entry: &&Entry| {
        let given_up = matches!(entry.state, State::Failed { .. } | State::Cancelled | State::Gone);
        !given_up && !matches!(entry.state, State::Duplicate { .. })
    };
    let same = queue.with_content(&book).find(is_made);
    let repeated = same.map(|entry| entry.id).filter(|_| settings.repeats == Repeats::Skip);
    let state = match repeated {
        None => State::Waiting,
        Some(of) => match settings.removal(arrival, &settings.done) {
            Some(put_away) => {
                State::Moving { moves: put_away.moves, then: Box::new(State::Duplicate { of }) }
            }
            None => State::Duplicate { of },
        },
    };
    let manuscript = arrival.manuscript.clone();
    let id = queue.add(|id| Entry {
        id,
        book,
        manuscript: manuscript.clone(),
        baggage: arrival.baggage.clone(),
        files: arrival.files.clone(),
        arrived: Utc::now(),
        priority: 0,
        attempts: 0,
        moved: Vec::new(),
        state,
        since: Utc::now(),
    })?;
    drop(queue);
    shared.listener.tell(match repeated {
        None => WatchEvent::Queued { id, manuscript },
        Some(of) => WatchEvent::Duplicate { id, manuscript, of },
    });
    Ok(Admission::Settled)
}

fn is_denied(error: &WatchError) -> bool {
    matches!(error, WatchError::Io { source, .. } if source.kind() == ErrorKind::PermissionDenied)
}

/// Whether the queue has this manuscript and is not done with it.
pub(crate) fn is_on_its_way(shared: &Shared, manuscript: &Path) -> bool {
    shared.queue().at_place(manuscript).any(|entry| !entry.state.is_final())
}

/// Whether the queue has these very files: on their way, or left where they are because they were done or cancelled.
pub(crate) fn is_known(shared: &Shared, arrival: &Arrival) -> bool {
    let queue = shared.queue();
    let stayed =
        |entry: &Entry| entry.files == arrival.files && entry.moved.is_empty() && entry.state != State::Gone;
    queue.at_place(&arrival.manuscript).any(|entry| !entry.state.is_final() || stayed(entry))
}
