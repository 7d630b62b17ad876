//! The package index: what files there are of each package. This is the only part of the dependency analysis that
//! asks a network, and it does so for `rhapsode deps wheels` alone.

mod client;
mod configured;
mod page;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use pep508_rs::PackageName;
use rhapsode_deps::{IndexFile, Lock, LockFile, Provenance};

use self::client::{IndexError, Indexes};
use crate::{
    environment,
    failure::{Failure, Kind},
};

/// Where the files of packages are looked up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// These indexes; where none is named, those that `pip` or `uv` are configured with.
    Indexes(&'a [String]),
    /// Pages that were saved.
    Pages(&'a Path),
}

/// The files of every package of a lock whose files it does not name itself.
pub(super) async fn files(
    lock: &Lock,
    asked: Asked<'_>,
) -> Result<BTreeMap<PackageName, Vec<IndexFile>>, Failure> {
    let unknown = |entry: &&rhapsode_deps::LockEntry| entry.files.is_none() && entry.provenance == Provenance::Index;
    let names: BTreeSet<PackageName> =
        lock.entries.iter().filter(unknown).map(|entry| entry.name.clone()).collect();
    let indexes = match asked {
        Asked::Pages(folder) => Indexes::saved(folder)?,
        Asked::Indexes([]) if names.is_empty() => return Ok(BTreeMap::new()),
        Asked::Indexes([]) => Indexes::at(&usual(lock)?)?,
        Asked::Indexes(addresses) => Indexes::at(addresses)?,
    };
    Ok(indexes.files(names).await?)
}

/// The indexes that an installer would ask: those that the lock itself names, over and beside those of this machine.
fn usual(lock: &Lock) -> Result<Vec<String>, Failure> {
    let own = |names: &'static [&str]| {
        lock.options.iter().filter(|option| names.contains(&option.name.as_str())).map(|option| option.value.clone())
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
        let hint = "name the package index with --index URL, or set PIP_INDEX_URL, or give saved pages with --pages";
        return Err(Failure::new(Kind::Usage, message, Some(hint)));
    }
    Ok(found)
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        let (kind, hint) = match &error {
            IndexError::Address { .. } => (Kind::Usage, "an index is named by its URL, such as --index https://host/simple"),
            IndexError::Answer { .. } => (Kind::Files, "name another index with --index, or saved pages with --pages"),
            IndexError::File { .. } => (Kind::Files, "a page is the JSON or HTML that an index has of one package"),
        };
        Self::new(kind, format!("failed to {error}"), Some(hint))
    }
}
