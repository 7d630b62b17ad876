//! The platforms that people, tags and markers name.

use std::str::FromStr;

use pep508_rs::MarkerEnvironment;

use crate::{Machine, Platform};

/// The C library of Debian 12, which the images of the backends are built on. Who asks for plain `linux_aarch64`
/// means a system of today, and not one without `manylinux` wheels.
const USUAL_GLIBC: (u16, u16) = (2, 36);

/// The macOS that is meant where no version is given.
const USUAL_MACOS: (u16, u16) = (14, 0);

/// A platform that nobody knows. The text fits after "failed to ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "read {0:?} as a platform: it is neither like `linux-aarch64`, `manylinux_2_28_x86_64`, `macos-arm64`, \
     `macosx_14_0_arm64` nor `windows-x86_64`"
)]
pub struct PlatformError(String);

impl FromStr for Platform {
    type Err = PlatformError;

    /// Reads `aarch64` (Linux is meant), `linux-aarch64`, a tag such as `manylinux2014_aarch64` or `win_amd64`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(&text.to_ascii_lowercase().replace('-', "_")).ok_or_else(|| PlatformError(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Platform> {
    let linux = |machine, glibc| Some(Platform::Linux { machine, glibc });
    if let Some(machine) = Machine::of(text) {
        return linux(machine, USUAL_GLIBC);
    }
    let (system, rest) = text.split_once('_')?;
    match system {
        "linux" => linux(Machine::of(rest)?, USUAL_GLIBC),
        "manylinux1" => linux(Machine::of(rest)?, (2, 5)),
        "manylinux2010" => linux(Machine::of(rest)?, (2, 12)),
        "manylinux2014" => linux(Machine::of(rest)?, (2, 17)),
        "manylinux" => versioned(rest).and_then(|(glibc, machine)| linux(machine, glibc)),
        "macos" | "macosx" | "darwin" => {
            let (version, machine) = versioned(rest).or_else(|| Some((USUAL_MACOS, Machine::of(rest)?)))?;
            Some(Platform::MacOs { machine, version })
        }
        "windows" | "win" => Some(Platform::Windows { machine: Machine::of(rest)? }),
        _ => None,
    }
}

/// `2_28_x86_64`
fn versioned(text: &str) -> Option<((u16, u16), Machine)> {
    let mut parts = text.splitn(3, '_');
    let version = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some((version, Machine::of(parts.next()?)?))
}

impl Platform {
    /// The platform that the markers of an environment speak of, as far as they say it.
    #[must_use]
    pub fn of_markers(markers: &MarkerEnvironment) -> Option<Self> {
        let machine = Machine::of(markers.platform_machine())?;
        match markers.sys_platform() {
            "linux" => Some(Self::Linux { machine, glibc: USUAL_GLIBC }),
            "darwin" => Some(Self::MacOs { machine, version: USUAL_MACOS }),
            "win32" => Some(Self::Windows { machine }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    #[test]
    fn a_platform_is_read_as_people_and_tags_write_it() {
        let read = |text: &str| text.parse::<Platform>().unwrap();
        let jetson = Platform::Linux { machine: Machine::Aarch64, glibc: USUAL_GLIBC };
        for text in ["aarch64", "arm64", "linux-aarch64", "linux_aarch64", "Linux-ARM64"] {
            assert_eq!(read(text), jetson, "{text}");
        }
        let glibc = |text| match read(text) {
            Platform::Linux { glibc, .. } => glibc,
            other => panic!("{other:?}"),
        };
        assert_eq!(glibc("manylinux2014_aarch64"), (2, 17));
        assert_eq!(glibc("manylinux_2_28_x86_64"), (2, 28));
        let apple = Platform::MacOs { machine: Machine::Aarch64, version: (12, 0) };
        assert_eq!(read("macosx_12_0_arm64"), apple);
        assert_eq!(read("win_amd64"), Platform::Windows { machine: Machine::X86_64 });
        assert!("sparc".parse::<Platform>().is_err());
    }

    #[test]
    fn the_markers_of_a_target_name_its_platform() {
        for platform in ["linux-x86_64", "linux-aarch64", "macos-arm64", "macos-x86_64", "windows-x86_64"] {
            let target = Target::cpython(&"3.11".parse().unwrap(), platform.parse().unwrap());
            assert_eq!(Platform::of_markers(&target.markers), target.platform, "{platform}");
        }
    }
}
