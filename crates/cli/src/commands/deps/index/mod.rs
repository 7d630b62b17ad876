//! The package index: what files there are of each package. This is the only part of the dependency analysis that
//! asks a network, and only for `wheels`, or where an index is named.

mod client;
mod configured;
mod page;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use pep508_rs::PackageName;
use rhapsode_deps::{IndexFile, Lock, LockEntry, LockFile, Provenance};

use self::client::{IndexError, Indexes};
use crate::{
    args::deps::DepsIndexArgs,
    environment,
    failure::{Failure, Kind},
};

/// Files by package.
pub(super) type Files = BTreeMap<PackageName, Vec<IndexFile>>;

/// The files of one package, if an index is named for it.
pub(super) async fn named(args: &DepsIndexArgs, package: &PackageName) -> Result<Option<Files>, Failure> {
    match of_arguments(args)? {
        Some(indexes) => Ok(Some(indexes.files([package.clone()]).await?)),
        None => Ok(None),
    }
}

/// The files of every package of a lock whose files it does not name itself. Where no index is named, those are asked
/// that an installer would ask.
pub(super) async fn of_lock(lock: &Lock, args: &DepsIndexArgs) -> Result<Files, Failure> {
    let unknown = |entry: &&LockEntry| entry.files.is_none() && entry.provenance == Provenance::Index;
    let names: BTreeSet<PackageName> =
        lock.entries.iter().filter(unknown).map(|entry| entry.name.clone()).collect();
    let indexes = match of_arguments(args)? {
        Some(indexes) => indexes,
        None if names.is_empty() => return Ok(Files::new()),
        None => Indexes::at(&usual(lock)?)?,
    };
    Ok(indexes.files(names).await?)
}

fn of_arguments(args: &DepsIndexArgs) -> Result<Option<Indexes>, IndexError> {
    match (&args.pages, args.indexes.as_slice()) {
        (Some(folder), _) => Indexes::saved(folder).map(Some),
        (None, []) => Ok(None),
        (None, addresses) => Indexes::at(addresses).map(Some),
    }
}

/// The indexes that an installer would ask: those that the lock itself names, over and beside those of this machine.
fn usual(lock: &Lock) -> Result<Vec<String>, Failure> {
    let own = |names: &'static [&str]| {
        lock.options
            .iter()
            .filter(|option| names.contains(&option.name.as_str()))
            .map(|option| option.value.clone())
    };
    let main: Vec<String> = own(&["--index-url", "-i"]).collect();
    let main = if main.is_empty() { configured(lock)? } else { main };
    Ok(main.into_iter().chain(own(&["--extra-index-url"])).collect())
}

fn configured(lock: &Lock) -> Result<Vec<String>, Failure> {
    let files = environment::pip_files();
    let files = files.iter().map(|path| path.as_path());
    let found = configured::indexes(&environment::installer_variables(), files)
        .map_err(|reason| Failure::new(Kind::Configuration, format!("failed to {reason}"), None))?;
    if found.is_empty() {
        let what = match lock.file {
            LockFile::Pylock | LockFile::Uv => "not every entry names its files",
            LockFile::Requirements | LockFile::Input => "it names no files",
        };
        let message = format!("failed to look up the wheels of {}: {what}", lock.path.display());
        let hint =
            "name the package index with --index URL, or set PIP_INDEX_URL, or give saved pages with --pages";
        return Err(Failure::new(Kind::Usage, message, Some(hint)));
    }
    Ok(found)
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        let (kind, hint) = match &error {
            IndexError::Address { .. } => {
                (Kind::Usage, "an index is named by its URL, such as --index https://host/simple")
            }
            IndexError::Answer { .. } => {
                (Kind::Files, "name another index with --index, or saved pages with --pages")
            }
            IndexError::File { .. } => {
                (Kind::Files, "a page is the JSON or HTML that an index has of one package")
            }
        };
        Self::new(kind, format!("failed to {error}"), Some(hint))
    }
}
