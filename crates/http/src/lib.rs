//! What the servers of rhapsode share: who may call, and how connections are accepted and given up.
//!
//! This crate exists so that the speech server and the status page keep the same rules. It knows neither of them.

mod bearer;
mod serve;

pub use bearer::{NotAToken, NotShown, Token};
pub use serve::{Limits, serve};
