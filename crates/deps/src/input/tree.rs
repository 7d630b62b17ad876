//! The dependency tree of pipdeptree, in either of its JSON forms.
//!
//! It names versions and who asks for what. Markers are evaluated in it already, by the Python that it ran in, so
//! that it matters little for whom it is.

use std::collections::BTreeMap;

use pep440_rs::Version;
use serde::Deserialize;

use super::{declared::Declared, file};
use crate::{
    DepsError,
    model::{Environment, Machine, Platform, Target},
};

/// A tree (`--json-tree`) or a list (`--json`) of packages.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Listed { package: Package, dependencies: Vec<Package> },
    Node(Node),
}

#[derive(Deserialize)]
struct Package {
    package_name: String,
    installed_version: String,
    required_version: Option<String>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(flatten)]
    package: Package,
    #[serde(default)]
    dependencies: Vec<Node>,
}

/// What is said of a package, by name.
#[derive(Default)]
struct Packages(BTreeMap<String, Declared>);

/// Reads a tree.
pub(super) fn read(input: &str, bytes: &[u8]) -> Result<Environment, DepsError> {
    let text = file::text(input, bytes)?;
    let entries: Vec<Entry> = serde_json::from_str(text).map_err(|error| file::json_error(input, &error))?;
    let mut packages = Packages::default();
    for entry in entries {
        match entry {
            Entry::Listed { package, dependencies } => {
                for dependency in &dependencies {
                    packages.add(dependency, &[]);
                }
                packages.add(&package, &dependencies.iter().collect::<Vec<_>>());
            }
            Entry::Node(node) => packages.add_tree(node),
        }
    }
    let mut environment = Environment::new(unknown_target());
    for declared in packages.0.into_values() {
        match declared.parse() {
            Ok(distribution) => environment.distributions.push(distribution),
            Err(unreadable) => environment.unreadable.push(unreadable),
        }
    }
    Ok(environment)
}

impl Packages {
    fn add_tree(&mut self, root: Node) {
        let mut nodes = vec![root];
        while let Some(node) = nodes.pop() {
            let dependencies: Vec<&Package> = node.dependencies.iter().map(|node| &node.package).collect();
            self.add(&node.package, &dependencies);
            nodes.extend(node.dependencies);
        }
    }

    fn add(&mut self, package: &Package, dependencies: &[&Package]) {
        // A question mark stands where nothing is installed.
        if package.installed_version == "?" {
            return;
        }
        let declared = self.0.entry(package.package_name.clone()).or_insert_with(|| Declared {
            name: package.package_name.clone(),
            version: package.installed_version.clone(),
            ..Declared::default()
        });
        // Where a tree comes round to a package again it is cut off.
        if declared.requires.is_empty() {
            declared.requires = dependencies.iter().map(|dependency| dependency.requirement()).collect();
        }
    }
}

impl Package {
    fn requirement(&self) -> String {
        match self.required_version.as_deref() {
            None | Some("Any" | "") => self.package_name.clone(),
            Some(versions) => format!("{}{versions}", self.package_name),
        }
    }
}

/// A target that no evaluated marker depends on.
pub(super) fn unknown_target() -> Target {
    let version = Version::new([3, 11]);
    let machine = Machine::of(std::env::consts::ARCH).unwrap_or(Machine::X86_64);
    Target { platform: None, ..Target::cpython(&version, Platform::Linux { machine, glibc: (2, 17) }) }
}
