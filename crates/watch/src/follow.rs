//! The queue for those who look again and again: of the thousands of books that a queue may hold, only those that
//! changed are read anew.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use rhapsode_store::read_versioned;

use crate::{Entry, EntryId, QueueView, WatchError, requests::view_of};

/// A file that was written so short a time before it was read may be written again without looking different.
const BLUR: Duration = Duration::from_secs(2);

/// A queue that is followed.
#[derive(Debug)]
pub struct QueueFollower {
    state: PathBuf,
    /// When a file of the queue was last written, if that is long enough ago that no look can have missed any.
    settled: Option<SystemTime>,
    files: BTreeMap<PathBuf, Seen>,
    books: BTreeMap<EntryId, Entry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    modified: SystemTime,
    bytes: u64,
    /// Whether it can be told from what it will be after the next change.
    is_sharp: bool,
}

impl QueueFollower {
    /// The queue of a state directory, which need not be there yet.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self { state: state.to_owned(), settled: None, files: BTreeMap::new(), books: BTreeMap::new() }
    }

    /// Looks at the queue as it is now.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn look(&mut self) -> Result<QueueView, WatchError> {
        self.read()?;
        view_of(&self.state, self.books.values().cloned().collect())
    }

    /// A book as it is now; none if the queue has none of this number.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub fn entry(&mut self, id: EntryId) -> Result<Option<Entry>, WatchError> {
        self.read()?;
        Ok(self.books.get(&id).cloned())
    }

    fn read(&mut self) -> Result<(), WatchError> {
        let folder = self.state.join("queue");
        // Every entry is renamed into its place, which changes the folder.
        let written = fs::metadata(&folder).and_then(|about| about.modified()).ok();
        if written.is_some() && written == self.settled {
            return Ok(());
        }
        let files = match fs::read_dir(&folder) {
            Ok(files) => files,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(WatchError::io("look into", &folder)(error)),
        };
        for file in files {
            let file = file.map_err(WatchError::io("look into", &folder))?;
            let path = file.path();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            // What is renamed away while it is looked at comes again under its name.
            let Ok(about) = file.metadata() else { continue };
            let modified = about.modified().map_err(WatchError::io("look at", &path))?;
            let seen = Seen { modified, bytes: about.len(), is_sharp: is_sharp(modified) };
            if seen.is_sharp && self.files.get(&path) == Some(&seen) {
                continue;
            }
            if let Some(entry) = read_versioned::<Entry>(&path)? {
                self.books.insert(entry.id, entry);
                self.files.insert(path, seen);
            }
        }
        self.settled = written.filter(|written| is_sharp(*written));
        Ok(())
    }
}

fn is_sharp(modified: SystemTime) -> bool {
    SystemTime::now().duration_since(modified).is_ok_and(|age| age > BLUR)
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use rhapsode_store::write_versioned;

    use super::*;
    use crate::{BookHash, State, inbox::Baggage, view};

    fn write(state: &Path, id: u64, step: State) {
        let entry = Entry {
            id: EntryId(id),
            book: BookHash(String::new()),
            manuscript: "emma.md".into(),
            baggage: Baggage::Files(Vec::new()),
            files: BTreeMap::new(),
            arrived: Utc::now(),
            priority: 0,
            attempts: 0,
            moved: Vec::new(),
            state: step,
            since: Utc::now(),
        };
        write_versioned(&state.join(format!("queue/{id:08}.json")), &entry).unwrap();
    }

    fn age(path: &Path) {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - 10 * BLUR).unwrap();
    }

    #[test]
    fn what_is_followed_is_what_is_there() {
        let state = tempfile::tempdir().unwrap();
        let state = state.path();
        let mut follower = QueueFollower::of(state);
        assert_eq!(follower.look().unwrap(), view(state).unwrap());
        fs::create_dir(state.join("queue")).unwrap();
        write(state, 1, State::Waiting);
        write(state, 2, State::Waiting);
        assert_eq!(follower.look().unwrap(), view(state).unwrap());
        // The same length in the same moment.
        write(state, 1, State::Working);
        assert_eq!(follower.look().unwrap(), view(state).unwrap());
    }

    #[test]
    fn what_did_not_change_is_not_read_again() {
        let state = tempfile::tempdir().unwrap();
        let state = state.path();
        fs::create_dir(state.join("queue")).unwrap();
        write(state, 1, State::Waiting);
        let path = state.join("queue/00000001.json");
        age(&path);
        let mut follower = QueueFollower::of(state);
        let before = follower.look().unwrap();
        let about = fs::metadata(&path).unwrap();
        fs::write(&path, vec![b' '; about.len() as usize]).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(about.modified().unwrap()).unwrap();
        assert_eq!(follower.look().unwrap(), before);
        write(state, 1, State::Cancelled);
        assert_eq!(follower.look().unwrap().books[0].state, State::Cancelled);
    }
}
