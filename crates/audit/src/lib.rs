//! Any finished audiobook, ours or not: sound files in, measurements and findings out.
//!
//! This crate exists so that what a release promises can be checked on the files alone, by another way than they were
//! made. It knows no job, no take and no muxer, and it writes nothing.

mod audit;
mod chapters;
mod checks;
mod error;
mod finding;
mod gather;
mod measure;
mod profile;
mod report;
mod sound;
mod tags;

pub use audit::{Plan, audit};
pub use chapters::{Chapter, ChapterKind, ChapterList};
pub use error::AuditError;
pub use finding::{Check, Finding, Verdict};
pub use measure::{Measurements, Stretch};
pub use profile::Profile;
pub use report::{Audit, BookReport, FileReport, SCHEMA};
pub use sound::{BitRate, Container, Damage, Fault, Progress, Stream};
pub use tags::{Cover, Tags};
