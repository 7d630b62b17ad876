//! What a Python environment or a lock is made of, and what is wrong with it.
//!
//! This crate exists because `pip check` is not a gate: it is silent about doubled distributions, failed imports,
//! drift from the lock and wheels that cannot be had. Everything here is pure: bytes and folders go in, [`Finding`]s
//! come out; nothing is asked over a network and no Python is run.

mod diff;
mod error;
mod explain;
mod finding;
mod index;
mod input;
mod knowledge;
mod model;
mod rules;
mod tree;
mod wheels;

pub use diff::{Change, Diff, Direction, Entry, RequirementChange, diff};
pub use error::DepsError;
pub use explain::{Ask, Explanation, Pinned, explain};
pub use finding::{Finding, Place, Rule, Severity};
pub use index::{IndexFile, IndexFiles, SavedPages, read_page};
pub use input::{
    DependencyReport, Kind, MarkerValues, NamedVersion, ReportAccelerator, ReportCopy, ReportDistribution,
    ReportImport, ReportPin, ReportPlatform, ReportTier, ReportVerification, open, read, report,
};
pub use model::{
    Accelerator, Distribution, Environment, ImportProbe, Lock, LockEntry, LockFile, LockOption, Machine,
    Packages, Pin, Platform, Provenance, Subject, Target, Tier, Unnamed, Verification, WheelFile,
    WheelFolder,
};
pub use rules::{Question, applies, judge, satisfies};
pub use tree::{Branch, Tree, tree};
pub use wheels::{
    Availability, Coverage, CoverageRow, FileNameError, PlatformError, Rank, Tags, WheelName, coverage,
};
