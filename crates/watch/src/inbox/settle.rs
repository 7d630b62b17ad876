//! When a book is complete: its files look the same for a while, or the system said that nobody writes to them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::Instant;

use super::{Arrival, Stamp};

/// What is left to wait for once a file was closed: some programs write in several goes.
const AFTER_CLOSING: Duration = Duration::from_secs(2);

/// What was seen of the inbox so far.
#[derive(Debug)]
pub(crate) struct Settling {
    settle: Duration,
    seen: HashMap<PathBuf, Seen>,
    /// Files that were closed after writing.
    closed: BTreeSet<PathBuf>,
    /// Files that were renamed into place.
    placed: BTreeSet<PathBuf>,
}

#[derive(Debug)]
struct Seen {
    files: BTreeMap<PathBuf, Stamp>,
    since: Instant,
    is_complete: bool,
}

impl Seen {
    fn new(arrival: &Arrival, since: Instant) -> Self {
        Self { files: arrival.files.clone(), since, is_complete: false }
    }
}

impl Settling {
    pub(crate) fn new(settle: Duration) -> Self {
        Self { settle, seen: HashMap::new(), closed: BTreeSet::new(), placed: BTreeSet::new() }
    }

    /// A file was closed by the program that wrote it.
    pub(crate) fn closed(&mut self, path: &Path) {
        self.closed.insert(path.to_owned());
    }

    /// A file or folder was renamed into place, so it is whole.
    pub(crate) fn placed(&mut self, path: &Path) {
        self.placed.insert(path.to_owned());
    }

    /// Takes in how the inbox looks now. Gives the books that are complete.
    pub(crate) fn look<'a>(&mut self, arrivals: &'a [Arrival], now: Instant) -> Vec<&'a Arrival> {
        let here: BTreeSet<&PathBuf> = arrivals.iter().map(|arrival| &arrival.manuscript).collect();
        self.seen.retain(|manuscript, _| here.contains(manuscript));
        let mut complete = Vec::new();
        for arrival in arrivals {
            let wait = self.wait(arrival);
            let seen = self.seen.entry(arrival.manuscript.clone()).or_insert_with(|| Seen::new(arrival, now));
            if seen.files != arrival.files {
                *seen = Seen::new(arrival, now);
            }
            if now.duration_since(seen.since) >= wait {
                seen.is_complete = true;
                complete.push(arrival);
            }
        }
        if !(self.closed.is_empty() && self.placed.is_empty()) {
            let files: BTreeSet<&Path> =
                arrivals.iter().flat_map(|arrival| arrival.files.keys().map(PathBuf::as_path)).collect();
            // What is in a folder follows it in the order of paths.
            let there = |path: &PathBuf| {
                files.range(path.as_path()..).next().is_some_and(|file| file.starts_with(path))
            };
            self.closed.retain(there);
            self.placed.retain(there);
        }
        complete
    }

    /// How soon something may be complete that is not yet.
    pub(crate) fn next(&self, now: Instant) -> Option<Duration> {
        let settling = self.seen.values().filter(|seen| !seen.is_complete);
        let ages = settling.map(|seen| now.duration_since(seen.since));
        let left = |age: Duration| [AFTER_CLOSING, self.settle].map(|wait| wait.checked_sub(age));
        ages.flat_map(left).flatten().filter(|left| !left.is_zero()).min()
    }

    /// Whether everything that was seen has been complete.
    pub(crate) fn is_settled(&self) -> bool {
        self.seen.values().all(|seen| seen.is_complete)
    }

    /// For how long the files of a book must look the same.
    fn wait(&self, arrival: &Arrival) -> Duration {
        let is_placed = |file: &PathBuf| file.ancestors().any(|part| self.placed.contains(part));
        let waits = arrival.files.keys().map(|file| match () {
            () if is_placed(file) => Duration::ZERO,
            () if self.closed.contains(file) => AFTER_CLOSING.min(self.settle),
            () => self.settle,
        });
        waits.max().unwrap_or(self.settle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::{Baggage, scan};

    const SETTLE: Duration = Duration::from_secs(10);

    fn folder(bytes: usize) -> (tempfile::TempDir, Vec<Arrival>) {
        let inbox = tempfile::tempdir().unwrap();
        std::fs::write(inbox.path().join("emma.md"), vec![b'x'; bytes]).unwrap();
        let arrivals = scan(inbox.path()).unwrap();
        assert_eq!(arrivals[0].baggage, Baggage::Files(vec!["emma.md".into()]));
        (inbox, arrivals)
    }

    #[test]
    fn a_file_is_complete_when_it_looks_the_same_for_the_settle_time() {
        let (_inbox, arrivals) = folder(5);
        let mut settling = Settling::new(SETTLE);
        let began = Instant::now();
        assert!(settling.look(&arrivals, began).is_empty());
        assert!(settling.look(&arrivals, began + SETTLE / 2).is_empty());
        assert_eq!(settling.look(&arrivals, began + SETTLE).len(), 1);
    }

    #[test]
    fn a_file_that_grows_begins_again_with_every_piece() {
        let mut settling = Settling::new(SETTLE);
        let began = Instant::now();
        let mut now = began;
        for piece in 1..=50 {
            let (_inbox, arrivals) = folder(piece);
            now += SETTLE - Duration::from_secs(1);
            assert!(settling.look(&arrivals, now).is_empty(), "piece {piece}");
        }
    }

    #[test]
    fn a_closed_file_waits_a_moment_and_one_renamed_into_place_not_at_all() {
        let (_inbox, arrivals) = folder(5);
        let mut settling = Settling::new(SETTLE);
        let began = Instant::now();
        settling.closed(Path::new("emma.md"));
        assert!(settling.look(&arrivals, began).is_empty());
        assert_eq!(settling.look(&arrivals, began + AFTER_CLOSING).len(), 1);

        let mut settling = Settling::new(SETTLE);
        settling.placed(Path::new("emma.md"));
        assert_eq!(settling.look(&arrivals, began).len(), 1);
    }

    #[test]
    fn a_file_that_comes_again_later_is_looked_at_anew() {
        let (_inbox, arrivals) = folder(5);
        let mut settling = Settling::new(SETTLE);
        let began = Instant::now();
        settling.placed(Path::new("emma.md"));
        assert_eq!(settling.look(&arrivals, began).len(), 1);
        assert!(settling.look(&[], began).is_empty());
        assert!(settling.look(&arrivals, began).is_empty(), "the rename was of the file that went");
    }

    #[test]
    fn the_next_look_is_when_something_may_be_complete() {
        let (_inbox, arrivals) = folder(5);
        let mut settling = Settling::new(SETTLE);
        let began = Instant::now();
        assert_eq!(settling.next(began), None);
        settling.look(&arrivals, began);
        assert_eq!(settling.next(began), Some(AFTER_CLOSING));
        assert_eq!(settling.next(began + Duration::from_secs(4)), Some(Duration::from_secs(6)));
    }
}
