//! `pylock.toml`, PEP 751.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    str::FromStr,
};

use pep508_rs::{MarkerTree, PackageName, Requirement, VersionOrUrl};
use serde::Deserialize;
use toml::Spanned;

use super::{file_of, line_at, parse};
use crate::{
    DepsError,
    input::{declared::version, file, requirement},
    model::{Lock, LockEntry, LockFile, Provenance},
};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Pylock {
    lock_version: String,
    requires_python: Option<String>,
    #[serde(default)]
    default_groups: Vec<String>,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: Spanned<String>,
    version: Option<String>,
    marker: Option<String>,
    requires_python: Option<String>,
    dependencies: Option<Vec<Dependency>>,
    index: Option<String>,
    vcs: Option<Place>,
    directory: Option<Place>,
    archive: Option<Archive>,
    sdist: Option<Archive>,
    #[serde(default)]
    wheels: Vec<Archive>,
}

/// A reference to another package of the lock; other keys only help to tell packages of one name apart.
#[derive(Deserialize)]
struct Dependency {
    name: String,
    version: Option<String>,
}

#[derive(Deserialize)]
struct Place {
    url: Option<String>,
    path: Option<String>,
}

#[derive(Deserialize)]
struct Archive {
    name: Option<String>,
    url: Option<String>,
    path: Option<String>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

/// Reads the text of a lock.
pub(in crate::input) fn read(input: &str, bytes: &[u8]) -> Result<Lock, DepsError> {
    let text = file::text(input, bytes)?;
    let pylock: Pylock = parse(input, text)?;
    let malformed = |line, reason| file::malformed(input, line, reason);
    if pylock.lock_version.split('.').next() != Some("1") {
        let reason = format!("it has version {}, and only 1 is known", pylock.lock_version);
        return Err(malformed(None, reason));
    }
    let mut lock = Lock::new(LockFile::Pylock, Path::new(input));
    let specifiers = pylock.requires_python.as_deref().map(requirement::specifiers).transpose();
    lock.requires_python =
        specifiers.map_err(|reason| malformed(None, format!("its requires-python: {reason}")))?;
    for package in &pylock.packages {
        let line = line_at(text, package.name.span().start);
        let entry = package.entry(line, &pylock.default_groups);
        lock.entries.push(
            entry.map_err(|reason| malformed(Some(line), format!("{}: {reason}", package.name.get_ref())))?,
        );
    }
    add_requirements(&mut lock, &pylock);
    Ok(lock)
}

/// A dependency has no marker of its own: it is there for whom the package that it means is there.
fn add_requirements(lock: &mut Lock, pylock: &Pylock) {
    let mut markers: HashMap<PackageName, MarkerTree> = HashMap::new();
    for entry in &lock.entries {
        markers.entry(entry.name.clone()).or_insert(MarkerTree::FALSE).or(entry.marker.clone());
    }
    for (entry, package) in lock.entries.iter_mut().zip(&pylock.packages) {
        let Some(dependencies) = &package.dependencies else { continue };
        let requirements = dependencies.iter().filter_map(|dependency| {
            let name = PackageName::from_str(&dependency.name).ok()?;
            let exact = dependency.version.as_deref().map(|version| format!("=={version}"));
            Some(Requirement {
                marker: markers.get(&name).cloned().unwrap_or(MarkerTree::TRUE),
                name,
                extras: Vec::new(),
                version_or_url: exact
                    .and_then(|exact| requirement::specifiers(&exact).ok())
                    .map(VersionOrUrl::VersionSpecifier),
                origin: None,
            })
        });
        entry.requires = Some(requirements.collect());
    }
}

impl Package {
    fn entry(&self, line: usize, default_groups: &[String]) -> Result<LockEntry, String> {
        let name = PackageName::from_str(self.name.get_ref())
            .map_err(|_| format!("{:?} is not a name of a distribution", self.name.get_ref()))?;
        let archives = || self.wheels.iter().chain(&self.sdist).chain(&self.archive);
        let files: Vec<String> = archives().filter_map(Archive::file_name).collect();
        let place = self.vcs.as_ref().or(self.directory.as_ref());
        let direct = match (place, &self.archive) {
            (Some(place), _) => Some(place.url.as_ref().or(place.path.as_ref()).cloned().unwrap_or_default()),
            (None, Some(archive)) => archive.url.as_ref().or(archive.path.as_ref()).cloned(),
            (None, None) => None,
        };
        let marker = self.marker.as_deref().unwrap_or_default();
        Ok(LockEntry {
            version: self.version.as_deref().map(version).transpose()?,
            marker: requirement::marker(&selected(marker, default_groups))?,
            requires_python: self.requires_python.as_deref().map(requirement::specifiers).transpose()?,
            hashes: archives().flat_map(Archive::hashes).collect(),
            files: (!files.is_empty()).then_some(files),
            index: self.index.clone(),
            provenance: direct.map_or(Provenance::Index, Provenance::Direct),
            line: Some(line),
            ..LockEntry::new(name)
        })
    }
}

impl Archive {
    fn file_name(&self) -> Option<String> {
        file_of(self.name.as_ref(), self.url.as_ref(), self.path.as_ref())
    }

    fn hashes(&self) -> impl Iterator<Item = String> {
        self.hashes.iter().map(|(algorithm, hash)| format!("{algorithm}:{hash}"))
    }
}

/// Rewrites `'x' in extras` and `'x' in dependency_groups`, which only this format has, into what a marker can say:
/// an extra is one, and a group is there if it is among the defaults.
fn selected(marker: &str, default_groups: &[String]) -> String {
    const NEVER: &str = "python_version < '0'";
    const ALWAYS: &str = "python_version >= '0'";
    let mut rest = marker;
    let mut rewritten = String::new();
    while let Some(at) = rest.find(['\'', '"']) {
        let quote = &rest[at..=at];
        let Some(length) = rest[at + 1..].find(quote) else { break };
        let (value, after) = (&rest[at + 1..at + 1 + length], &rest[at + 2 + length..]);
        let (is_in, tail) = match after.trim_start() {
            tail if tail.starts_with("in ") => (true, tail[3..].trim_start()),
            tail if tail.starts_with("not in ") => (false, tail[7..].trim_start()),
            _ => {
                rewritten.push_str(&rest[..at + 2 + length]);
                rest = after;
                continue;
            }
        };
        rewritten.push_str(&rest[..at]);
        if let Some(tail) = tail.strip_prefix("extras") {
            rewritten.push_str(&format!("extra {} '{value}'", if is_in { "==" } else { "!=" }));
            rest = tail;
        } else if let Some(tail) = tail.strip_prefix("dependency_groups") {
            let holds = default_groups.iter().any(|group| group == value) == is_in;
            rewritten.push_str(if holds { ALWAYS } else { NEVER });
            rest = tail;
        } else {
            rewritten.push_str(&rest[at..at + 2 + length]);
            rest = after;
        }
    }
    rewritten.push_str(rest);
    rewritten
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extras_and_groups_become_markers() {
        let groups = ["main".to_owned()];
        let of = |marker: &str| selected(marker, &groups);
        assert_eq!(of("'x' in extras and os_name == 'nt'"), "extra == 'x' and os_name == 'nt'");
        assert_eq!(of("\"main\" in dependency_groups"), "python_version >= '0'");
        assert_eq!(
            of("'dev' in dependency_groups or 'x' not in extras"),
            "python_version < '0' or extra != 'x'"
        );
        assert_eq!(of("'linux' in sys_platform"), "'linux' in sys_platform");
        assert_eq!(of("os_name == 'n"), "os_name == 'n");
    }
}
