//! What is still to be told: a file for each hook of each book's news, in the state directory. A file goes when its news was
//! taken in; news that was refused again and again is laid aside and never deleted.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rhapsode_store::{read_versioned, remove_parts, write_versioned};
use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::Instant};

use super::{Hook, HookName, News};
use crate::{EntryId, WatchError};

const OUTBOX: &str = "outbox";
/// The folder in it for what was refused too often.
const ASIDE: &str = "given-up";

/// News on its way to a hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) hook: HookName,
    /// How often this very news was refused.
    pub(super) refusals: u32,
    /// Why it did not arrive the last time.
    pub(super) reason: Option<String>,
    pub(super) news: News,
}

/// A delivery's file in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Letter(String);

impl Letter {
    fn new(hook: &HookName, book: EntryId, attempts: u32) -> Self {
        Self(format!("{:08}-{attempts}-{hook}.json", book.0))
    }

    /// The hook that a file of the outbox is for.
    fn hook(&self) -> Option<HookName> {
        let hook = self.0.strip_suffix(".json")?.splitn(3, '-').nth(2)?;
        hook.to_owned().try_into().ok()
    }

    /// The book that it tells of.
    pub(super) fn book(&self) -> EntryId {
        EntryId(self.0.split('-').next().and_then(|number| number.parse().ok()).unwrap_or_default())
    }
}

/// What waits for a hook.
#[derive(Debug, Default)]
struct Line {
    /// The next first.
    order: BTreeSet<(Instant, Letter)>,
    due: HashMap<Letter, Instant>,
}

impl Line {
    fn put(&mut self, letter: Letter, due: Instant) {
        self.take(&letter);
        self.due.insert(letter.clone(), due);
        self.order.insert((due, letter));
    }

    fn take(&mut self, letter: &Letter) {
        if let Some((letter, due)) = self.due.remove_entry(letter) {
            self.order.remove(&(due, letter));
        }
    }
}

#[derive(Debug)]
pub(crate) struct Outbox {
    folder: PathBuf,
    lines: Mutex<HashMap<HookName, Line>>,
    /// Changes with everything that is put in.
    news: watch::Sender<u64>,
}

impl Outbox {
    /// The outbox of a state directory, with what an earlier run left in it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn open(state: &Path) -> Result<Self, WatchError> {
        let folder = state.join(OUTBOX);
        fs::create_dir_all(&folder).map_err(WatchError::io("create", &folder))?;
        remove_parts(&folder)?;
        let mut lines: HashMap<HookName, Line> = HashMap::new();
        let now = Instant::now();
        for letter in letters(&folder)? {
            if let Some(hook) = letter.hook() {
                lines.entry(hook).or_default().put(letter, now);
            }
        }
        Ok(Self { folder, lines: Mutex::new(lines), news: watch::Sender::new(0) })
    }

    /// Puts news in for every hook that is told of it. Called again for the same end of a book, it replaces what it
    /// put in.
    ///
    /// # Errors
    /// If the disk takes no more.
    pub(crate) fn put(&self, hooks: &[Hook], news: &News, attempts: u32) -> Result<(), WatchError> {
        for hook in hooks.iter().filter(|hook| hook.on.contains(&news.event)) {
            let letter = Letter::new(&hook.name, news.book, attempts);
            let hook = hook.name.clone();
            let delivery = Delivery { hook: hook.clone(), refusals: 0, reason: None, news: news.clone() };
            write_versioned(&self.path(&letter), &delivery)?;
            self.lines().entry(hook).or_default().put(letter, Instant::now());
        }
        Ok(())
    }

    /// Has the couriers look: what was put in may go out now.
    pub(crate) fn ring(&self) {
        self.news.send_modify(|number| *number = number.wrapping_add(1));
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// What goes to a hook next, and when.
    pub(super) fn next(&self, hook: &HookName) -> Option<(Instant, Letter)> {
        self.lines().get(hook)?.order.first().cloned()
    }

    /// What a letter says; none if somebody took it away.
    pub(super) fn read(&self, letter: &Letter) -> Result<Option<Delivery>, WatchError> {
        Ok(read_versioned(&self.path(letter))?)
    }

    /// A letter has arrived, or is gone.
    pub(super) fn remove(&self, hook: &HookName, letter: &Letter) -> Result<(), WatchError> {
        self.forget(hook, letter);
        let path = self.path(letter);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(WatchError::io("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    /// A letter goes out again later. Why is written down for those who look at the queue.
    pub(super) fn postpone(
        &self,
        letter: &Letter,
        delivery: &Delivery,
        until: Instant,
    ) -> Result<(), WatchError> {
        self.lines().entry(delivery.hook.clone()).or_default().put(letter.clone(), until);
        Ok(write_versioned(&self.path(letter), delivery)?)
    }

    /// A letter was refused too often.
    pub(super) fn lay_aside(&self, letter: &Letter, delivery: &Delivery) -> Result<(), WatchError> {
        self.forget(&delivery.hook, letter);
        let aside = self.folder.join(ASIDE);
        fs::create_dir_all(&aside).map_err(WatchError::io("create", &aside))?;
        write_versioned(&aside.join(&letter.0), delivery)?;
        self.remove(&delivery.hook, letter)
    }

    fn forget(&self, hook: &HookName, letter: &Letter) {
        if let Some(line) = self.lines().get_mut(hook) {
            line.take(letter);
        }
    }

    fn path(&self, letter: &Letter) -> PathBuf {
        self.folder.join(&letter.0)
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<HookName, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn letters(folder: &Path) -> Result<Vec<Letter>, WatchError> {
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(WatchError::io("look into", folder)(error)),
    };
    let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
    let mut letters: Vec<Letter> = names.map(Letter).filter(|letter| letter.hook().is_some()).collect();
    letters.sort();
    Ok(letters)
}

/// News that a hook has not taken in yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// The hook.
    pub hook: HookName,
    /// The book.
    pub book: EntryId,
    /// Why it did not arrive the last time, if it was tried.
    pub reason: Option<String>,
    /// Whether it was refused so often that it is laid aside.
    pub given_up: bool,
}

/// What the hooks of a state directory have not taken in yet, oldest first.
///
/// # Errors
/// If it cannot be read.
pub fn undelivered(state: &Path) -> Result<Vec<Undelivered>, WatchError> {
    let outbox = state.join(OUTBOX);
    let mut undelivered = Vec::new();
    for (folder, given_up) in [(outbox.join(ASIDE), true), (outbox, false)] {
        for letter in letters(&folder)? {
            // One that went while this looked has arrived.
            if let Some(Delivery { hook, reason, news, .. }) = read_versioned(&folder.join(&letter.0))? {
                undelivered.push(Undelivered { hook, book: news.book, reason, given_up });
            }
        }
    }
    Ok(undelivered)
}
