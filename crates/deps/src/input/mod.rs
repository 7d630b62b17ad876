//! Everything that can be judged, read into the shapes of [`crate::model`].
//!
//! An input is recognised by what it holds and by its name, so that nobody has to say what it is. Nothing is run and
//! nothing fetched; sizes, depths and counts are limited, and a broken input is an error with its file and line.

mod archive_name;
mod artifacts;
mod declared;
mod file;
mod folder;
mod freshness;
mod inspect;
mod markers;
mod metadata;
mod recognise;
mod report;
mod requirement;
mod requirements;
mod toml_lock;
mod tree;
mod venv;
mod wheels;

use std::path::Path;

use serde_json::Value;

pub use markers::MarkerValues;
pub use report::{
    DependencyReport, NamedVersion, ReportAccelerator, ReportCopy, ReportDistribution, ReportImport,
    ReportPin, ReportPlatform, ReportTier, ReportVerification,
};

use crate::{
    DepsError,
    model::{Packages, Subject},
};

/// Reads a file or folder of any kind that is known.
///
/// # Errors
/// Where it cannot be read, is of no kind that is known, or is broken.
pub fn open(path: &Path) -> Result<Subject, DepsError> {
    let name = path.display().to_string();
    let is_folder =
        path.metadata().map_err(|source| DepsError::Read { path: path.to_owned(), source })?.is_dir();
    if is_folder {
        return Ok(Subject { name, packages: recognise::folder(path)? });
    }
    let bytes = file::bytes(path)?;
    let kind = recognise::kind(path, &bytes)?;
    if kind == Kind::Requirements {
        return Ok(Subject { name, packages: Packages::Lock(Box::new(requirements::open(path)?)) });
    }
    let mut subject = read(kind, &name, &bytes)?;
    if let Packages::Lock(lock) = &mut subject.packages {
        lock.newer_inputs = freshness::newer_inputs(path, freshness::project(path));
    }
    Ok(subject)
}

/// Reads the answer of `GET /v1/dependencies`.
///
/// # Errors
/// Where it is not a dependency report.
pub fn report(name: &str, json: &Value) -> Result<Subject, DepsError> {
    Ok(Subject { name: name.to_owned(), packages: report::from_value(name, json)? })
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What `pip inspect` writes.
    Inspection,
    /// A dependency report.
    Report,
    /// What `pipdeptree --json` and `--json-tree` write.
    Tree,
    /// A requirements file. Files that it includes are not looked at.
    Requirements,
    /// `pylock.toml`
    Pylock,
    /// `uv.lock`
    Uv,
    /// A wheel.
    Wheel,
}

/// Reads the bytes of a file of a known kind, and nothing beside it.
///
/// # Errors
/// Where the bytes are not of that kind.
pub fn read(kind: Kind, name: &str, bytes: &[u8]) -> Result<Subject, DepsError> {
    let packages = match kind {
        Kind::Inspection => Packages::Environment(Box::new(inspect::read(name, bytes)?)),
        Kind::Report => report::read(name, bytes)?,
        Kind::Tree => Packages::Environment(Box::new(tree::read(name, bytes)?)),
        Kind::Requirements => Packages::Lock(Box::new(requirements::read(name, bytes)?)),
        Kind::Pylock => Packages::Lock(Box::new(toml_lock::pylock::read(name, bytes)?)),
        Kind::Uv => Packages::Lock(Box::new(toml_lock::uv::read(name, bytes)?)),
        Kind::Wheel => Packages::Wheels(Box::new(wheels::read(name, bytes))),
    };
    Ok(Subject { name: name.to_owned(), packages })
}
