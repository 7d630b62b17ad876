//! What is to be installed: locks, the requirements that they are made from, and folders of wheels.

use std::path::PathBuf;

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{MarkerTree, PackageName, Requirement};

use super::Distribution;

/// A lock, or the requirements that one is made from.
#[derive(Debug, Clone)]
pub struct Lock {
    /// What kind of file it is.
    pub file: LockFile,
    /// Where it lies.
    pub path: PathBuf,
    /// Its entries. One name may have several, for different platforms.
    pub entries: Vec<LockEntry>,
    /// Options on lines of their own.
    pub options: Vec<LockOption>,
    /// The Pythons that it is for.
    pub requires_python: Option<VersionSpecifiers>,
    /// Files that it was made from and that are newer than it.
    pub newer_inputs: Vec<PathBuf>,
}

/// Kinds of locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockFile {
    /// `requirements.lock.txt`: every version fixed, as `pip-compile` and `uv pip compile` write it.
    Requirements,
    /// `requirements.in`: what a lock is made from. Open versions are as they should be.
    Input,
    /// `pylock.toml`, PEP 751.
    Pylock,
    /// `uv.lock`
    Uv,
}

/// One entry of a lock.
#[derive(Debug, Clone)]
pub struct LockEntry {
    /// Its normalised name.
    pub name: PackageName,
    /// Its version, if it is fixed.
    pub version: Option<Version>,
    /// The entry as a requirement, where it stands as one: extras, open ranges, URLs.
    pub requirement: Option<Requirement>,
    /// For whom it is.
    pub marker: MarkerTree,
    /// What it asks for, where the lock says so.
    pub requires: Option<Vec<Requirement>>,
    /// The Pythons that it runs on, where the lock says so.
    pub requires_python: Option<VersionSpecifiers>,
    /// Hashes of its files, as `sha256:…`.
    pub hashes: Vec<String>,
    /// Names of its files, where the lock says so; none if it does not.
    pub files: Option<Vec<String>>,
    /// The index it comes from, where the lock says so.
    pub index: Option<String>,
    /// Who asks for it, by name (`# via`).
    pub via: Vec<String>,
    /// Line, counted from 1; none where the format has no lines worth naming.
    pub line: Option<usize>,
}

/// An option on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockOption {
    /// Its name: `--find-links`.
    pub name: String,
    /// What it says.
    pub value: String,
    /// Line, counted from 1.
    pub line: usize,
}

/// A folder of wheels, as a builder leaves it for `--no-index --find-links`.
#[derive(Debug, Clone)]
pub struct WheelFolder {
    /// Where it lies.
    pub path: PathBuf,
    /// The wheels.
    pub wheels: Vec<WheelFile>,
    /// Source distributions, by file name.
    pub sources: Vec<String>,
    /// Files that are called wheels and cannot be read, each with the reason.
    pub unreadable: Vec<(String, String)>,
}

/// One wheel.
#[derive(Debug, Clone)]
pub struct WheelFile {
    /// Its file name.
    pub file_name: String,
    /// What it says of itself in its `METADATA`.
    pub distribution: Distribution,
}
