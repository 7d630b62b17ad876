//! Facts that no metadata tells: requirements that a plain lock leaves out or a distribution does not declare, what a
//! failed import means, and indexes that are gone. They are data, each with its reason, in the tables beside this file.

use std::{collections::BTreeMap, sync::LazyLock};

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{PackageName, Requirement};
use serde::{Deserialize, de::DeserializeOwned};

/// What one version of a distribution asks for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct KnownPackage {
    name: PackageName,
    version: Version,
    pub(crate) requires: Vec<Requirement>,
    #[serde(default)]
    pub(crate) requires_python: Option<VersionSpecifiers>,
}

/// A requirement that a distribution has and does not declare.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undeclared {
    pub(crate) package: PackageName,
    pub(crate) versions: VersionSpecifiers,
    pub(crate) requires: Requirement,
    pub(crate) reason: String,
}

/// What to do about a module that cannot be imported or lacks something.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProbeRemedy {
    module: String,
    remedy: String,
}

/// An index that is gone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeadIndex {
    pub(crate) host: String,
    pub(crate) remedy: String,
}

/// What a version of a distribution asks for, if it is known. A local build asks for what its public version does.
pub(crate) fn package(name: &PackageName, version: &Version) -> Option<&'static KnownPackage> {
    let public = version.clone().without_local();
    let versions = PACKAGES.get(name)?;
    versions.iter().find(|known| known.version == public)
}

/// Every requirement that is known to be undeclared.
pub(crate) fn undeclared() -> &'static [Undeclared] {
    &UNDECLARED
}

/// What to do about a module: what is known of it, else of the nearest package that it is in.
pub(crate) fn probe_remedy(module: &str) -> Option<&'static str> {
    let known = |name: &str| PROBES.iter().find(|probe| probe.module == name);
    let mut name = module;
    loop {
        if let Some(probe) = known(name) {
            return Some(&probe.remedy);
        }
        name = name.rsplit_once('.')?.0;
    }
}

/// Every index that is known to be gone.
pub(crate) fn dead_indexes() -> &'static [DeadIndex] {
    &DEAD_INDEXES
}

static PACKAGES: LazyLock<BTreeMap<PackageName, Vec<KnownPackage>>> = LazyLock::new(|| {
    let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for package in table::<KnownPackage>("package", include_str!("requirements.toml")) {
        by_name.entry(package.name.clone()).or_default().push(package);
    }
    by_name
});
static UNDECLARED: LazyLock<Vec<Undeclared>> =
    LazyLock::new(|| table("undeclared", include_str!("undeclared.toml")));
static PROBES: LazyLock<Vec<ProbeRemedy>> = LazyLock::new(|| table("probe", include_str!("probes.toml")));
static DEAD_INDEXES: LazyLock<Vec<DeadIndex>> = LazyLock::new(|| table("dead", include_str!("indexes.toml")));

fn table<T: DeserializeOwned>(name: &str, text: &str) -> Vec<T> {
    let mut document: BTreeMap<String, Vec<T>> =
        toml::from_str(text).expect("the embedded tables are read by a test");
    document.remove(name).expect("the embedded tables are named as their file says")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_can_be_read() {
        assert!(!PACKAGES.is_empty());
        assert!(!undeclared().is_empty());
        assert!(!PROBES.is_empty());
        assert!(!dead_indexes().is_empty());
    }

    #[test]
    fn a_local_build_asks_for_what_its_public_version_does() {
        let package = package(&"torchaudio".parse().unwrap(), &"2.6.0+cu124".parse().unwrap()).unwrap();
        assert_eq!(package.requires, ["torch==2.6.0".parse().unwrap()]);
    }

    #[test]
    fn a_module_that_is_not_known_has_the_remedy_of_its_package() {
        assert!(probe_remedy("torchtune.models.llama3_2").unwrap().contains("0.3.1"));
        assert!(probe_remedy("torchtune.models").unwrap().contains("pyarrow"));
        assert!(probe_remedy("torchvision.ops").unwrap().contains("one release"));
        assert_eq!(probe_remedy("json.decoder"), None);
    }
}
