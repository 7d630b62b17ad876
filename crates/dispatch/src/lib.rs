//! Requests and a pool of backends in, takes out.
//!
//! This crate exists so that every slot of every backend is busy until the last chunk, and so that nothing
//! that was spoken is lost or goes into a book unchecked. It sees requests and keys, never a script: what
//! crosses to a worker could as well cross a network.

mod attempt;
mod dispatcher;
mod error;
mod event;
mod group_sync;
mod handle;
mod options;
mod order;
mod pool;
mod queue;
mod remedy;

pub use error::DispatchError;
pub use event::{BackendStatus, Breaker, DispatchEvent, DispatchOutcome, FailedChunk, StopSignal};
pub use handle::BackendPool;
pub use options::{DispatchOptions, Hedging, Outage, PoolOptions};
pub use order::{Member, Order, Variant, Work};
