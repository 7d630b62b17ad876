//! Decides whether a job may start.
//!
//! This crate exists so that a broken backend is found before the first chunk is sent and not in the night: a
//! [`Gate`] runs every [`Check`] side by side, lets none of them hang or tear the others down, and reports them all.
//! It knows neither the plan nor the encoders: whoever knows them hands in values or checks.

mod backend;
mod check;
mod gate;
mod id;
mod junit;
mod machine;
mod outcome;
mod policy;
mod proof;
mod report;

pub use backend::{BackendCheck, GatedBackend, recheck};
pub use check::{About, Check, Checking, Conditions};
pub use gate::{Gate, GateLimits, Progress};
pub use id::CheckId;
pub use junit::junit;
pub use machine::{Clock, DiskNeed, DiskSpace, Encoder, JobLock, OpenFiles, Writable};
pub use outcome::{Lowered, Outcome, Verdict};
pub use policy::{GateMode, Lowering, Policy, Reason};
pub use proof::{Proof, ProofCache, ProofKey};
pub use report::GateReport;
