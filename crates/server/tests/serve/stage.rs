//! A server with its singer, and a client.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use reqwest::{RequestBuilder, Response};
use rhapsode_server::{Listener, Server, ServerEvent, ServerOptions};
use serde_json::{Value, json};
use tokio::{
    sync::{oneshot, watch},
    task::JoinHandle,
};

use crate::singer::Singer;

/// A server at work.
pub(crate) struct Stage {
    pub(crate) singer: Arc<Singer>,
    pub(crate) client: reqwest::Client,
    pub(crate) events: Arc<Events>,
    pub(crate) address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

/// Everything that the server told.
#[derive(Default)]
pub(crate) struct Events {
    told: Mutex<Vec<ServerEvent>>,
    count: watch::Sender<usize>,
}

impl Listener for Events {
    fn hear(&self, event: ServerEvent) {
        self.told.lock().unwrap().push(event);
        self.count.send_modify(|count| *count += 1);
    }
}

impl Events {
    /// Returns the first event that fits, when it was told.
    pub(crate) async fn wait_for(&self, fits: impl Fn(&ServerEvent) -> bool) -> ServerEvent {
        let mut count = self.count.subscribe();
        loop {
            count.borrow_and_update();
            let found = self.told.lock().unwrap().iter().find(|event| fits(event)).cloned();
            match found {
                Some(event) => return event,
                None => count.changed().await.unwrap(),
            }
        }
    }
}

/// Options of a test: any free port.
pub(crate) fn options() -> ServerOptions {
    ServerOptions { listen: ([127, 0, 0, 1], 0).into(), ..ServerOptions::default() }
}

impl Stage {
    /// A server that is ready.
    pub(crate) async fn open(singer: Singer, options: ServerOptions) -> Self {
        let stage = Self::set(singer, options).await;
        stage.events.wait_for(|event| matches!(event, ServerEvent::Ready { .. })).await;
        stage
    }

    /// A server that may not be ready yet.
    pub(crate) async fn set(singer: Singer, options: ServerOptions) -> Self {
        let (singer, events) = (Arc::new(singer), Arc::<Events>::default());
        let listener = Arc::clone(&events) as Arc<dyn Listener>;
        let server = Server::bind(Arc::clone(&singer) as _, options, listener).await.unwrap();
        let address = server.address();
        let (end, ended) = oneshot::channel();
        let running = tokio::spawn(server.run(async move {
            let _ = ended.await;
        }));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { singer, client, events, address, end: Some(end), running }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).send().await.unwrap()
    }

    pub(crate) fn request(&self, body: &Value) -> RequestBuilder {
        self.client.post(self.url("/v1/audio/speech")).json(body)
    }

    pub(crate) async fn speak(&self, body: &Value) -> Response {
        self.request(body).send().await.unwrap()
    }

    /// A call that begins now and is awaited later.
    pub(crate) fn begin(&self, text: &str) -> JoinHandle<reqwest::Result<Response>> {
        let body = json!({ "model": "scale", "voice": "alto", "input": text, "response_format": "wav" });
        tokio::spawn(self.request(&body).send())
    }

    /// The figures that have this beginning.
    pub(crate) async fn figure(&self, start: &str) -> Option<f64> {
        let text = self.get("/metrics").await.text().await.unwrap();
        let line = text.lines().find(|line| line.starts_with(start))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    /// Asks the server to end.
    pub(crate) fn ask_to_end(&mut self) {
        let _ = self.end.take().unwrap().send(());
    }

    /// Returns when it has ended.
    pub(crate) async fn ended(self) {
        self.running.await.unwrap();
    }
}

/// The error of an answer: its status, its body, and `Retry-After`.
pub(crate) async fn error(response: Response) -> (u16, Value, Option<u64>) {
    let status = response.status().as_u16();
    let again = response.headers().get("retry-after").map(|v| v.to_str().unwrap().parse().unwrap());
    let body: Value = response.json().await.unwrap();
    let fields: Vec<&String> = body["error"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["code", "message", "param", "retryable", "type"]);
    (status, body["error"].clone(), again)
}
