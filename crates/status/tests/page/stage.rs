//! A page with its folders, and clients.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use reqwest::{Method, RequestBuilder};
use rhapsode_status::{BookReport, Defect, Live, Reports, StatusOptions, StatusPage};
use rhapsode_store::Lock;
use rhapsode_watch::EntryId;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};

pub(crate) const TOKEN: &str = "open-sesame";

/// A page at work.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
    pub(crate) live: Arc<Live>,
    pub(crate) address: SocketAddr,
    client: reqwest::Client,
    serving: JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Stage {
    /// A page that only shows.
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A page that has a token.
    pub(crate) async fn unlocked() -> Self {
        Self::with(|options| options.token = Some(TOKEN.parse().unwrap())).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut StatusOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["state/queue", "library", "takes"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        let mut options = StatusOptions {
            listen: ([127, 0, 0, 1], 0).into(),
            names: Vec::new(),
            token: None,
            inbox: path("inbox"),
            state: path("state"),
            library: path("library"),
            takes: path("takes"),
            followers: StatusOptions::FOLLOWERS,
            limits: StatusOptions::LIMITS,
        };
        change(&mut options);
        let live = Arc::new(Live::default());
        let page = StatusPage::bind(options, Arc::clone(&live)).await.unwrap();
        let address = page.address();
        let serving = tokio::spawn(page.run());
        Self { folder, live, address, client: reqwest::Client::new(), serving }
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, with its folders.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Puts a book into the queue, as the watcher does.
    pub(crate) fn enqueue(&self, id: u64, manuscript: &str, state: Value) {
        let entry = json!({
            "version": 1, "id": id, "book": format!("{id:064}"), "manuscript": manuscript,
            "baggage": { "files": [] }, "files": {}, "arrived": "2026-03-01T10:00:00Z", "priority": 0, "attempts": 1,
            "state": state, "since": "2026-03-01T11:00:00Z",
        });
        let path = self.write(&format!("state/queue/{id:08}.new"), entry.to_string());
        fs::rename(path, self.path(format!("state/queue/{id:08}.json"))).unwrap();
    }

    /// A watcher that runs, for as long as it is held.
    pub(crate) fn watched(&self) -> Lock {
        Lock::take(&self.path("state/lock")).unwrap()
    }

    /// News of a book that a hook has not taken in, as the watcher leaves it.
    pub(crate) fn undelivered(&self, book: u64, hook: &str, reason: &str) {
        let news = json!({
            "schema": 1, "id": format!("id-{book}"), "event": "done", "time": "2026-03-01T10:00:00Z", "book": book,
            "manuscript": "emma.md", "title": null, "authors": [], "folder": null, "place": null, "files": [],
            "defects": 0, "reason": null,
        });
        let letter = json!({ "version": 1, "hook": hook, "refusals": 0, "reason": reason, "news": news });
        self.write(&format!("state/outbox/{book:08}-1-{hook}.json"), letter.to_string());
    }

    /// A finished book with its sound and its report.
    pub(crate) fn finish(&self, id: u64, title: &str, defects: Vec<Defect>) {
        let place = format!("Author/Book {id}");
        self.write(&format!("library/{place}/Book {id}.m4b"), format!("sound of book {id}"));
        self.enqueue(id, "emma.md", json!({ "step": "done", "place": place, "defects": defects.len() }));
        let report = BookReport {
            title: title.to_owned(),
            authors: vec!["Jane Austen".to_owned()],
            seconds: 3_723.0,
            chunks: 788,
            spoken: 700,
            wall_seconds: 30.0,
            defects,
            report: self.write(&format!("state/work/{id}/report.json"), "{}"),
        };
        Reports::of(&self.path("state")).write(EntryId(id), &report).unwrap();
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// The text of the page.
    pub(crate) async fn page(&self) -> String {
        self.get("/").send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
    }

    /// The answer to a request that no client of good manners would send: its status and all of it.
    pub(crate) async fn raw(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // What was not read when the connection is closed may end it with a reset.
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.get(9..12).and_then(|status| status.parse().ok());
        (status.unwrap_or_else(|| panic!("no answer but {answer:?}")), answer)
    }
}

/// A chunk with a defect, and its take.
pub(crate) fn defect(stage: &Stage, ordinal: u32, text: &str) -> Defect {
    Defect {
        ordinal,
        chapter: "One".to_owned(),
        text: text.to_owned(),
        reasons: vec!["silent (-80.00 dBFS, bound -50.00)".to_owned()],
        take: stage.write(&format!("takes/v1/ab/{ordinal}.wav"), format!("take {ordinal}")),
    }
}
