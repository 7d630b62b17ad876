//! Pythons with the packages that a test needs, from the package registry.

use std::{path::PathBuf, process::Command};

use crate::workspace;

/// A Python with the packages of a requirements file, given from the workspace's root.
///
/// # Errors
/// If there is no registry to have them from, with a line for the test that is skipped.
///
/// # Panics
/// If they cannot be installed for any other reason.
pub fn python(requirements: &str) -> Result<PathBuf, String> {
    let mut script = Command::new(workspace().join("scripts/python-environment"));
    let output = script.arg(requirements).output().expect("a shell is there");
    let (path, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        return Ok(path.trim().into());
    }
    let unreachable = said.contains("Connection") || said.contains("Could not find a version");
    assert!(unreachable, "{requirements} cannot be installed:\n{said}");
    Err(format!("skipped: pip reaches no registry for {requirements}"))
}
