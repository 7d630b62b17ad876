//! Folders for a watcher, and a watcher that runs until nothing is left to do.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use rhapsode_watch::{
    Converter, Halt, Originals, QueueView, Repeats, Tally, Until, WatchError, WatchEvent, WatchListener,
    WatchSettings, view, watch,
};
use tokio::sync::{Notify, watch};

pub(crate) struct World {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) settings: WatchSettings,
}

/// Keeps what it is told.
#[derive(Debug, Default)]
pub(crate) struct Ear {
    heard: Mutex<Vec<WatchEvent>>,
    news: Notify,
}

impl Ear {
    pub(crate) fn heard(&self) -> Vec<WatchEvent> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until something was told.
    pub(crate) async fn hears(&self, is_it: impl Fn(&WatchEvent) -> bool) {
        while !self.heard.lock().unwrap().iter().any(&is_it) {
            self.news.notified().await;
        }
    }
}

impl WatchListener for Ear {
    fn tell(&self, event: WatchEvent) {
        self.heard.lock().unwrap().push(event);
        self.news.notify_one();
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let place = |name: &str| dir.path().join(name);
        fs::create_dir(place("inbox")).unwrap();
        let settings = WatchSettings {
            inbox: place("inbox"),
            library: place("library"),
            done: place("done"),
            failed: place("failed"),
            state: place("state"),
            settle: Duration::ZERO,
            poll: Some(Duration::from_millis(20)),
            originals: Originals::Move,
            repeats: Repeats::Skip,
            books: 2,
            until: Until::Idle,
            hooks: Vec::new(),
        };
        Self { dir, settings }
    }

    pub(crate) fn drop_book(&self, path: &str, words: &str) {
        let path = self.settings.inbox.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, words).unwrap();
    }

    /// Watches until nothing is left to do.
    pub(crate) async fn run(&self, converter: impl Converter) -> Tally {
        self.try_run(Arc::new(converter)).await.unwrap().0
    }

    pub(crate) async fn try_run(
        &self,
        converter: Arc<dyn Converter>,
    ) -> Result<(Tally, Vec<WatchEvent>), WatchError> {
        let ear = Arc::new(Ear::default());
        let (_go_on, halt) = watch::channel(Halt::GoOn);
        let tally = watch(self.settings.clone(), converter, Arc::clone(&ear) as Arc<_>, halt).await?;
        Ok((tally, ear.heard()))
    }

    pub(crate) fn queue(&self) -> QueueView {
        view(&self.settings.state).unwrap()
    }

    /// Every file under a folder, hidden ones left out, with its text.
    pub(crate) fn tree(&self, folder: &str) -> Vec<(String, String)> {
        let root = self.dir.path().join(folder);
        let mut files = Vec::new();
        walk(&root, &root, &mut files);
        files.sort();
        files
    }

    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        self.tree(folder).into_iter().map(|(name, _)| name).collect()
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let hidden = path.file_name().unwrap().to_str().unwrap().starts_with('.');
        match () {
            () if hidden => {}
            () if path.is_dir() => walk(root, &path, files),
            () => {
                let name: PathBuf = path.strip_prefix(root).unwrap().to_owned();
                files.push((name.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
}
