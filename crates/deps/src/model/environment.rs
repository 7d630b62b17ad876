//! An environment: what is installed, and what its server says of it.

use std::{collections::BTreeMap, path::PathBuf};

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{ExtraName, PackageName, Requirement};

use super::Target;

/// An environment and what is known of it.
#[derive(Debug, Clone)]
pub struct Environment {
    /// For whom its markers are evaluated.
    pub target: Target,
    /// What is installed. A distribution that is there twice is here twice.
    pub distributions: Vec<Distribution>,
    /// What was asked for by name when it was made, if that is known; extras included.
    pub requested: Vec<Requirement>,
    /// What the backend says that it was built against.
    pub pins: Vec<Pin>,
    /// Modules that were imported to see whether they work.
    pub imports: Vec<ImportProbe>,
    /// The accelerator that the environment sees, if a report speaks of it.
    pub accelerator: Option<Accelerator>,
    /// What the build of the container said of itself.
    pub verification: Option<Verification>,
    /// What the build installed, by name, where its artifacts are beside the live state.
    pub built: Option<BTreeMap<PackageName, Version>>,
    /// What was locked, by name, where a lock lies beside the environment.
    pub locked: Option<BTreeMap<PackageName, Version>>,
    /// Distributions whose metadata cannot be read, each with the reason.
    pub unreadable: Vec<(String, String)>,
}

impl Environment {
    /// An environment of which nothing more is known than for whom it is.
    #[must_use]
    pub fn new(target: Target) -> Self {
        Self {
            target,
            distributions: Vec::new(),
            requested: Vec::new(),
            pins: Vec::new(),
            imports: Vec::new(),
            accelerator: None,
            verification: None,
            built: None,
            locked: None,
            unreadable: Vec::new(),
        }
    }
}

/// One installed distribution.
#[derive(Debug, Clone)]
pub struct Distribution {
    /// Its normalised name.
    pub name: PackageName,
    /// Its version, local part included: `2.2.0+cu121`.
    pub version: Version,
    /// What it asks for, extras included.
    pub requires: Vec<Requirement>,
    /// Requirements that are not PEP 508, each with the reason.
    pub unparsable: Vec<(String, String)>,
    /// The Pythons that it runs on.
    pub requires_python: Option<VersionSpecifiers>,
    /// Extras that it has.
    pub extras: Vec<ExtraName>,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Its `.dist-info` or `.egg-info` folder, where it is on disk.
    pub metadata_path: Option<PathBuf>,
    /// Whether another copy of it is found first by an import.
    pub shadowed: bool,
}

/// Where a distribution was installed from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Provenance {
    /// An index.
    #[default]
    Index,
    /// A file, folder or repository (`direct_url.json`): its version need not be on any index.
    Direct(String),
}

/// A pin that a backend declares.
#[derive(Debug, Clone)]
pub struct Pin {
    /// The name and the versions that it needs.
    pub requirement: Requirement,
    /// How much hangs on it.
    pub tier: Tier,
    /// Why it is pinned, where the backend says so.
    pub reason: Option<String>,
}

/// How much hangs on a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// A lower bound that is good to have: broken, it is a warning.
    Minimum,
    /// An exact version of a distribution that only this engine uses: broken, it is an error.
    Specific,
    /// The core (torch, numpy, transformers): broken or missing, it is an error.
    Critical,
}

/// A module that was imported to see whether it works.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportProbe {
    /// The module: `torchvision.ops`.
    pub module: String,
    /// What it must have that is not None: `nms`.
    pub attribute: Option<String>,
    /// What went wrong, if it did.
    pub error: Option<String>,
}

/// The accelerator of a backend.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accelerator {
    /// What the backend needs: `cuda`, `mps`; nothing if it runs on the processor.
    pub required: Option<String>,
    /// What it runs on: `cuda`, `cpu`.
    pub device: Option<String>,
    /// Name of the device, for people.
    pub name: Option<String>,
    /// Compute capability of the device: 8.7 is `(8, 7)`.
    pub capability: Option<(u16, u16)>,
    /// Architectures of the build: `sm_80`, `compute_90`.
    pub architectures: Vec<String>,
    /// CUDA version that the build is for.
    pub cuda: Option<(u16, u16)>,
    /// Version of the driver.
    pub driver: Option<String>,
    /// Highest CUDA version that the driver serves.
    pub driver_cuda: Option<(u16, u16)>,
}

/// What the build of a container said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// What failed; nothing if all is well.
    pub failures: Vec<String>,
}
