//! A speech server for tests over real connections: it answers what a test says, byte by byte if it must, and keeps
//! what it heard. It speaks HTTP/1.1 by hand, because what is tested is how wrong answers are taken.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A request that came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub method: String,
    pub path: String,
    pub head: String,
    pub body: Value,
}

impl Heard {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn format(&self) -> &str {
        self.body["response_format"].as_str().unwrap_or_default()
    }
}

/// What to answer.
#[derive(Debug, Clone)]
pub enum Answer {
    /// These bytes, then the connection ends.
    Bytes(Vec<u8>),
    /// Nothing, for as long as the client stays.
    Never,
}

impl Answer {
    pub fn new(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = format!("HTTP/1.1 {status} Test\r\nConnection: close\r\n").into_bytes();
        for (name, value) in headers {
            bytes.extend(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        bytes.extend(body);
        Self::Bytes(bytes)
    }

    pub fn sound(bytes: impl AsRef<[u8]>) -> Self {
        Self::new(200, &[("Content-Type", "audio/wav")], bytes)
    }

    pub fn missing() -> Self {
        Self::new(404, &[], r#"{"detail":"Not Found"}"#)
    }

    /// This answer without its last bytes.
    pub fn cut(self, bytes: usize) -> Self {
        match self {
            Self::Bytes(mut all) => {
                all.truncate(all.len() - bytes);
                Self::Bytes(all)
            }
            Self::Never => Self::Never,
        }
    }
}

/// A running server; it ends with the runtime of its test.
#[derive(Debug, Clone)]
pub struct Server {
    pub port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
    /// Told when a client that got no answer has gone.
    pub gone: Arc<Notify>,
}

type Answering = dyn Fn(&Heard) -> Answer + Send + Sync;

impl Server {
    /// Answers at an address, such as `127.0.0.1:0`.
    pub async fn at(address: &str, answering: impl Fn(&Heard) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let server =
            Self { port: listener.local_addr().unwrap().port(), heard: Arc::default(), gone: Arc::default() };
        let (answering, serving): (Arc<Answering>, _) = (Arc::new(answering), server.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answering, serving) = (Arc::clone(&answering), serving.clone());
                tokio::spawn(async move { serving.serve(stream, &*answering).await });
            }
        });
        server
    }

    /// A server without optional calls, which answers requests for speech.
    pub async fn speaking(answering: impl Fn(&Heard) -> Answer + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", move |heard| match heard.path.as_str() {
            "/v1/audio/speech" => answering(heard),
            _ => Answer::missing(),
        })
        .await
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests for speech so far.
    pub fn spoken(&self) -> Vec<Heard> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|heard| heard.path == "/v1/audio/speech").cloned().collect()
    }

    async fn serve(&self, mut stream: TcpStream, answering: &Answering) {
        let Some(heard) = read(&mut stream).await else { return };
        let answer = answering(&heard);
        self.heard.lock().unwrap().push(heard);
        match answer {
            Answer::Bytes(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
            Answer::Never => {
                while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
                self.gone.notify_one();
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Heard> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut words = head.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut heard = Heard { method, path, head, body: Value::Null };
    let length: usize = heard.header("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = bytes.split_off(end + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    if length > 0 {
        heard.body = serde_json::from_slice(&body).unwrap();
    }
    Some(heard)
}
