//! Requests and a pool of backends in, takes out.
//!
//! This crate exists so that every slot of every backend is busy until the last chunk, and so that nothing
//! that was spoken is lost or goes into a book unchecked. It sees requests and keys, never a script: what
//! crosses to a worker could as well cross a network.

mod begin;
mod checking;
mod circuit;
mod error;
mod event;
mod group_sync;
mod handle;
mod idle;
mod jitter;
mod job;
mod join;
mod land;
mod open_order;
mod options;
mod order;
mod orders;
mod pool;
mod queue;
mod readmit;
mod remedy;
mod scheduler;
mod slots;
mod speaking;
mod speed;
mod split;
mod standing;
mod tail;
mod take;

pub use error::DispatchError;
pub use event::{BackendStatus, Breaker, DispatchEvent, DispatchOutcome, FailedChunk, StopSignal};
pub use handle::BackendPool;
pub use options::{DispatchOptions, Hedging, Outage, PoolOptions};
pub use order::{Member, Order, Variant, Work};
pub use readmit::{ProofOfSpeech, Readmit};
