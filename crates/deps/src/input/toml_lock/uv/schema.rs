//! The keys of `uv.lock` that matter, in the words of its format.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct UvLock {
    pub(super) version: u32,
    pub(super) requires_python: Option<String>,
    #[serde(default, rename = "package")]
    pub(super) packages: Vec<Package>,
    #[serde(default)]
    pub(super) manifest: Manifest,
}

#[derive(Deserialize, Default)]
pub(super) struct Manifest {
    /// Requirements that hold in the place of what packages declare.
    #[serde(default)]
    pub(super) overrides: Vec<Declared>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Package {
    pub(super) name: Spanned<String>,
    pub(super) version: Option<String>,
    pub(super) source: Option<Source>,
    #[serde(default)]
    pub(super) resolution_markers: Vec<String>,
    #[serde(default)]
    pub(super) dependencies: Vec<Dependency>,
    #[serde(default)]
    pub(super) optional_dependencies: BTreeMap<String, Vec<Dependency>>,
    /// Groups of a project, installed with it unless somebody says otherwise.
    #[serde(default)]
    pub(super) dev_dependencies: BTreeMap<String, Vec<Dependency>>,
    pub(super) sdist: Option<Archive>,
    #[serde(default)]
    pub(super) wheels: Vec<Archive>,
    pub(super) metadata: Option<Metadata>,
}

#[derive(Deserialize)]
pub(super) struct Source {
    pub(super) registry: Option<String>,
    pub(super) git: Option<String>,
    pub(super) url: Option<String>,
    pub(super) path: Option<String>,
    pub(super) directory: Option<String>,
    pub(super) editable: Option<String>,
    #[serde(rename = "virtual")]
    pub(super) virtual_: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) extra: Vec<String>,
    pub(super) marker: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Archive {
    pub(super) url: Option<String>,
    pub(super) path: Option<String>,
    pub(super) filename: Option<String>,
    pub(super) hash: Option<String>,
}

/// What a project of the workspace declares, versions included.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Metadata {
    pub(super) requires_dist: Option<Vec<Declared>>,
}

#[derive(Deserialize)]
pub(super) struct Declared {
    pub(super) name: String,
    #[serde(default)]
    pub(super) extras: Vec<String>,
    pub(super) marker: Option<String>,
    pub(super) specifier: Option<String>,
}
