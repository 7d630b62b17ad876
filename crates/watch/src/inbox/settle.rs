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
    /// Files and folders of which the system said something since the last look.
    heard: BTreeMap<PathBuf, Word>,
    /// Files of which it said something before that. It holds for as long as they look the same.
    whole: HashMap<PathBuf, (Stamp, Word)>,
}

/// What the system said of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    /// Its writer closed it.
    Closed,
    /// It was renamed into place.
    Placed,
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
        Self { settle, seen: HashMap::new(), heard: BTreeMap::new(), whole: HashMap::new() }
    }

    /// A file was closed by the program that wrote it.
    pub(crate) fn closed(&mut self, path: &Path) {
        self.heard.insert(path.to_owned(), Word::Closed);
    }

    /// A file or folder was renamed into place, so it is whole.
    pub(crate) fn placed(&mut self, path: &Path) {
        self.heard.insert(path.to_owned(), Word::Placed);
    }

    /// Takes in how the inbox looks now. Gives the books that are complete.
    pub(crate) fn look<'a>(&mut self, arrivals: &'a [Arrival], now: Instant) -> Vec<&'a Arrival> {
        let here: BTreeSet<&PathBuf> = arrivals.iter().map(|arrival| &arrival.manuscript).collect();
        self.seen.retain(|manuscript, _| here.contains(manuscript));
        self.take_in(arrivals);
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
        complete
    }

    /// What was heard of files is of them as they look now. What is written to them later takes it back, and what comes
    /// into a folder that was renamed into place was not in it.
    fn take_in(&mut self, arrivals: &[Arrival]) {
        let files: HashMap<&PathBuf, Stamp> =
            arrivals.iter().flat_map(|arrival| &arrival.files).map(|(file, stamp)| (file, *stamp)).collect();
        self.whole.retain(|file, (stamp, _)| files.get(file) == Some(stamp));
        if self.heard.is_empty() {
            return;
        }
        let heard = std::mem::take(&mut self.heard);
        for (file, stamp) in files {
            // A file may be closed in a folder that was placed before.
            if let Some(word) = file.ancestors().filter_map(|part| heard.get(part)).max() {
                let known = self.whole.entry(file.clone()).or_insert((stamp, *word));
                known.1 = known.1.max(*word);
            }
        }
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
        let waits = arrival.files.keys().map(|file| match self.whole.get(file) {
            Some((_, Word::Placed)) => Duration::ZERO,
            Some((_, Word::Closed)) => AFTER_CLOSING.min(self.settle),
            None => self.settle,
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
        let arrivals = scan(inbox.path()).unwrap().arrivals;
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
    fn what_is_copied_later_into_a_folder_that_was_renamed_into_place_settles_by_itself() {
        let inbox = tempfile::tempdir().unwrap();
        let folder = inbox.path().join("Austen");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("emma.md"), "whole").unwrap();
        let arrivals = || scan(inbox.path()).unwrap().arrivals;
        let mut settling = Settling::new(SETTLE);
        let mut now = Instant::now();
        settling.placed(Path::new("Austen"));
        assert_eq!(settling.look(&arrivals(), now).len(), 1);
        for pieces in 1..5 {
            now += SETTLE / 2;
            std::fs::write(folder.join("persuasion.md"), "a piece ".repeat(pieces)).unwrap();
            let there = arrivals();
            let complete: Vec<&Path> =
                settling.look(&there, now).into_iter().map(|it| it.manuscript.as_path()).collect();
            assert_eq!(complete, [Path::new("Austen/emma.md")], "piece {pieces}");
        }
        assert_eq!(settling.look(&arrivals(), now + SETTLE).len(), 2);
    }

    #[test]
    fn what_is_written_to_a_file_that_was_closed_or_placed_takes_that_back() {
        for hear in [Settling::closed, Settling::placed] {
            let mut settling = Settling::new(SETTLE);
            let mut now = Instant::now();
            hear(&mut settling, Path::new("emma.md"));
            let (_inbox, arrivals) = folder(5);
            settling.look(&arrivals, now);
            now += AFTER_CLOSING;
            assert_eq!(settling.look(&arrivals, now).len(), 1);
            let (_inbox, arrivals) = folder(6);
            assert!(settling.look(&arrivals, now).is_empty());
            assert!(settling.look(&arrivals, now + AFTER_CLOSING).is_empty());
            assert_eq!(settling.look(&arrivals, now + SETTLE).len(), 1);
        }
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
