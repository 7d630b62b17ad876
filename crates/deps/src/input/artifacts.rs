//! What a container's build leaves behind: `dependency_artifacts` and, beside it, `environment_info`.
//!
//! Several files tell of the same environment. The report tells most and comes first, then `pip inspect`, then the
//! tree; the lists of versions are what the others are held against.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use pep440_rs::Version;
use pep508_rs::PackageName;

use super::{file, inspect, markers, markers::MarkerValues, report, requirements, tree};
use crate::{
    DepsError,
    model::{Accelerator, Environment, Lock, LockEntry, Packages, Target},
};

const INSPECTION: &str = "pip_inspect.json";
const REPORT: &str = "dependencies_report.json";
const TREE: &str = "dependency_tree.json";
const FROZEN: &str = "frozen_deps.txt";
const EXPLICIT: &str = "explicit_deps.txt";
const LOCK: &str = "requirements.lock.txt";
const ENVIRONMENT: &str = "environment.txt";

/// Where the lists lie that are not with the artifacts.
const BESIDE: &str = "environment_info";

/// Reads a folder of artifacts; none if it is not one.
pub(super) fn open(path: &Path) -> Option<Result<Packages, DepsError>> {
    let folder = Folder(path);
    [REPORT, INSPECTION, TREE, FROZEN, EXPLICIT]
        .iter()
        .any(|name| path.join(name).is_file())
        .then(|| folder.read())
}

struct Folder<'a>(&'a Path);

impl Folder<'_> {
    /// The path of a file, if it is there: in the folder, or in the one beside it.
    fn find(&self, name: &str) -> Option<PathBuf> {
        let here = self.0.join(name);
        let beside = self.0.parent().map(|parent| parent.join(BESIDE).join(name));
        Some(here).into_iter().chain(beside).find(|path| path.is_file())
    }

    fn bytes(&self, name: &str) -> Result<Option<(String, Vec<u8>)>, DepsError> {
        self.find(name).map(|path| Ok((path.display().to_string(), file::bytes(&path)?))).transpose()
    }

    fn read(&self) -> Result<Packages, DepsError> {
        let notes = self.bytes(ENVIRONMENT)?.map(|(_, bytes)| Notes::read(&bytes)).unwrap_or_default();
        let frozen = self.frozen()?;
        let Some(mut environment) = self.environment(&notes)? else {
            return Ok(match (notes.target(), frozen) {
                (Some(target), frozen) => {
                    let mut environment = Environment::new(target);
                    environment.built = (!frozen.is_empty()).then_some(frozen);
                    Packages::Environment(Box::new(environment))
                }
                (None, _) => Packages::Lock(Box::new(self.list()?)),
            });
        };
        if environment.built.is_none() && !frozen.is_empty() {
            environment.built = Some(frozen);
        }
        if environment.locked.is_none()
            && let Some(path) = self.find(LOCK)
        {
            environment.locked = Some(fixed(&requirements::open(&path)?, &environment.target));
        }
        if environment.accelerator.is_none() {
            environment.accelerator = notes.accelerator();
        }
        Ok(Packages::Environment(Box::new(environment)))
    }

    /// The environment, by the file that tells most of it.
    fn environment(&self, notes: &Notes) -> Result<Option<Environment>, DepsError> {
        if let Some((input, bytes)) = self.bytes(REPORT)?
            && let Packages::Environment(environment) = report::read(&input, &bytes)?
        {
            return Ok(Some(*environment));
        }
        if let Some((input, bytes)) = self.bytes(INSPECTION)? {
            return inspect::read(&input, &bytes).map(Some);
        }
        let Some((input, bytes)) = self.bytes(TREE)? else { return Ok(None) };
        let mut environment = tree::read(&input, &bytes)?;
        if let Some(target) = notes.target() {
            environment.target = target;
        }
        Ok(Some(environment))
    }

    /// What the build says that it installed.
    fn frozen(&self) -> Result<BTreeMap<PackageName, Version>, DepsError> {
        let mut versions = BTreeMap::new();
        for name in [FROZEN, EXPLICIT] {
            if let Some(path) = self.find(name) {
                versions.extend(requirements::open(&path)?.entries.iter().filter_map(name_and_version));
            }
        }
        Ok(versions)
    }

    /// The list alone, where nothing tells the Python that it is of.
    fn list(&self) -> Result<Lock, DepsError> {
        let path = self.find(FROZEN).or_else(|| self.find(EXPLICIT));
        requirements::open(&path.unwrap_or_else(|| self.0.join(FROZEN)))
    }
}

/// The versions of a lock that hold for a target.
fn fixed(lock: &Lock, target: &Target) -> BTreeMap<PackageName, Version> {
    let holds = |entry: &&LockEntry| entry.marker.evaluate(&target.markers, &[]);
    lock.entries.iter().filter(holds).filter_map(name_and_version).collect()
}

fn name_and_version(entry: &LockEntry) -> Option<(PackageName, Version)> {
    Some((entry.name.clone(), entry.version.clone()?))
}

/// `environment.txt`: `Python: 3.11.7`, `Platform: Linux-6.12.0-x86_64-with-glibc2.36`, `CUDA: 12.4`.
#[derive(Default)]
struct Notes {
    python: Option<String>,
    platform: Option<String>,
    cuda: Option<String>,
}

impl Notes {
    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let value = |key: &str| {
            text.lines().filter_map(|line| line.split_once([':', '='])).find_map(|(name, value)| {
                let name = name.trim().to_lowercase();
                let is_key = name == key || name == format!("{key} version");
                is_key.then(|| value.trim().to_owned()).filter(|value| !value.is_empty())
            })
        };
        Self { python: value("python"), platform: value("platform"), cuda: value("cuda") }
    }

    fn target(&self) -> Option<Target> {
        let python = self.python.as_deref()?.trim_start_matches("Python ").split_whitespace().next()?;
        let platform = self.platform.as_deref().unwrap_or_default();
        let (machine, system) = (
            ["x86_64", "aarch64", "arm64", "AMD64"].into_iter().find(|machine| platform.contains(machine)),
            ["Linux", "macOS", "Darwin", "Windows"].into_iter().find(|system| platform.contains(system)),
        );
        let glibc = platform.rsplit_once("glibc").and_then(|(_, version)| markers::two_numbers(version));
        let machine = machine.unwrap_or(std::env::consts::ARCH);
        MarkerValues::of(python, system.unwrap_or(std::env::consts::OS), machine).target(glibc).ok()
    }

    /// The CUDA version of the build, where it is one.
    fn accelerator(&self) -> Option<Accelerator> {
        let cuda = markers::two_numbers(self.cuda.as_deref()?)?;
        Some(Accelerator { cuda: Some(cuda), ..Accelerator::default() })
    }
}
