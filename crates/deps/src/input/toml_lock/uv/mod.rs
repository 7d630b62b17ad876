//! `uv.lock`: every version for every platform, one name more than once where markers fork it.

mod reach;
mod schema;

use std::{path::Path, str::FromStr};

use pep508_rs::{ExtraName, MarkerTree, PackageName, Requirement, VersionOrUrl};
use schema::{Archive, Declared, Dependency, Package, Source, UvLock};

use super::{file_of, line_at, parse};
use crate::{
    DepsError,
    input::{declared::version, file, requirement},
    model::{Lock, LockEntry, LockFile, Provenance},
};

/// Version of the format that is understood. Revisions of it add keys.
const VERSION: u32 = 1;

/// Reads the text of a lock.
pub(in crate::input) fn read(input: &str, bytes: &[u8]) -> Result<Lock, DepsError> {
    let text = file::text(input, bytes)?;
    let uv: UvLock = parse(input, text)?;
    if uv.version > VERSION {
        let reason = format!("it has version {}, and only {VERSION} is known", uv.version);
        return Err(file::malformed(input, None, reason));
    }
    let mut lock = Lock::new(LockFile::Uv, Path::new(input));
    let specifiers = uv.requires_python.as_deref().map(requirement::specifiers).transpose();
    lock.requires_python = specifiers
        .map_err(|reason| file::malformed(input, None, format!("its requires-python: {reason}")))?;
    let overridden: Vec<&str> = uv.manifest.overrides.iter().map(|declared| declared.name.as_str()).collect();
    for package in &uv.packages {
        let line = line_at(text, package.name.span().start);
        let entry = package.entry(line, &overridden).map_err(|reason| {
            file::malformed(input, Some(line), format!("{}: {reason}", package.name.get_ref()))
        })?;
        lock.entries.push(entry);
    }
    for (entry, reached) in lock.entries.iter_mut().zip(reach::markers(&uv.packages)) {
        entry.marker.and(reached);
    }
    Ok(lock)
}

impl Package {
    fn entry(&self, line: usize, overridden: &[&str]) -> Result<LockEntry, String> {
        let name = name(self.name.get_ref())?;
        let archives = || self.wheels.iter().chain(&self.sdist);
        let (index, provenance) = match &self.source {
            Some(source) => source.place(),
            None => (None, Provenance::Index),
        };
        let files: Vec<String> = archives().filter_map(Archive::file_name).collect();
        Ok(LockEntry {
            version: self.version.as_deref().map(version).transpose()?,
            marker: any_of(&self.resolution_markers)?,
            requires: Some(self.requires(overridden)?),
            hashes: archives().filter_map(|archive| archive.hash.clone()).collect(),
            files: (!files.is_empty()).then_some(files),
            index,
            provenance,
            line: Some(line),
            ..LockEntry::new(name)
        })
    }

    /// What it asks for: as declared where the lock says that, otherwise what the lock resolved it to.
    fn requires(&self, overridden: &[&str]) -> Result<Vec<Requirement>, String> {
        if let Some(declared) = self.metadata.as_ref().and_then(|metadata| metadata.requires_dist.as_ref()) {
            return declared.iter().map(|declared| declared.requirement(overridden)).collect();
        }
        let mut requires = Vec::new();
        for dependency in &self.dependencies {
            requires.push(dependency.requirement()?);
        }
        for (extra, dependencies) in &self.optional_dependencies {
            let extra =
                ExtraName::from_str(extra).map_err(|_| format!("{extra:?} is not a name of an extra"))?;
            for dependency in dependencies {
                requires.push(dependency.requirement()?.with_extra_marker(&extra));
            }
        }
        Ok(requires)
    }
}

impl Source {
    /// The index, and where the package comes from if not from one.
    fn place(&self) -> (Option<String>, Provenance) {
        let direct = [&self.git, &self.url, &self.path, &self.directory, &self.editable, &self.virtual_];
        match direct.into_iter().flatten().next() {
            Some(place) => (None, Provenance::Direct(place.clone())),
            None => (self.registry.clone(), Provenance::Index),
        }
    }
}

impl Dependency {
    fn requirement(&self) -> Result<Requirement, String> {
        let exact = self.version.as_deref().map(|version| format!("=={version}"));
        build(&self.name, &self.extra, exact.as_deref(), self.marker.as_deref())
    }
}

impl Declared {
    fn requirement(&self, overridden: &[&str]) -> Result<Requirement, String> {
        let is_overridden = overridden.contains(&self.name.as_str());
        let specifier = self.specifier.as_deref().filter(|_| !is_overridden);
        build(&self.name, &self.extras, specifier, self.marker.as_deref())
    }
}

impl Archive {
    fn file_name(&self) -> Option<String> {
        file_of(self.filename.as_ref(), self.url.as_ref(), self.path.as_ref())
    }
}

fn build(
    package: &str,
    extras: &[String],
    specifier: Option<&str>,
    marker: Option<&str>,
) -> Result<Requirement, String> {
    let versions =
        specifier.filter(|text| !text.trim().is_empty()).map(requirement::specifiers).transpose()?;
    Ok(Requirement {
        name: name(package)?,
        extras: extras.iter().filter_map(|extra| ExtraName::from_str(extra).ok()).collect(),
        version_or_url: versions.map(VersionOrUrl::VersionSpecifier),
        marker: requirement::marker(marker.unwrap_or_default())?,
        origin: None,
    })
}

fn name(text: &str) -> Result<PackageName, String> {
    PackageName::from_str(text).map_err(|_| format!("{text:?} is not a name of a distribution"))
}

/// For whom a fork is: any of its markers; without one, everyone.
fn any_of(markers: &[String]) -> Result<MarkerTree, String> {
    let Some((first, rest)) = markers.split_first() else { return Ok(MarkerTree::TRUE) };
    let mut tree = requirement::marker(first)?;
    for marker in rest {
        tree.or(requirement::marker(marker)?);
    }
    Ok(tree)
}
