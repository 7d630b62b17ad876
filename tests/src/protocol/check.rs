//! What a check is.

use futures_util::future::BoxFuture;

use super::{seen::Seen, session::Session};

/// One thing that a server is asked for.
#[derive(Debug)]
pub(crate) struct Check {
    /// Its name. Stable: reports of different days are compared by it.
    pub(crate) id: &'static str,
    /// What a server of the protocol does.
    pub(crate) expected: &'static str,
    /// Of whom it is demanded.
    pub(crate) need: Need,
    /// What rhapsode does where a server does not do it.
    pub(crate) without: &'static str,
    /// Finds out.
    pub(crate) run: for<'a> fn(&'a Session) -> BoxFuture<'a, Seen>,
}

/// Of whom a check is demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Of every server: without it rhapsode cannot use it.
    Always,
    /// Of our own servers.
    Own,
}
