//! File names of wheels (PEP 427) and of source distributions (PEP 625, and what came before it).

use std::str::FromStr;

use pep440_rs::Version;
use pep508_rs::PackageName;

/// A wheel's file name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WheelName {
    /// The distribution.
    pub name: PackageName,
    /// Its version.
    pub version: Version,
    /// The build tag, which tells two builds of one version apart.
    pub build: Option<String>,
    /// Python tags: `py2` and `py3` of `py2.py3-none-any`.
    pub pythons: Vec<String>,
    /// ABI tags.
    pub abis: Vec<String>,
    /// Platform tags.
    pub platforms: Vec<String>,
}

/// Why a file name is not a wheel's. The text fits after "failed to ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileNameError {
    /// It does not end in `.whl`.
    #[error("read {0:?} as a wheel: it does not end in .whl")]
    Extension(String),
    /// It has too few or too many parts.
    #[error("read {0:?} as a wheel: it has not five or six parts")]
    Parts(String),
    /// Its name is no name of a distribution.
    #[error("read {0:?} as a wheel: its name is none")]
    Name(String),
    /// Its version is not PEP 440.
    #[error("read {0:?} as a wheel: its version is not PEP 440")]
    Version(String),
}

impl FromStr for WheelName {
    type Err = FileNameError;

    fn from_str(file_name: &str) -> Result<Self, Self::Err> {
        let stem =
            file_name.strip_suffix(".whl").ok_or_else(|| FileNameError::Extension(file_name.to_owned()))?;
        let parts: Vec<&str> = stem.split('-').collect();
        let (name, version, build, tags) = match parts[..] {
            [name, version, python, abi, platform] => (name, version, None, [python, abi, platform]),
            [name, version, build, python, abi, platform] => {
                (name, version, Some(build.to_owned()), [python, abi, platform])
            }
            _ => return Err(FileNameError::Parts(file_name.to_owned())),
        };
        let [pythons, abis, platforms] =
            tags.map(|set| set.split('.').map(str::to_ascii_lowercase).collect::<Vec<_>>());
        Ok(Self {
            name: PackageName::new(name.to_owned()).map_err(|_| FileNameError::Name(file_name.to_owned()))?,
            version: version_in_file_name(version)
                .ok_or_else(|| FileNameError::Version(file_name.to_owned()))?,
            build,
            pythons,
            abis,
            platforms,
        })
    }
}

impl WheelName {
    /// Every single tag of the compressed set: Python, ABI, platform.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.pythons.iter().flat_map(move |python| {
            self.abis.iter().flat_map(move |abi| {
                self.platforms.iter().map(move |platform| (python.as_str(), abi.as_str(), platform.as_str()))
            })
        })
    }
}

/// The version of a source distribution of `name`; none if the file is something else.
///
/// The name is needed: in `foo-1-2.tar.gz` nothing else says where the version begins.
pub(crate) fn source_version(file_name: &str, name: &PackageName) -> Option<Version> {
    let stem = [".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz"]
        .iter()
        .find_map(|extension| file_name.strip_suffix(extension))?;
    stem.match_indices('-').find_map(|(dash, _)| {
        let found = PackageName::new(stem[..dash].to_owned()).ok()?;
        (found == *name).then(|| version_in_file_name(&stem[dash + 1..])).flatten()
    })
}

/// A local version is written with `_` or as `%2B` by tools that distrust `+`.
fn version_in_file_name(version: &str) -> Option<Version> {
    let decoded = version.replace("%2B", "+").replace("%2b", "+");
    decoded.parse().or_else(|_| decoded.replacen('_', "+", 1).parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wheel(name: &str) -> WheelName {
        name.parse().unwrap()
    }

    #[test]
    fn a_compressed_set_of_tags_is_every_combination() {
        let wheel = wheel("six-1.17.0-py2.py3-none-any.whl");
        assert_eq!(wheel.tags().collect::<Vec<_>>(), [("py2", "none", "any"), ("py3", "none", "any")]);
    }

    #[test]
    fn a_build_tag_stands_between_version_and_tags() {
        let wheel = wheel("Foo_Bar-1.0-2local-cp311-cp311-linux_aarch64.whl");
        assert_eq!(wheel.name.to_string(), "foo-bar");
        assert_eq!(wheel.build.as_deref(), Some("2local"));
    }

    #[test]
    fn a_local_version_is_read_in_each_of_its_spellings() {
        for spelling in ["2.6.0+cu124", "2.6.0_cu124", "2.6.0%2Bcu124"] {
            let wheel = wheel(&format!("torch-{spelling}-cp311-cp311-linux_x86_64.whl"));
            assert_eq!(wheel.version.to_string(), "2.6.0+cu124");
        }
    }

    #[test]
    fn what_is_not_a_wheel_says_why() {
        let error = |name: &str| name.parse::<WheelName>().unwrap_err();
        assert!(matches!(error("numpy-1.25.2.tar.gz"), FileNameError::Extension(_)));
        assert!(matches!(error("numpy-1.25.2.whl"), FileNameError::Parts(_)));
        assert!(matches!(error("numpy-old-py3-none-any.whl"), FileNameError::Version(_)));
        assert!(matches!(error("_-1.0-py3-none-any.whl"), FileNameError::Name(_)));
    }

    #[test]
    fn the_version_of_a_source_begins_after_the_name() {
        let name = |text: &str| PackageName::new(text.to_owned()).unwrap();
        let version =
            |file: &str, of: &str| source_version(file, &name(of)).map(|version| version.to_string());
        assert_eq!(version("pkuseg-0.0.25.tar.gz", "pkuseg").as_deref(), Some("0.0.25"));
        assert_eq!(version("chatterbox-tts-0.1.4.tar.gz", "chatterbox-tts").as_deref(), Some("0.1.4"));
        assert_eq!(version("chatterbox_tts-0.1.4.zip", "chatterbox-tts").as_deref(), Some("0.1.4"));
        assert_eq!(version("numpy-1.25.2.tar.gz", "pkuseg"), None);
        assert_eq!(version("numpy-1.25.2-py3-none-any.whl", "numpy"), None);
    }
}
