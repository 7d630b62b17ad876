//! The queue: one small file a book, rewritten before each step that is taken with it, so that a start after a kill knows
//! how far every book came. Nothing of it is ever deleted by rhapsode.

mod entry;
mod order;
mod wish;

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use rhapsode_store::{read_versioned, remove_parts, write_versioned};

pub use entry::{BookHash, Entry, EntryId, Move, State};
pub use wish::Wish;
pub(crate) use wish::Wishes;

use crate::WatchError;

/// Every book that came, by its number.
#[derive(Debug)]
pub(crate) struct Queue {
    folder: PathBuf,
    entries: BTreeMap<EntryId, Entry>,
    /// The entries of each place in the inbox and of each content: a queue keeps every book that ever came.
    places: HashMap<PathBuf, Vec<EntryId>>,
    books: HashMap<BookHash, Vec<EntryId>>,
    turns: order::Turns,
    next: u64,
}

impl Queue {
    /// Reads the queue of a state directory, for the one watcher that has it.
    ///
    /// # Errors
    /// If a file of it cannot be read, or is of a newer rhapsode.
    pub(crate) fn open(state: &Path) -> Result<Self, WatchError> {
        let folder = state.join("queue");
        fs::create_dir_all(&folder).map_err(WatchError::io("create", &folder))?;
        remove_parts(&folder)?;
        let entries = read(&folder)?;
        let next = entries.keys().next_back().map_or(1, |last| last.0 + 1);
        let (places, books) = (HashMap::new(), HashMap::new());
        let mut queue =
            Self { folder, entries: BTreeMap::new(), places, books, turns: order::Turns::default(), next };
        entries.into_values().for_each(|entry| queue.insert(entry));
        Ok(queue)
    }

    /// Adds a book.
    pub(crate) fn add(&mut self, make: impl FnOnce(EntryId) -> Entry) -> Result<EntryId, WatchError> {
        let id = EntryId(self.next);
        let entry = make(id);
        self.write(&entry)?;
        self.next += 1;
        self.insert(entry);
        Ok(id)
    }

    fn insert(&mut self, entry: Entry) {
        self.places.entry(entry.manuscript.clone()).or_default().push(entry.id);
        self.books.entry(entry.book.clone()).or_default().push(entry.id);
        self.replace(entry);
    }

    fn replace(&mut self, entry: Entry) {
        if let Some(before) = self.entries.get(&entry.id) {
            self.turns.take(before);
        }
        self.turns.put(&entry);
        self.entries.insert(entry.id, entry);
    }

    /// The books that came as this manuscript.
    pub(crate) fn at_place(&self, manuscript: &Path) -> impl Iterator<Item = &Entry> {
        self.places.get(manuscript).into_iter().flatten().map(|id| &self.entries[id])
    }

    /// The books with this content.
    pub(crate) fn with_content(&self, book: &BookHash) -> impl Iterator<Item = &Entry> {
        self.books.get(book).into_iter().flatten().map(|id| &self.entries[id])
    }

    /// Changes a book's entry: on the disk first.
    pub(crate) fn change(
        &mut self,
        id: EntryId,
        change: impl FnOnce(&mut Entry),
    ) -> Result<&Entry, WatchError> {
        let mut entry = self.entries[&id].clone();
        change(&mut entry);
        self.write(&entry)?;
        self.replace(entry);
        Ok(&self.entries[&id])
    }

    /// Whether it gave this number.
    pub(crate) fn has(&self, id: EntryId) -> bool {
        self.entries.contains_key(&id)
    }

    /// The entry with this number. There is one for every number that the queue gave.
    pub(crate) fn entry(&self, id: EntryId) -> &Entry {
        &self.entries[&id]
    }

    fn write(&self, entry: &Entry) -> Result<(), WatchError> {
        let path = self.folder.join(format!("{:08}.json", entry.id.0));
        Ok(write_versioned(&path, entry)?)
    }
}

/// Every entry of a queue's folder; none if there is no such folder.
pub(crate) fn read(folder: &Path) -> Result<BTreeMap<EntryId, Entry>, WatchError> {
    let mut entries = BTreeMap::new();
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(entries),
        Err(error) => return Err(WatchError::io("look into", folder)(error)),
    };
    for file in files {
        let path = file.map_err(WatchError::io("look into", folder))?.path();
        if path.extension().is_some_and(|extension| extension == "json")
            && let Some(entry) = read_versioned::<Entry>(&path)?
        {
            entries.insert(entry.id, entry);
        }
    }
    Ok(entries)
}
