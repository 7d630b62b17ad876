//! What the system says of the inbox while nobody looks.

use std::path::{Path, PathBuf};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode, ModifyKind, RenameMode},
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Something happened in the inbox. Paths are relative to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A file was closed by who wrote it.
    Closed(PathBuf),
    /// A file or folder was renamed into place.
    Placed(PathBuf),
    /// Something else, or so much that nobody can say what.
    Changed,
}

/// The notices of an inbox, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Notices {
    _watcher: RecommendedWatcher,
    notices: UnboundedReceiver<Notice>,
}

impl Notices {
    /// Begins to listen.
    ///
    /// # Errors
    /// If the system has no such thing for this folder, or no more room for it.
    pub(crate) fn of(inbox: &Path) -> notify::Result<Self> {
        let (tell, notices) = unbounded_channel();
        let root = inbox.to_owned();
        let mut watcher = notify::recommended_watcher(move |event| hear(event, &root, &tell))?;
        watcher.watch(inbox, RecursiveMode::Recursive)?;
        Ok(Self { _watcher: watcher, notices })
    }

    /// The next notice.
    pub(crate) async fn next(&mut self) -> Option<Notice> {
        self.notices.recv().await
    }

    /// A notice that is there already.
    pub(crate) fn another(&mut self) -> Option<Notice> {
        self.notices.try_recv().ok()
    }
}

fn hear(event: notify::Result<Event>, inbox: &Path, tell: &UnboundedSender<Notice>) {
    let Ok(event) = event else {
        let _ = tell.send(Notice::Changed);
        return;
    };
    let relative = |path: &PathBuf| path.strip_prefix(inbox).map(Path::to_owned).unwrap_or_default();
    let notices: Vec<Notice> = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
            event.paths.iter().map(|path| Notice::Closed(relative(path))).collect()
        }
        EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => {
            event.paths.last().map(|path| Notice::Placed(relative(path))).into_iter().collect()
        }
        EventKind::Access(_) => Vec::new(),
        _ => vec![Notice::Changed],
    };
    // Nobody listening is no reason to stop.
    notices.into_iter().for_each(|notice| drop(tell.send(notice)));
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn events_that_were_lost_are_a_change() {
        let (tell, mut notices) = unbounded_channel();
        let lost = Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan);
        hear(Ok(lost), Path::new("inbox"), &tell);
        hear(Err(notify::Error::generic("lost")), Path::new("inbox"), &tell);
        assert_eq!([notices.try_recv(), notices.try_recv()], [Ok(Notice::Changed), Ok(Notice::Changed)]);
    }

    #[tokio::test]
    async fn closing_and_renaming_are_heard() {
        let dir = tempfile::tempdir().unwrap();
        let inbox = dir.path().join("inbox");
        fs::create_dir(&inbox).unwrap();
        let mut notices = Notices::of(&inbox).unwrap();
        fs::write(inbox.join("emma.epub"), "words").unwrap();
        fs::write(dir.path().join("elsewhere.md"), "words").unwrap();
        fs::rename(dir.path().join("elsewhere.md"), inbox.join("placed.md")).unwrap();
        let mut heard = Vec::new();
        while !heard.contains(&Notice::Placed("placed.md".into())) {
            heard.push(notices.next().await.unwrap());
        }
        assert!(heard.contains(&Notice::Closed("emma.epub".into())), "{heard:?}");
    }
}
