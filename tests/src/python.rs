//! Pythons with the packages that a test needs, from the package registry.

use std::{path::PathBuf, process::Command};

use crate::{skip, workspace};

/// A Python with the packages of a requirements file, given from the workspace's root. None if there is no registry to
/// have them from: then the test is skipped, and that was said.
///
/// # Panics
/// If they cannot be installed for any other reason, or if nothing may be skipped.
#[must_use]
pub fn python(requirements: &str) -> Option<PathBuf> {
    let mut script = Command::new(workspace().join("scripts/python-environment"));
    let output = script.arg(requirements).output().expect("a shell is there");
    let (path, said) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        return Some(path.trim().into());
    }
    assert!(is_unreachable(&said), "{requirements} cannot be installed:\n{said}");
    skip(&format!("pip reaches no registry for {requirements}"));
    None
}

/// Whether pip complains of its connection. That no version fits is also what it says of a wrong pin.
fn is_unreachable(said: &str) -> bool {
    said.contains("connection broken by")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_pin_is_not_taken_for_a_registry_that_is_away() {
        let pin = "ERROR: Could not find a version that satisfies the requirement openai==0.0.999 (from versions: 0.0.1, \
                   0.0.2)\nERROR: No matching distribution found for openai==0.0.999\n";
        let away = "WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after \
                    connection broken by 'NewConnectionError('Failed to establish a new connection')': /simple/openai/\n\
                    ERROR: Could not find a version that satisfies the requirement openai==1.0.0 (from versions: none)\n";
        assert!(!is_unreachable(pin));
        assert!(is_unreachable(away));
    }
}
