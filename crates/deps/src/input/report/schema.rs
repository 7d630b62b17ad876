//! The dependency report: what `GET /v1/dependencies` answers, and what a build leaves as
//! `dependencies_report.json`. `docs/dependency-report.md` describes it for those who write one.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use crate::input::markers::MarkerValues;

/// A report. Every key may be left out or null; keys that are not known are passed over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DependencyReport {
    /// Version of the report; 1, also where it is left out.
    pub schema: Option<u32>,
    /// The values of the environment markers.
    pub environment: Option<MarkerValues>,
    /// Version of Python, for a report without `environment`. Null where there is no Python.
    pub python: Option<String>,
    /// The machine, where `environment` does not say it.
    pub platform: Option<ReportPlatform>,
    /// `sys.prefix`
    pub prefix: Option<String>,
    /// What is installed.
    #[serde(deserialize_with = "or_default")]
    pub distributions: Vec<ReportDistribution>,
    /// Distributions that are installed more than once: every copy of each, by name.
    #[serde(deserialize_with = "or_default")]
    pub duplicates: BTreeMap<String, Vec<ReportCopy>>,
    /// Modules that were imported to see whether they work.
    #[serde(deserialize_with = "or_default")]
    pub imports: Vec<ReportImport>,
    /// What the backend was built against.
    #[serde(deserialize_with = "or_default")]
    pub pins: Vec<ReportPin>,
    /// The accelerator.
    pub accelerator: Option<ReportAccelerator>,
    /// What the build said of itself.
    pub verification: Option<ReportVerification>,
    /// What the build installed.
    pub built: Option<Vec<NamedVersion>>,
    /// What was locked.
    pub locked: Option<Vec<NamedVersion>>,
    /// What was asked for by name, as requirements.
    #[serde(deserialize_with = "or_default")]
    pub requested: Vec<String>,
}

/// The machine of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportPlatform {
    /// `Linux`, `Darwin`, `Windows`
    pub system: Option<String>,
    /// `x86_64`
    pub machine: Option<String>,
    /// Version of the C library of a Linux: `2.36`.
    pub glibc: Option<String>,
}

/// An installed distribution.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportDistribution {
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Its version.
    #[serde(deserialize_with = "or_default")]
    pub version: String,
    /// Its requirements, as its metadata has them.
    #[serde(deserialize_with = "or_default")]
    pub requires_dist: Vec<String>,
    /// The Pythons that it runs on.
    pub requires_python: Option<String>,
    /// Its extras.
    #[serde(deserialize_with = "or_default")]
    pub provides_extra: Vec<String>,
    /// What installed it.
    pub installer: Option<String>,
    /// Where it comes from if not from an index: an address, or the content of its `direct_url.json`.
    pub direct_url: Option<serde_json::Value>,
    /// The folder that it is installed in.
    pub location: Option<String>,
    /// Whether another copy of it is found first by an import.
    #[serde(deserialize_with = "or_default")]
    pub shadowed: bool,
}

/// One of several copies of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReportCopy {
    /// Its version.
    Version(String),
    /// Its version, and the folder that it is installed in.
    Located {
        /// Its version.
        version: String,
        /// The folder.
        location: Option<String>,
    },
}

/// An import that was tried.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportImport {
    /// The module, or the module and what it must have: `torchvision.ops:nms`.
    #[serde(deserialize_with = "or_default")]
    pub module: String,
    /// Whether the module was there and what it must have was not None.
    #[serde(deserialize_with = "or_default")]
    pub ok: bool,
    /// Version of the distribution.
    pub version: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// How long it took.
    pub seconds: Option<f64>,
}

/// A pin of the backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPin {
    /// A requirement: `torch==2.6.0`.
    pub requirement: String,
    /// How much hangs on it.
    pub tier: ReportTier,
    /// Why it is pinned.
    #[serde(default)]
    pub reason: Option<String>,
}

/// How much hangs on a pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportTier {
    /// The core of the engine.
    Critical,
    /// What this engine alone uses.
    Specific,
    /// A lower bound that is good to have.
    Minimum,
}

/// The accelerator of a backend.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportAccelerator {
    /// What the backend needs: `cuda`, `mps`; null if it runs on the processor.
    pub required: Option<String>,
    /// What it runs on: `cuda`, `cpu`.
    pub device: Option<String>,
    /// Name of the device.
    pub name: Option<String>,
    /// Compute capability: `8.7`.
    pub capability: Option<String>,
    /// Architectures of the build: `sm_80`, `compute_90`.
    #[serde(deserialize_with = "or_default")]
    pub architectures: Vec<String>,
    /// CUDA version of the build: `12.4`.
    pub cuda: Option<String>,
    /// Version of the driver: `550.54`.
    pub driver: Option<String>,
    /// Highest CUDA version that the driver serves: `12.4`.
    pub driver_cuda: Option<String>,
}

/// What a build said of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportVerification {
    /// Whether all was well.
    pub ok: Option<bool>,
    /// What was not, a line each.
    #[serde(deserialize_with = "or_default")]
    pub failures: Vec<String>,
}

/// A distribution by name and version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedVersion {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Null is as good as nothing: Python writes `None` where it has no list.
fn or_default<'de, D: Deserializer<'de>, T: Default + DeserializeOwned>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
