//! Programs that rhapsode starts, for a backend or for a hook.
//!
//! This crate exists so that they are all treated alike: giving one up leaves nothing of it running, and what it
//! complained of is told.

mod complaint;
mod family;

pub use complaint::complaint;
pub use family::Family;
