//! For each entry of a lock and each target: is there a wheel, must it be built, can it be had at all?

use std::collections::BTreeSet;

use pep440_rs::Version;
use pep508_rs::PackageName;
use serde::Serialize;

use super::{Tags, WheelName, source_version};
use crate::{
    IndexFile, IndexFiles, Lock, LockEntry, LockFile, Provenance, Target,
    rules::{Graph, Markers, satisfies},
};

/// What of a lock can be had for some targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// One row an entry, in the order of the lock.
    pub rows: Vec<CoverageRow>,
}

/// What of one entry can be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageRow {
    /// The distribution.
    pub name: PackageName,
    /// The pinned version; none where the lock leaves it open.
    pub version: Option<Version>,
    /// Line in the lock, counted from 1.
    pub line: Option<usize>,
    /// One for each target, in their order.
    pub targets: Vec<Availability>,
}

/// What can be had for one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Availability {
    /// Markers exclude the target, or nothing that it needs leads there.
    NotNeeded,
    /// A wheel that fits, the one that an installer takes.
    Wheel {
        /// Its file name.
        file: String,
    },
    /// No wheel fits; there is a source distribution to build.
    SourceOnly {
        /// Its file name.
        file: String,
    },
    /// No file of the pinned version fits.
    Nothing {
        /// The nearest version that could be had, where an index shows one: the next above the pinned one, else
        /// the highest.
        instead: Option<String>,
    },
    /// The lock names no files and no index was asked; or the entry is no distribution of an index.
    Unknown,
}

/// Judges each entry of a lock for each target by the files that the lock names or, where it names none, by those of
/// an index. Only the pinned version counts.
#[must_use]
pub fn coverage(lock: &Lock, targets: &[Target], index: &dyn IndexFiles) -> Coverage {
    let judges: Vec<_> = targets.iter().map(|target| Judge::new(lock, target)).collect();
    let rows = lock.entries.iter().map(|entry| CoverageRow {
        name: entry.name.clone(),
        version: entry.version.clone(),
        line: entry.line,
        targets: judges.iter().map(|judge| judge.availability(entry, index)).collect(),
    });
    Coverage { rows: rows.collect() }
}

struct Judge {
    markers: Markers,
    /// What the target needs, where the lock holds what others need too and its entries do not say it.
    needed: Option<BTreeSet<(PackageName, Option<Version>)>>,
    tags: Option<Tags>,
}

/// A file of one version that a target may use.
enum Candidate {
    Wheel(WheelName),
    Source,
}

impl Judge {
    fn new(lock: &Lock, target: &Target) -> Self {
        let needed = (lock.file == LockFile::Uv).then(|| Graph::of_lock(lock, target).needed());
        Self { markers: Markers::of(target), needed, tags: Tags::of(target) }
    }

    fn needs(&self, entry: &LockEntry) -> bool {
        let key = || (entry.name.clone(), entry.version.clone());
        self.markers.apply(&entry.marker, &[])
            && self.needed.as_ref().is_none_or(|needed| needed.contains(&key()))
    }

    fn availability(&self, entry: &LockEntry, index: &dyn IndexFiles) -> Availability {
        if !self.needs(entry) {
            return Availability::NotNeeded;
        }
        let (Some(version), Some(tags)) = (&entry.version, &self.tags) else { return Availability::Unknown };
        if entry.provenance != Provenance::Index {
            return Availability::Unknown;
        }
        let named: Option<Vec<IndexFile>> = entry.files.as_ref().map(|names| {
            names.iter().map(|name| IndexFile { name: name.clone(), ..IndexFile::default() }).collect()
        });
        let offered = index.files(&entry.name);
        let Some(files) = named.as_deref().or(offered) else { return Availability::Unknown };
        self.of_version(&entry.name, version, files, tags).unwrap_or_else(|| Availability::Nothing {
            instead: offered
                .and_then(|files| self.instead(&entry.name, version, files, tags))
                .map(|version| version.to_string()),
        })
    }

    /// The best file of one version; none if nothing fits.
    fn of_version(
        &self,
        name: &PackageName,
        version: &Version,
        files: &[IndexFile],
        tags: &Tags,
    ) -> Option<Availability> {
        let mut wheels = Vec::new();
        let mut source = None;
        for file in files {
            match self.candidate(name, file).filter(|(found, _)| is_version(found, version)) {
                Some((_, Candidate::Wheel(wheel))) => {
                    wheels.extend(tags.rank(&wheel).map(|rank| (rank, file)))
                }
                Some((_, Candidate::Source)) => source = Some(file),
                None => {}
            }
        }
        let best = wheels.into_iter().min_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
        best.map(|(_, file)| Availability::Wheel { file: file.name.clone() })
            .or_else(|| source.map(|file| Availability::SourceOnly { file: file.name.clone() }))
    }

    /// The version of a file and what it is; none if it is for another Python or no distribution.
    fn candidate(&self, name: &PackageName, file: &IndexFile) -> Option<(Version, Candidate)> {
        if file.requires_python.as_ref().is_some_and(|pythons| !satisfies(self.markers.python(), pythons)) {
            return None;
        }
        if let Ok(wheel) = file.name.parse::<WheelName>() {
            return (wheel.name == *name).then(|| (wheel.version.clone(), Candidate::Wheel(wheel)));
        }
        source_version(&file.name, name).map(|version| (version, Candidate::Source))
    }

    /// The version to name to a person who cannot have the pinned one.
    fn instead(
        &self,
        name: &PackageName,
        pinned: &Version,
        files: &[IndexFile],
        tags: &Tags,
    ) -> Option<Version> {
        let mut fitting: Vec<Version> = files
            .iter()
            .filter(|file| !file.yanked)
            .filter_map(|file| match self.candidate(name, file)? {
                (version, Candidate::Wheel(wheel)) => tags.rank(&wheel).map(|_| version),
                (version, Candidate::Source) => Some(version),
            })
            .filter(|version| !version.any_prerelease())
            .collect();
        fitting.sort();
        fitting.iter().find(|version| *version > pinned).or(fitting.last()).cloned()
    }
}

/// Whether a file's version is the pinned one: without a local part in the pin, any local build of it is.
fn is_version(file: &Version, pinned: &Version) -> bool {
    if pinned.is_local() { file == pinned } else { file.clone().without_local() == *pinned }
}
