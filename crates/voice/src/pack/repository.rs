//! The model repository on Hugging Face, or a mirror of it, over HTTP.

use std::{
    io::Read,
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use super::catalog::{KnownFile, REPOSITORY};

/// How long a download may stand still.
const STALL: Duration = Duration::from_secs(20);

/// What a download tells.
enum News {
    /// The server answered.
    Begun,
    /// So many bytes have come.
    Bytes(u64),
    /// All of it.
    Done(Vec<u8>),
    /// It ended early.
    Failed(String),
}

/// Downloads a file. `patience` is how long the server may take to answer.
pub(super) fn download(
    endpoint: &str,
    file: &KnownFile,
    patience: Duration,
    progress: &dyn Fn(u64),
) -> Result<Vec<u8>, String> {
    let url = format!("{}/{REPOSITORY}/resolve/main/{}", endpoint.trim_end_matches('/'), file.in_repository);
    let (sender, receiver) = mpsc::channel();
    let (expected, asked) = (file.bytes, url.clone());
    // A thread of its own: looking up a name cannot be cut short, only left behind; and the client cannot be used
    // where tasks run.
    thread::spawn(move || {
        let news = match read(&asked, expected, patience, &sender) {
            Ok(content) => News::Done(content),
            Err(reason) => News::Failed(reason),
        };
        // Nobody listens any more if the patience was over.
        let _ = sender.send(news);
    });
    let mut wait = patience;
    loop {
        match receiver.recv_timeout(wait) {
            Ok(News::Begun) => {}
            Ok(News::Bytes(bytes)) => progress(bytes),
            Ok(News::Done(content)) => return Ok(content),
            Ok(News::Failed(reason)) => return Err(format!("{url}: {reason}")),
            Err(RecvTimeoutError::Timeout) => {
                return Err(format!("{url}: no answer within {} s", wait.as_secs()));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(format!("{url}: the download broke off")),
        }
        wait = STALL;
    }
}

fn read(url: &str, expected: u64, patience: Duration, news: &Sender<News>) -> Result<Vec<u8>, String> {
    let client = reqwest::blocking::Client::builder()
        .connect_timeout(patience)
        .timeout(None)
        .build()
        .map_err(|error| reason(&error))?;
    let response = client.get(url).send().and_then(|response| response.error_for_status());
    let response = response.map_err(|error| reason(&error.without_url()))?;
    let mut content = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    let mut block = vec![0; 64 * 1024];
    // One byte more than expected is enough to know that it is not the file.
    let mut body = response.take(expected + 1);
    let _ = news.send(News::Begun);
    loop {
        let count = body.read(&mut block).map_err(|error| error.to_string())?;
        if count == 0 {
            return Ok(content);
        }
        content.extend_from_slice(&block[..count]);
        let _ = news.send(News::Bytes(content.len() as u64));
    }
}

/// An error down to its cause, in a line.
fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
