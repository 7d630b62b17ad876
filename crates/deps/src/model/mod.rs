//! The shapes that every input is read into, so that a rule is written once and not once for each kind of file.

mod environment;
mod lock;
mod target;

pub use environment::{
    Accelerator, Distribution, Environment, ImportProbe, Pin, Provenance, Tier, Verification,
};
pub use lock::{Lock, LockEntry, LockFile, LockOption, Unnamed, WheelFile, WheelFolder};
pub(crate) use target::NEWEST_RELEASE;
pub use target::{Machine, Platform, Target};

/// What is judged.
#[derive(Debug, Clone)]
pub struct Subject {
    /// What people call it: the path or address as the user gave it.
    pub name: String,
    /// What it holds.
    pub packages: Packages,
}

/// What an input holds.
#[derive(Debug, Clone)]
pub enum Packages {
    /// An environment: live, exported, inspected, or on disk.
    Environment(Box<Environment>),
    /// What is to be installed: a lock, or the requirements that one is made from.
    Lock(Box<Lock>),
    /// A folder of wheels.
    Wheels(Box<WheelFolder>),
    /// A server that is no Python program: nothing is installed, and at most its accelerator is to be judged.
    NoPython(Option<Box<Accelerator>>),
}
