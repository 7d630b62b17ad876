//! Wheels and their tags: what a file is for, and whether it can be had where it is wanted.
//!
//! The crates that do this for uv need a newer Rust than ours and a second PEP 440; the rules are few.

mod coverage;
mod file_name;
mod platform;
mod tags;

pub use coverage::{Availability, Coverage, CoverageRow, coverage};
pub(crate) use file_name::source_version;
pub use file_name::{FileNameError, WheelName};
pub use platform::PlatformError;
pub use tags::{Rank, Tags};
