//! How a server is run. Everything has a default but what it serves.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use crate::Token;

/// The port of `rhapsode serve`.
const PORT: u16 = 5123;

/// How a server is run.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Where it listens; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// What clients must show; without it everybody who reaches the address may speak.
    pub token: Option<Token>,
    /// Requests that wait for a slot, beside those that are spoken. One more is refused.
    pub queue: usize,
    /// Bytes that the body of a request may have.
    pub body_limit: usize,
    /// Time that a client has to send its head, and again its body.
    pub patience: Duration,
    /// Connections that are open at the same time; further ones wait to be accepted.
    pub connections: usize,
    /// The program that encodes MP3, a path or a name to look for.
    pub ffmpeg: PathBuf,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
            token: None,
            queue: 32,
            // A text is short, but the parameters of a cloning engine may hold a recording.
            body_limit: 8 << 20,
            patience: Duration::from_secs(30),
            connections: 512,
            ffmpeg: PathBuf::from("ffmpeg"),
        }
    }
}
