//! As much HTTP as the tests need, so that they see every byte that comes and whether it is all.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
};

use serde_json::json;

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nobody was there to take it.
    Refused,
    /// It broke off.
    Broken,
    /// It came whole.
    Whole { status: u16, bytes: usize },
}

fn exchange(address: &str, head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut socket = TcpStream::connect(address)?;
    socket.write_all(format!("{head}\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    socket.write_all(body)?;
    let mut answer = Vec::new();
    // What came before it broke off counts: it tells that somebody was there.
    match socket.read_to_end(&mut answer) {
        Err(error) if answer.is_empty() => Err(error),
        _ => Ok(answer),
    }
}

/// The body of a page that is there.
pub(crate) fn page(address: &str, path: &str) -> String {
    let answer = exchange(address, &format!("GET {path} HTTP/1.1"), b"").unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    body.to_owned()
}

/// Asks for speech.
pub(crate) fn speak(address: &str, text: &str) -> Answer {
    let body = json!({"input": text, "response_format": "wav"}).to_string();
    let head = format!(
        "POST /v1/audio/speech HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: {}",
        body.len()
    );
    // Docker's proxy takes connections for a container that takes none any more.
    let Ok(answer) = exchange(address, &head, body.as_bytes()) else { return Answer::Refused };
    if answer.is_empty() {
        return Answer::Refused;
    }
    whole(&answer).unwrap_or(Answer::Broken)
}

/// An answer that is as long as its head says.
fn whole(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?.to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map(str::parse::<usize>);
    let bytes = answer.len() - end - 4;
    (length?.ok()? == bytes).then_some(Answer::Whole { status, bytes })
}

/// Requests for speech that a server has answered well, without probes.
pub(crate) fn spoken(address: &str) -> u64 {
    let figures = page(address, "/metrics");
    let wanted = "rhapsode_requests_total{call=\"speech\",status=\"200\"} ";
    figures.lines().find_map(|line| line.strip_prefix(wanted)).map_or(0, |count| count.parse().unwrap())
}
