//! The platform of an environment on disk, which need not be ours: an image that was unpacked, a mounted disk.
//!
//! Its wheels tell. What was installed as `manylinux_2_17_aarch64` is for that processor and for a C library of at
//! least that version. Where every wheel is for any platform, ours is as good as another.

use crate::{
    input::markers::two_numbers,
    model::{Machine, Platform},
};

/// What the tags of the installed wheels say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// `Linux`, `Darwin`, `Windows`
    pub(super) system: Option<&'static str>,
    /// As `platform.machine()` spells it there.
    pub(super) machine: Option<String>,
    /// Highest version of the C library, or of macOS, that a wheel needs.
    version: Option<(u16, u16)>,
    /// Whether the C library is another than that of GNU.
    is_musl: bool,
}

impl Seen {
    /// What the tags of each distribution say together. A wheel may have several tags, and needs one of them.
    pub(super) fn of<'a>(distributions: impl Iterator<Item = &'a [String]>) -> Self {
        let mut seen = Self::default();
        for tags in distributions {
            let platforms: Vec<&str> = tags.iter().filter_map(|tag| tag.rsplit('-').next()).collect();
            let least = platforms.iter().filter_map(|platform| needed(platform)).min();
            seen.version = seen.version.max(least);
            for platform in platforms {
                seen.is_musl |= platform.starts_with("musllinux");
                let Some((system, machine)) = system_and_machine(platform) else { continue };
                seen.system.get_or_insert(system);
                if let Some(machine) = machine {
                    seen.machine.get_or_insert(machine);
                }
            }
        }
        seen
    }

    /// What wheels must fit, as far as the installed ones show it.
    pub(super) fn platform(&self) -> Option<Platform> {
        let machine = Machine::of(self.machine.as_deref()?)?;
        match self.system? {
            "Linux" => self.version.filter(|_| !self.is_musl).map(|glibc| Platform::Linux { machine, glibc }),
            "Darwin" => self.version.map(|version| Platform::MacOs { machine, version }),
            _ => Some(Platform::Windows { machine }),
        }
    }
}

/// The version in a platform tag: `manylinux_2_17_x86_64`, `manylinux2014_x86_64`, `macosx_11_0_arm64`.
fn needed(platform: &str) -> Option<(u16, u16)> {
    let two = |rest: &str| {
        let mut numbers = rest.splitn(3, '_');
        two_numbers(&format!("{}.{}", numbers.next()?, numbers.next()?))
    };
    if let Some(rest) = platform.strip_prefix("manylinux_").or_else(|| platform.strip_prefix("macosx_")) {
        return two(rest);
    }
    match platform.split('_').next()? {
        "manylinux1" => Some((2, 5)),
        "manylinux2010" => Some((2, 12)),
        "manylinux2014" => Some((2, 17)),
        _ => None,
    }
}

fn system_and_machine(platform: &str) -> Option<(&'static str, Option<String>)> {
    let machines = ["x86_64", "aarch64", "arm64", "amd64", "i686", "armv7l", "ppc64le", "s390x", "riscv64"];
    let machine =
        machines.iter().find(|machine| platform.ends_with(**machine)).map(|machine| (*machine).to_owned());
    if platform.contains("linux") {
        Some(("Linux", machine))
    } else if platform.starts_with("macosx_") {
        Some(("Darwin", machine))
    } else if platform.starts_with("win") {
        let machine = machine.unwrap_or_else(|| "x86".to_owned());
        Some(("Windows", Some(if machine == "x86" { machine } else { machine.to_uppercase() })))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_library_that_a_wheel_needs_is_what_the_machine_has_at_least() {
        let of = |wheels: &[&[&str]]| {
            let wheels: Vec<Vec<String>> =
                wheels.iter().map(|tags| tags.iter().map(|tag| (*tag).to_owned()).collect()).collect();
            Seen::of(wheels.iter().map(Vec::as_slice)).platform()
        };
        let linux = |glibc| Some(Platform::Linux { machine: Machine::Aarch64, glibc });
        let two: &[&str] = &["cp311-cp311-manylinux_2_28_aarch64", "cp311-cp311-manylinux2014_aarch64"];
        assert_eq!(of(&[&["py3-none-any"], two]), linux((2, 17)));
        assert_eq!(of(&[two, &["cp311-cp311-manylinux_2_24_aarch64"]]), linux((2, 24)));
        assert_eq!(
            of(&[&["cp311-cp311-macosx_11_0_arm64"]]),
            Some(Platform::MacOs { machine: Machine::Aarch64, version: (11, 0) })
        );
        assert_eq!(of(&[&["cp311-cp311-win_amd64"]]), Some(Platform::Windows { machine: Machine::X86_64 }));
        assert_eq!(of(&[&["py3-none-any"]]), None);
    }
}
