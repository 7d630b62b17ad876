//! What the page shows and to whom.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use rhapsode_http::{Limits, Token};

/// What is served and where.
#[derive(Debug, Clone)]
pub struct StatusOptions {
    /// Where it listens; port 0 takes any that is free.
    pub listen: SocketAddr,
    /// Names that the page may be asked for by, beside `localhost` and addresses.
    pub names: Vec<String>,
    /// What has to be shown for a change; without it the page only shows.
    pub token: Option<Token>,
    /// The watched folder, which the page names.
    pub inbox: PathBuf,
    /// The watcher's state directory.
    pub state: PathBuf,
    /// The library.
    pub library: PathBuf,
    /// The folder of the take store.
    pub takes: PathBuf,
    /// Pages that are kept up to date at the same time; further ones are told to come back.
    pub followers: usize,
    /// What clients may take of the server.
    pub limits: Limits,
}

impl StatusOptions {
    /// Followers, as many as a household has tabs.
    pub const FOLLOWERS: usize = 32;
    /// Room for the followers and for sound beside them. A paused player takes nothing of its sound and asks for the rest
    /// later, so a minute is enough.
    pub const LIMITS: Limits =
        Limits { connections: 256, head: Duration::from_secs(30), taking: Duration::from_secs(60) };
}
