//! What is to be installed: locks, the requirements that they are made from, and folders of wheels.

use std::path::{Path, PathBuf};

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{MarkerTree, PackageName, Requirement};

use super::{Distribution, Provenance};

/// A lock, or the requirements that one is made from.
#[derive(Debug, Clone)]
pub struct Lock {
    /// What kind of file it is.
    pub file: LockFile,
    /// Where it lies.
    pub path: PathBuf,
    /// Its entries. One name may have several, for different platforms.
    pub entries: Vec<LockEntry>,
    /// Entries of constraint files (`-c`): they limit versions and ask for nothing.
    pub constraints: Vec<LockEntry>,
    /// Paths and addresses without a name: what they hold is not known.
    pub unnamed: Vec<Unnamed>,
    /// Options on lines of their own.
    pub options: Vec<LockOption>,
    /// The Pythons that it is for.
    pub requires_python: Option<VersionSpecifiers>,
    /// Files that it was made from and that are newer than it.
    pub newer_inputs: Vec<PathBuf>,
}

impl Lock {
    /// A lock without entries.
    #[must_use]
    pub fn new(file: LockFile, path: &Path) -> Self {
        Self {
            file,
            path: path.to_owned(),
            entries: Vec::new(),
            constraints: Vec::new(),
            unnamed: Vec::new(),
            options: Vec::new(),
            requires_python: None,
            newer_inputs: Vec::new(),
        }
    }
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
    /// Where its files come from: what is not from an index has neither wheels nor hashes that could be asked for.
    pub provenance: Provenance,
    /// The included file (`-r`, `-c`) that it stands in; none if that is the lock itself.
    pub file: Option<PathBuf>,
    /// Line, counted from 1; none where the format has no lines worth naming.
    pub line: Option<usize>,
}

impl LockEntry {
    /// An entry for everyone, of which only the name is known.
    #[must_use]
    pub fn new(name: PackageName) -> Self {
        Self {
            name,
            version: None,
            requirement: None,
            marker: MarkerTree::TRUE,
            requires: None,
            requires_python: None,
            hashes: Vec::new(),
            files: None,
            index: None,
            via: Vec::new(),
            provenance: Provenance::Index,
            file: None,
            line: None,
        }
    }
}

/// A path or address on a line of its own, without a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unnamed {
    /// What stands there: `./wheels/engine`, `-e .`.
    pub text: String,
    /// The included file that it stands in; none if that is the lock itself.
    pub file: Option<PathBuf>,
    /// Line, counted from 1.
    pub line: usize,
}

/// An option on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockOption {
    /// Its name: `--find-links`.
    pub name: String,
    /// What it says.
    pub value: String,
    /// The included file that it stands in; none if that is the lock itself.
    pub file: Option<PathBuf>,
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

impl WheelFolder {
    /// An empty folder.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), wheels: Vec::new(), sources: Vec::new(), unreadable: Vec::new() }
    }
}

/// One wheel.
#[derive(Debug, Clone)]
pub struct WheelFile {
    /// Its file name.
    pub file_name: String,
    /// What it says of itself in its `METADATA`.
    pub distribution: Distribution,
}
