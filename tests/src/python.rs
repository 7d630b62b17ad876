//! Pythons with the packages that a test needs, from the package registry.

use std::{path::PathBuf, process::Command};

use crate::workspace;

/// A Python with the packages of a requirements file, given from the workspace's root; none, with a line that says so,
/// if there is no registry to have them from.
///
/// # Panics
/// If they cannot be installed for any other reason.
#[must_use]
pub fn python(requirements: &str) -> Option<PathBuf> {
    let mut script = Command::new(workspace().join("scripts/python-environment"));
    let output = script.arg(requirements).output().expect("a shell is there");
    let (path, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        return Some(path.trim().into());
    }
    let unreachable = said.contains("Connection") || said.contains("Could not find a version");
    assert!(unreachable, "{requirements} cannot be installed:\n{said}");
    println!("skipped: pip reaches no registry for {requirements}");
    None
}
