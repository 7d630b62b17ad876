//! Marker values as reports write them: `pip inspect`, a dependency report, the two lines of an environment file.

use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder};
use serde::{Deserialize, Serialize};

use crate::model::{Machine, Platform, Target};

/// The values of the environment markers, as `packaging.markers.default_environment()` gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarkerValues {
    /// `cpython`
    pub implementation_name: Option<String>,
    /// `3.11.7`
    pub implementation_version: Option<String>,
    /// `posix`
    pub os_name: Option<String>,
    /// `x86_64`
    pub platform_machine: Option<String>,
    /// `CPython`
    pub platform_python_implementation: Option<String>,
    /// `6.12.0`
    pub platform_release: Option<String>,
    /// `Linux`
    pub platform_system: Option<String>,
    /// `#1 SMP`
    pub platform_version: Option<String>,
    /// `3.11.7`
    pub python_full_version: Option<String>,
    /// `3.11`
    pub python_version: Option<String>,
    /// `linux`
    pub sys_platform: Option<String>,
}

impl MarkerValues {
    /// The values of CPython of a version on a system (`Linux`, `Darwin`, `Windows`), for a report that has no more.
    pub(super) fn of(python: &str, system: &str, machine: &str) -> Self {
        let (os_name, sys_platform, platform_system) = match system.to_ascii_lowercase().as_str() {
            "windows" => ("nt", "win32", "Windows"),
            "darwin" | "macos" => ("posix", "darwin", "Darwin"),
            _ => ("posix", "linux", "Linux"),
        };
        let some = |text: &str| Some(text.to_owned());
        Self {
            os_name: some(os_name),
            sys_platform: some(sys_platform),
            platform_system: some(platform_system),
            platform_machine: some(machine),
            python_full_version: some(python),
            ..Self::default()
        }
    }

    /// The target of these values; the error is a reason. A glibc version makes the platform of a Linux known.
    pub(super) fn target(&self, glibc: Option<(u16, u16)>) -> Result<Target, String> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let full = self.python_full_version.as_ref().or(self.python_version.as_ref());
        let full = full.ok_or("it does not tell the version of Python")?;
        let short = match &self.python_version {
            Some(short) => short.clone(),
            None => full.split('.').take(2).collect::<Vec<_>>().join("."),
        };
        // Builds of Python from its repository call themselves `3.15.0a1+`, which is no version.
        let released = |version: &str| version.trim().trim_end_matches('+').to_owned();
        let or = |value: &Option<String>, other: &str| value.clone().unwrap_or_else(|| other.to_owned());
        let markers = MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
            implementation_name: &or(&self.implementation_name, "cpython"),
            implementation_version: &released(&or(&self.implementation_version, full)),
            os_name: &text(&self.os_name),
            platform_machine: &text(&self.platform_machine),
            platform_python_implementation: &or(&self.platform_python_implementation, "CPython"),
            platform_release: &text(&self.platform_release),
            platform_system: &text(&self.platform_system),
            platform_version: &text(&self.platform_version),
            python_full_version: &released(full),
            python_version: &released(&short),
            sys_platform: &text(&self.sys_platform),
        })
        .map_err(|_| format!("{full:?} is not a version of Python"))?;
        let platform = glibc.filter(|_| markers.sys_platform() == "linux").and_then(|glibc| {
            Some(Platform::Linux { machine: Machine::of(markers.platform_machine())?, glibc })
        });
        Ok(Target { markers, platform })
    }
}

/// `2.36` as two numbers.
pub(super) fn two_numbers(text: &str) -> Option<(u16, u16)> {
    let mut numbers = text.trim().split('.');
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next().map_or(Some(0), |minor| minor.parse().ok())?;
    Some((major, minor))
}
