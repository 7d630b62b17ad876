//! A backend behind the speech server protocol: what `rhapsode serve` serves.
//!
//! This crate exists so that every client of OpenAI's audio API can use any of our backends, and so that a pool on
//! another machine can use this one. It prints nothing: what happens is told to a [`Listener`].

mod about;
mod dependencies;
mod event;
mod format;
mod metrics;
mod options;
mod queue;
mod readiness;
mod refusal;
mod request;
mod routes;
mod serve;
mod speech;

pub use event::{Answer, CallKind, Listener, Outcome, ServerEvent, Spoken};
pub use format::{EncodeError, Format, ogg_opus};
pub use options::ServerOptions;
pub use rhapsode_http::{NotAToken, Token};
/// The interface of what is served.
pub use rhapsode_speech as backend;
pub use serve::{Server, ServerError, serve};
