//! Everything that can be judged, read into the shapes of [`crate::model`].
//!
//! An input is recognised by what it holds and by its name, so that nobody has to say what it is. Nothing is run and
//! nothing fetched; sizes, depths and counts are limited, and a broken input is an error with its file and line.

mod archive_name;
mod declared;
mod file;
mod freshness;
mod inspect;
mod markers;
mod report;
mod requirement;
mod requirements;

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
    let packages = if path.is_dir() {
        return Err(DepsError::Unknown { input: name, reason: "folders are not read".to_owned() });
    } else {
        match file_kind(path)? {
            Kind::Requirements => Packages::Lock(Box::new(requirements::open(path)?)),
            kind => return read(kind, &name, &file::bytes(path)?),
        }
    };
    Ok(Subject { name, packages })
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
    /// A requirements file. Files that it includes are not looked at.
    Requirements,
}

/// Reads the bytes of a file of a known kind, and nothing beside it.
///
/// # Errors
/// Where the bytes are not of that kind.
pub fn read(kind: Kind, name: &str, bytes: &[u8]) -> Result<Subject, DepsError> {
    let packages = match kind {
        Kind::Inspection => Packages::Environment(Box::new(inspect::read(name, bytes)?)),
        Kind::Report => report::read(name, bytes)?,
        Kind::Requirements => Packages::Lock(Box::new(requirements::read(name, bytes)?)),
    };
    Ok(Subject { name: name.to_owned(), packages })
}

/// What a file is, by its name and, where that is not enough, by what it holds.
fn file_kind(path: &Path) -> Result<Kind, DepsError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if name.ends_with(".txt") || name.ends_with(".in") {
        return Ok(Kind::Requirements);
    }
    let input = path.display().to_string();
    let bytes = file::bytes(path)?;
    let text = file::text(&input, &bytes)?;
    if text.trim_start().starts_with('{') {
        let json: Value = serde_json::from_str(text).map_err(|error| file::json_error(&input, &error))?;
        if json.get("installed").is_some() {
            return Ok(Kind::Inspection);
        }
        if json.get("distributions").is_some() || json.get("schema").is_some() {
            return Ok(Kind::Report);
        }
    }
    Err(DepsError::Unknown { input, reason: "it is none of the files that are known".to_owned() })
}
