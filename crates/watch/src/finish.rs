//! The flight of a book: made, put on the shelf, its manuscript put away. Each step is written down before it is taken, and
//! taken up where it was left.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::Utc;
use tokio::sync::{OwnedMutexGuard, watch};

use crate::{
    Conversion, Converted, Converter, Entry, EntryId, Halt, Move, ProgressBoard, Repeats, State, Trouble,
    WatchError, WatchEvent, WatchSettings,
    durable::{self, create_folder},
    hooks::News,
    inbox::Stamp,
    library::{Delay, Lease, Published, find, publish, resume, staging},
    moving::{Carried, Removal, Return, beside, carry_out, free_name, sweep, way_back},
    watcher::{Shared, blocking},
};

/// What came of a flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Landing {
    /// The book is in the library.
    Published { folder: PathBuf, defects: usize },
    /// It cannot be made.
    Failed { reason: String },
    /// A step was finished that an earlier run began.
    Settled,
    /// Its files changed while they were read.
    Changed,
    /// Something is wrong that may pass.
    Parked { reason: String },
    /// It was told to stop.
    Stopped,
}

/// Takes a book from the step that it is at to its end.
pub(crate) async fn fly(
    shared: Arc<Shared>,
    converter: Arc<dyn Converter>,
    id: EntryId,
    stop: watch::Receiver<Halt>,
) -> Landing {
    let flight = Flight { shared, id };
    match flight.run(converter, stop).await {
        Ok(landing) => landing,
        Err(error) => Landing::Parked { reason: format!("failed to {error}") },
    }
}

/// The right to publish: the library's lease, and the turn among the flights of this watcher.
struct Turn {
    lease: Lease,
    _alone: OwnedMutexGuard<()>,
}

/// How a flight begins.
enum Begun {
    Conversion(Box<Conversion>),
    /// The library has this content, in this folder.
    There(PathBuf),
    /// Its files are no longer those that were taken.
    Changed,
}

#[derive(Clone)]
struct Flight {
    shared: Arc<Shared>,
    id: EntryId,
}

impl Flight {
    async fn run(
        &self,
        converter: Arc<dyn Converter>,
        stop: watch::Receiver<Halt>,
    ) -> Result<Landing, WatchError> {
        let flight = self.clone();
        match self.entry().state {
            State::Working => {}
            State::Publishing { staged, place, defects } => {
                let Some(turn) = self.lease(&stop).await? else { return Ok(Landing::Stopped) };
                return blocking(move || flight.go_on_publishing(turn, &staged, &place, defects)).await;
            }
            State::Moving { moves, then } => return blocking(move || flight.carry(moves, *then)).await,
            _ => return Ok(Landing::Settled),
        }
        let (beginning, told) = (self.clone(), stop.clone());
        let conversion = match blocking(move || beginning.begin(told)).await? {
            Begun::Conversion(conversion) => conversion,
            Begun::There(place) => return blocking(move || flight.give_way(place)).await,
            Begun::Changed => return Ok(Landing::Changed),
        };
        let made = converter.convert(*conversion).await;
        let flight = self.clone();
        if !blocking(move || flight.is_as_it_was()).await? {
            return Ok(Landing::Changed);
        }
        let flight = self.clone();
        match made {
            Ok(converted) => {
                let Some(turn) = self.lease(&stop).await? else { return Ok(Landing::Stopped) };
                blocking(move || flight.publish(turn, &converted)).await
            }
            Err(Trouble::Book(reason)) => blocking(move || flight.fail(&reason)).await,
            Err(Trouble::Outage(reason)) => Ok(Landing::Parked { reason }),
            Err(Trouble::Stopped) => Ok(Landing::Stopped),
        }
    }

    /// The lease of the library, unless everything is to end at once. One flight at a time asks for it.
    async fn lease(&self, stop: &watch::Receiver<Halt>) -> Result<Option<Turn>, WatchError> {
        let mut stop = stop.clone();
        tokio::select! {
            turn = self.turn() => turn.map(Some),
            Ok(_) = stop.wait_for(|halt| *halt == Halt::Now) => Ok(None),
        }
    }

    async fn turn(&self) -> Result<Turn, WatchError> {
        let shared = &self.shared;
        let alone = Arc::clone(&shared.publishing).lock_owned().await;
        let flight = self.clone();
        blocking(move || flight.shared.check_library()).await?;
        let tell = |delay, owner| {
            shared.listener.tell(match delay {
                Delay::Held => WatchEvent::LeaseHeld { owner },
                Delay::TakenOver => WatchEvent::LeaseTakenOver { owner },
            });
        };
        let lease = Lease::take(&shared.settings.library, &shared.watcher, tell).await?;
        Ok(Turn { lease, _alone: alone })
    }

    fn entry(&self) -> Entry {
        self.shared.queue().entry(self.id).clone()
    }

    fn enter(&self, state: State) -> Result<(), WatchError> {
        self.shared.queue().change(self.id, |entry| entry.enter(state)).map(drop)
    }

    fn staged(&self, entry: &Entry) -> PathBuf {
        staging(&self.shared.settings.library, &entry.book, &self.shared.watcher)
    }

    fn begin(&self, stop: watch::Receiver<Halt>) -> Result<Begun, WatchError> {
        let settings = &self.shared.settings;
        self.shared.check_library()?;
        let entry = self.entry();
        if !self.is_as_it_was()? {
            return Ok(Begun::Changed);
        }
        if let Some(place) = self.known_place(&entry)? {
            return Ok(Begun::There(place));
        }
        let output = self.staged(&entry);
        fs::create_dir_all(&output).map_err(WatchError::io("create", &output))?;
        let manuscript = settings.inbox.join(&entry.manuscript);
        let files = entry.files.keys().map(|file| settings.inbox.join(file)).collect();
        let progress = ProgressBoard::of(&settings.state, self.id);
        let work = settings.state.join("work");
        let id = self.id;
        let conversion = Conversion { id, manuscript, files, output, work, progress, stop };
        Ok(Begun::Conversion(Box::new(conversion)))
    }

    /// Where the library has this content already, unless it is to be done again.
    fn known_place(&self, entry: &Entry) -> Result<Option<PathBuf>, WatchError> {
        match self.shared.settings.repeats {
            Repeats::Skip => find(&self.shared.settings.library, &entry.book),
            Repeats::DoAgain => Ok(None),
        }
    }

    /// Whether nobody wrote to the book's files since it was taken.
    fn is_as_it_was(&self) -> Result<bool, WatchError> {
        let inbox = &self.shared.settings.inbox;
        // An inbox that is gone says nothing of its files.
        fs::read_dir(inbox).map_err(WatchError::io("look into", inbox))?;
        let now = |path: &PathBuf| fs::metadata(inbox.join(path)).ok();
        let files = self.entry().files;
        Ok(files.iter().all(|(path, stamp)| now(path).is_some_and(|about| Stamp::of(&about) == *stamp)))
    }

    fn publish(&self, turn: Turn, converted: &Converted) -> Result<Landing, WatchError> {
        let entry = self.entry();
        let staged = self.staged(&entry);
        self.shared.check_library()?;
        if let Some(place) = self.known_place(&entry)? {
            drop(turn);
            return self.give_way(place);
        }
        turn.lease.expect()?;
        let library = &self.shared.settings.library;
        let note = |place: &Path| {
            self.enter(State::Publishing {
                staged: staged.clone(),
                place: place.to_owned(),
                defects: converted.defects,
            })
        };
        let place = publish(library, &staged, (&entry.book, &converted.tags), note)?;
        drop(turn);
        self.put_away(place, converted.defects)
    }

    /// Takes up the publishing that an earlier run began.
    fn go_on_publishing(
        &self,
        turn: Turn,
        staged: &Path,
        place: &Path,
        defects: usize,
    ) -> Result<Landing, WatchError> {
        let entry = self.entry();
        let library = &self.shared.settings.library;
        if let Some(known) = self.known_place(&entry)?
            && known != place
        {
            drop(turn);
            return self.give_way(known);
        }
        let published = resume(library, staged, place, &entry.book)?;
        drop(turn);
        match published {
            Published::At(place) => self.put_away(place, defects),
            Published::Gone => self.make_again(),
        }
    }

    /// Another watcher was quicker: its book stays, ours, which nobody saw, goes, and the manuscript is put away.
    fn give_way(&self, place: PathBuf) -> Result<Landing, WatchError> {
        let (settings, entry) = (&self.shared.settings, self.entry());
        let staged = self.staged(&entry);
        match fs::remove_dir_all(&staged) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(WatchError::io("remove", &staged)(error));
            }
            _ => {}
        }
        let moves = self.removal(&entry, &settings.done).map_or_else(Vec::new, |put_away| put_away.moves);
        let folder = settings.library.join(&place);
        self.move_and(moves, State::Done { place, defects: 0 })?;
        let manuscript = entry.manuscript;
        self.shared.listener.tell(WatchEvent::AlreadyThere { id: self.id, manuscript, folder });
        Ok(Landing::Settled)
    }

    /// Its takes are in the store, so this costs little.
    fn make_again(&self) -> Result<Landing, WatchError> {
        self.enter(State::Waiting)?;
        Ok(Landing::Settled)
    }

    /// Moves the manuscript to those that were done.
    fn put_away(&self, place: PathBuf, defects: usize) -> Result<Landing, WatchError> {
        let settings = &self.shared.settings;
        let entry = self.entry();
        let news = News::done(&entry, &settings.library, &place, defects);
        self.shared.outbox.put(&settings.hooks, &news, entry.attempts)?;
        let moves = self.removal(&entry, &settings.done).map_or_else(Vec::new, |put_away| put_away.moves);
        self.move_and(moves, State::Done { place, defects })
    }

    /// Moves the manuscript to those that failed, with a report beside it.
    fn fail(&self, reason: &str) -> Result<Landing, WatchError> {
        let settings = &self.shared.settings;
        let entry = self.entry();
        let stays = || Removal { place: settings.failed.join(&entry.manuscript), moves: Vec::new() };
        let Removal { place, moves } = self.removal(&entry, &settings.failed).unwrap_or_else(stays);
        write_report(&place, &entry, reason)?;
        self.shared.outbox.put(&settings.hooks, &News::failed(&entry, reason), entry.attempts)?;
        self.move_and(moves, State::Failed { reason: reason.to_owned() })
    }

    fn move_and(&self, moves: Vec<Move>, then: State) -> Result<Landing, WatchError> {
        self.enter(State::Moving { moves: moves.clone(), then: Box::new(then.clone()) })?;
        self.carry(moves, then)
    }

    fn removal(&self, entry: &Entry, into: &Path) -> Option<Removal> {
        self.shared.settings.removal(&entry.arrival(), into)
    }

    fn carry(&self, mut moves: Vec<Move>, mut then: State) -> Result<Landing, WatchError> {
        let WatchSettings { inbox, done, failed, .. } = &self.shared.settings;
        if !moves.is_empty() {
            // An inbox that is gone says nothing of what was moved.
            fs::read_dir(inbox).map_err(WatchError::io("look into", inbox))?;
        }
        while let Carried::Taken(index) = carry_out(&moves, &self.shared.watcher)? {
            moves[index].to = free_name(&moves[index].to);
            if then == State::Waiting {
                // A manuscript under another name is another book.
                then = State::Gone;
            }
            self.enter(State::Moving { moves: moves.clone(), then: Box::new(then.clone()) })?;
        }
        sweep(&moves, &[inbox, done, failed]);
        self.shared.queue().change(self.id, |entry| {
            entry.moved = match then {
                State::Waiting | State::Gone => Vec::new(),
                _ => moves,
            };
            entry.enter(then.clone());
        })?;
        Ok(match then {
            State::Done { place, defects } => {
                Landing::Published { folder: self.shared.settings.library.join(place), defects }
            }
            State::Failed { reason } => Landing::Failed { reason },
            State::Gone => Landing::Changed,
            _ => Landing::Settled,
        })
    }
}

/// `emma.epub.report.txt` beside `emma.epub`.
fn write_report(put_aside: &Path, entry: &Entry, reason: &str) -> Result<(), WatchError> {
    let path = beside(put_aside, ".report.txt");
    create_folder(path.parent().unwrap_or(Path::new("")))?;
    let text = format!(
        "{}\n\nThis manuscript could not be made into an audiobook.\n\n{reason}\n\n{}\n\nOnce it is mended, put it back \
         into the inbox, or say `rhapsode queue retry {}`.\n",
        entry.manuscript.display(),
        Utc::now().format("%Y-%m-%d %H:%M:%S UTC"),
        entry.id,
    );
    durable::write(&path, text.as_bytes())
}

/// Puts a book that failed or was cancelled back into the queue, and its files back into the inbox. Where something else
/// lies in their place by then, they come back beside it, and are found as a book of their own.
pub(crate) fn put_back(shared: &Shared, id: EntryId) -> Result<(), WatchError> {
    let mut queue = shared.queue();
    let entry = queue.entry(id);
    if !matches!(entry.state, State::Failed { .. } | State::Cancelled) {
        return Ok(());
    }
    let is_there_again =
        queue.at_place(&entry.manuscript).any(|other| other.id != id && !other.state.is_final());
    let (moves, then) = match way_back(&shared.settings.inbox, &entry.arrival(), &entry.moved) {
        Return::Home(moves) if !is_there_again => (moves, State::Waiting),
        Return::Home(moves) | Return::Beside(moves) => (moves, State::Gone),
    };
    let step = if moves.is_empty() { then } else { State::Moving { moves, then: Box::new(then) } };
    queue.change(id, |entry| {
        entry.moved.clear();
        entry.enter(step);
    })?;
    Ok(())
}
