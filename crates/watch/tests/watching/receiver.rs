//! A server that hooks send to. It keeps what it gets and answers as a test wants.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Bytes,
}

impl Seen {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Debug, Default)]
struct Book {
    seen: Vec<Seen>,
    /// The next answers: a status and seconds to wait; 200 once there is none.
    answers: VecDeque<(u16, Option<u32>)>,
}

#[derive(Debug)]
pub(crate) struct Receiver {
    port: u16,
    book: Arc<Mutex<Book>>,
    serving: JoinHandle<()>,
}

impl Receiver {
    /// A server at a port; 0 takes a free one.
    pub(crate) async fn at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let book = Arc::<Mutex<Book>>::default();
        let app = Router::new().fallback(take).with_state(Arc::clone(&book));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { port, book, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends it; its port is free then.
    pub(crate) async fn end(mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
    }

    pub(crate) fn answer(&self, status: u16, retry_after: Option<u32>) {
        self.book.lock().unwrap().answers.push_back((status, retry_after));
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.book.lock().unwrap().seen.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(book): State<Arc<Mutex<Book>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    let text = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), value.to_str().unwrap().to_owned())
    };
    let headers = parts.headers.iter().map(text).collect();
    let mut book = book.lock().unwrap();
    book.seen.push(Seen { path: parts.uri.path().to_owned(), headers, body });
    let (status, wait) = book.answers.pop_front().unwrap_or((200, None));
    let mut headers = HeaderMap::new();
    if let Some(wait) = wait {
        headers.insert(RETRY_AFTER, wait.into());
    }
    (StatusCode::from_u16(status).unwrap(), headers, "as the test wants").into_response()
}
