//! The flight of a book: made, put on the shelf, its manuscript put away. Each step is written down before it is taken, and
//! taken up where it was left.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::Utc;
use tokio::sync::watch;

use crate::{
    Conversion, Converted, Converter, Entry, EntryId, Halt, Move, State, Trouble, WatchError,
    inbox::Stamp,
    library::{Published, publish, resume, staging},
    moving::carry_out,
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
        if self.entry().state != State::Working {
            return blocking(move || flight.go_on()).await;
        }
        let conversion = blocking(move || flight.conversion(stop)).await?;
        let made = converter.convert(conversion).await;
        let flight = self.clone();
        blocking(move || {
            if !flight.is_as_it_was()? {
                return Ok(Landing::Changed);
            }
            match made {
                Ok(converted) => flight.publish(&converted),
                Err(Trouble::Book(reason)) => flight.fail(&reason),
                Err(Trouble::Outage(reason)) => Ok(Landing::Parked { reason }),
                Err(Trouble::Stopped) => Ok(Landing::Stopped),
            }
        })
        .await
    }

    fn entry(&self) -> Entry {
        self.shared.queue().entry(self.id).clone()
    }

    fn enter(&self, state: State) -> Result<(), WatchError> {
        self.shared.queue().change(self.id, |entry| entry.enter(state)).map(drop)
    }

    fn staged(&self, entry: &Entry) -> PathBuf {
        staging(&self.shared.settings.library, &entry.book, &self.shared.settings.state)
    }

    fn conversion(&self, stop: watch::Receiver<Halt>) -> Result<Conversion, WatchError> {
        let settings = &self.shared.settings;
        self.shared.check_library()?;
        let entry = self.entry();
        let output = self.staged(&entry);
        fs::create_dir_all(&output).map_err(WatchError::io("create", &output))?;
        let manuscript = settings.inbox.join(&entry.manuscript);
        Ok(Conversion { id: self.id, manuscript, output, work: settings.state.join("work"), stop })
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

    fn publish(&self, converted: &Converted) -> Result<Landing, WatchError> {
        let entry = self.entry();
        let staged = self.staged(&entry);
        self.shared.check_library()?;
        let library = &self.shared.settings.library;
        let note = |place: &Path| {
            self.enter(State::Publishing {
                staged: staged.clone(),
                place: place.to_owned(),
                defects: converted.defects,
            })
        };
        let place = publish(library, &staged, (&entry.book, &converted.tags), note)?;
        self.put_away(place, converted.defects)
    }

    /// Takes up a step that an earlier run began.
    fn go_on(&self) -> Result<Landing, WatchError> {
        let entry = self.entry();
        self.shared.check_library()?;
        match entry.state {
            State::Publishing { staged, place, defects } => {
                match resume(&self.shared.settings.library, &staged, &place, &entry.book)? {
                    Published::At(place) => self.put_away(place, defects),
                    Published::Gone => self.make_again(),
                }
            }
            State::Moving { moves, then } => self.carry(moves, *then),
            _ => Ok(Landing::Settled),
        }
    }

    /// Its takes are in the store, so this costs little.
    fn make_again(&self) -> Result<Landing, WatchError> {
        self.enter(State::Waiting)?;
        Ok(Landing::Settled)
    }

    /// Moves the manuscript to those that were done.
    fn put_away(&self, place: PathBuf, defects: usize) -> Result<Landing, WatchError> {
        let settings = &self.shared.settings;
        let moves = settings.moves(&self.entry().baggage, &settings.done).unwrap_or_default();
        self.move_and(moves, State::Done { place, defects })
    }

    /// Moves the manuscript to those that failed, with a report beside it.
    fn fail(&self, reason: &str) -> Result<Landing, WatchError> {
        let settings = &self.shared.settings;
        let entry = self.entry();
        let moves = settings.moves(&entry.baggage, &settings.failed).unwrap_or_default();
        let beside =
            moves.first().map_or_else(|| settings.failed.join(&entry.manuscript), |first| first.to.clone());
        write_report(&beside, &entry, reason)?;
        self.move_and(moves, State::Failed { reason: reason.to_owned() })
    }

    fn move_and(&self, moves: Vec<Move>, then: State) -> Result<Landing, WatchError> {
        self.enter(State::Moving { moves: moves.clone(), then: Box::new(then.clone()) })?;
        self.carry(moves, then)
    }

    fn carry(&self, moves: Vec<Move>, then: State) -> Result<Landing, WatchError> {
        carry_out(&moves)?;
        self.shared.queue().change(self.id, |entry| {
            entry.moved = moves;
            entry.enter(then.clone());
        })?;
        Ok(match then {
            State::Done { place, defects } => {
                Landing::Published { folder: self.shared.settings.library.join(place), defects }
            }
            State::Failed { reason } => Landing::Failed { reason },
            _ => Landing::Settled,
        })
    }
}

/// `emma.epub.report.txt` beside `emma.epub`.
fn write_report(beside: &Path, entry: &Entry, reason: &str) -> Result<(), WatchError> {
    let mut name = beside.file_name().unwrap_or_default().to_owned();
    name.push(".report.txt");
    let path = beside.with_file_name(name);
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(WatchError::io("create", parent))?;
    let text = format!(
        "{}\n\nThis manuscript could not be made into an audiobook.\n\n{reason}\n\n{}\n\nOnce it is mended, put it back \
         into the inbox, or say `rhapsode queue retry {}`.\n",
        entry.manuscript.display(),
        Utc::now().format("%Y-%m-%d %H:%M:%S UTC"),
        entry.id,
    );
    fs::write(&path, text).map_err(WatchError::io("write", &path))
}

/// Puts a book that failed or was cancelled back into the queue, and its files back into the inbox.
pub(crate) fn put_back(shared: &Shared, id: EntryId) -> Result<(), WatchError> {
    let entry = shared.queue().entry(id).clone();
    if !matches!(entry.state, State::Failed { .. } | State::Cancelled) {
        return Ok(());
    }
    let back: Vec<Move> =
        entry.moved.iter().map(|it| Move { from: it.to.clone(), to: it.from.clone() }).collect();
    carry_out(&back)?;
    shared.queue().change(id, |entry| {
        entry.moved.clear();
        entry.enter(State::Waiting);
    })?;
    Ok(())
}
