//! Takes by content hash, and the job directory with its lock and journal.
//!
//! This crate exists so that finished speech survives everything. It sees opaque keys and samples, never a
//! request or a script.

mod error;

pub use error::StoreError;
