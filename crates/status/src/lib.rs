//! The status page of a watch folder, made on the server: queue, live progress, backends, finished books.
//!
//! This crate exists so that a watcher without a terminal can be looked at. It knows shapes and no engine: the queue comes
//! from the state directory, finished books from the library, and what happens now is told to [`Live`].
//! `docs/status-page.md` says what users see.

mod assets;
mod control;
mod error;
mod feed;
mod guard;
mod library;
mod live;
mod options;
mod page;
mod refusal;
mod report;
mod routes;
mod serve;
mod sound;
mod view;

pub use error::StatusError;
pub use live::{BackendState, Live, Production, Standing, Step};
pub use options::StatusOptions;
pub use report::{BookReport, Defect, Reports};
pub use rhapsode_http::{Limits, NotAToken, Token};
pub use serve::StatusPage;
