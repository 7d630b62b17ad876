//! Markers, evaluated for the environment that is judged and never for ours.

use std::slice;

use pep440_rs::Version;
use pep508_rs::{ExtraName, MarkerEnvironment, MarkerTree, StringVersion};

use crate::Target;

/// The values that markers are evaluated with.
#[derive(Debug, Clone)]
pub(crate) struct Markers {
    environment: MarkerEnvironment,
}

impl Markers {
    /// The values of a target.
    ///
    /// A pre-release of Python stands for its release: `pep508_rs` turns `python_version >= "3.14"` into a question
    /// about the full version, which 3.14.0rc2 would fail and a real interpreter does not.
    pub(crate) fn of(target: &Target) -> Self {
        let environment = target.markers.clone();
        let full = &environment.python_full_version().version;
        if !full.any_prerelease() && !full.is_local() {
            return Self { environment };
        }
        let release = full.only_release();
        let released = StringVersion { string: release.to_string(), version: release };
        Self { environment: environment.with_python_full_version(released) }
    }

    /// The full version of Python.
    pub(crate) fn python(&self) -> &Version {
        &self.environment.python_full_version().version
    }

    /// Whether a marker applies with the given extras, one at a time as pip does it.
    pub(crate) fn apply<'a>(
        &self,
        marker: &MarkerTree,
        extras: impl IntoIterator<Item = &'a ExtraName>,
    ) -> bool {
        marker.evaluate(&self.environment, &[])
            || extras.into_iter().any(|extra| marker.evaluate(&self.environment, slice::from_ref(extra)))
    }

    /// The extra that makes a marker apply, if it takes one.
    pub(crate) fn extra_of<'a>(
        &self,
        marker: &MarkerTree,
        extras: impl IntoIterator<Item = &'a ExtraName>,
    ) -> Option<&'a ExtraName> {
        if marker.evaluate(&self.environment, &[]) {
            return None;
        }
        extras.into_iter().find(|extra| marker.evaluate(&self.environment, slice::from_ref(extra)))
    }
}

/// Whether a marker applies to a target with the given extras.
#[must_use]
pub fn applies(marker: &MarkerTree, target: &Target, extras: &[ExtraName]) -> bool {
    Markers::of(target).apply(marker, extras)
}
