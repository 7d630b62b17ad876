//! The queue for those who only look, and for those who want something of it: they work on the state directory, whether a
//! watcher runs or not.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use rhapsode_store::Lock;
use serde::Serialize;

use crate::{
    Entry, EntryId, Progress, ProgressBoard, State, Undelivered, WatchError, Wish,
    hooks::undelivered,
    queue::{self, Wishes},
    status,
};

/// The file that stands in the state directory while the queue is paused.
const PAUSED: &str = "paused";

/// A queue as it is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueueView {
    /// Who watches; none if nobody does.
    pub watcher: Option<String>,
    /// Whether the user paused it.
    pub paused: bool,
    /// Why it stands still; none if it does not.
    pub parked: Option<String>,
    /// Its books, oldest first.
    pub books: Vec<Entry>,
    /// How far the books are that are being made.
    pub progress: BTreeMap<EntryId, Progress>,
    /// What hooks have not taken in yet.
    pub hooks: Vec<Undelivered>,
}

/// Looks at the queue of a state directory.
///
/// # Errors
/// If it cannot be read.
pub fn view(state: &Path) -> Result<QueueView, WatchError> {
    view_of(state, queue::read(&state.join("queue"))?.into_values().collect())
}

/// The view of a state directory whose books were read, oldest first.
pub(crate) fn view_of(state: &Path, books: Vec<Entry>) -> Result<QueueView, WatchError> {
    let watcher = Lock::holder(&state.join("lock"))?;
    // Without a watcher these are what a kill left.
    let working = books.iter().filter(|it| watcher.is_some() && it.state == State::Working);
    let progress =
        working.filter_map(|it| Some((it.id, ProgressBoard::of(state, it.id).progress()?))).collect();
    Ok(QueueView {
        paused: is_paused(state),
        parked: watcher.as_ref().and_then(|_| status::parked(state)),
        progress,
        hooks: undelivered(state)?,
        books,
        watcher,
    })
}

/// The book that is meant: by its number, or by a part of its manuscript's name.
///
/// # Errors
/// [`WatchError::NoSuchBook`] or [`WatchError::Ambiguous`].
pub fn find(view: &QueueView, wanted: &str) -> Result<EntryId, WatchError> {
    if let Some(entry) = wanted.parse().ok().and_then(|id| view.books.iter().find(|it| it.id == EntryId(id)))
    {
        return Ok(entry.id);
    }
    let part = wanted.to_lowercase();
    let is_meant = |entry: &&Entry| entry.manuscript.to_string_lossy().to_lowercase().contains(&part);
    let meant: Vec<&Entry> = view.books.iter().filter(is_meant).collect();
    match meant.as_slice() {
        [] => Err(WatchError::NoSuchBook { wanted: wanted.to_owned() }),
        [one] => Ok(one.id),
        several => {
            let known = several.iter().map(|it| format!("{} {}", it.id, it.manuscript.display())).collect();
            Err(WatchError::Ambiguous { wanted: wanted.to_owned(), known })
        }
    }
}

/// Leaves a wish. A watcher that runs fulfils it within seconds, the next one at its start.
///
/// # Errors
/// If the state directory cannot be written.
pub fn wish(state: &Path, wish: Wish) -> Result<(), WatchError> {
    let paused = paused_file(state);
    match wish {
        Wish::Pause => fs::write(&paused, []).map_err(WatchError::io("write", &paused)),
        Wish::Resume => match fs::remove_file(&paused) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(WatchError::io("remove", &paused)(error))
            }
            _ => Ok(()),
        },
        Wish::Cancel { .. } | Wish::Retry { .. } | Wish::Up { .. } => Wishes::of(state).make(wish),
    }
}

pub(crate) fn is_paused(state: &Path) -> bool {
    paused_file(state).exists()
}

fn paused_file(state: &Path) -> PathBuf {
    state.join(PAUSED)
}
