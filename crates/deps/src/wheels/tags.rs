//! Which wheels fit a Python on a platform, and which of them an installer takes (PEP 425, PEP 600).
//!
//! The order is that of Python's `packaging`: this Python's own ABI, `abi3`, no ABI; newer platforms before older.

use super::WheelName;
use crate::{Machine, Platform, Target};

/// The first release of the GNU C library that there are tags for, by processor.
const OLDEST_GLIBC: [(Machine, u16); 2] = [(Machine::X86_64, 5), (Machine::Aarch64, 17)];

/// Names from before PEP 600.
const LEGACY: [(u16, &str); 3] = [(17, "manylinux2014"), (12, "manylinux2010"), (5, "manylinux1")];

/// How well a wheel fits: less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank(u16, u16);

/// The tags that fit a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags {
    minor: u16,
    interpreter: String,
    abi: String,
    platforms: Vec<String>,
}

impl Tags {
    /// The tags that fit a target. A target that does not say its platform is taken for what its markers say.
    ///
    /// `None` for a platform or a Python that there is no rule for: musl, 32 bits, Python 2.
    #[must_use]
    pub fn of(target: &Target) -> Option<Self> {
        let platform = target.platform.or_else(|| Platform::of_markers(&target.markers))?;
        let &[3, minor, ..] = target.markers.python_version().version.release() else { return None };
        let minor = u16::try_from(minor).ok()?;
        let (interpreter, abi) = match target.markers.implementation_name() {
            "pypy" => (format!("pp3{minor}"), format!("pypy3{minor}_pp73")),
            _ if minor < 8 => (format!("cp3{minor}"), format!("cp3{minor}m")),
            _ => (format!("cp3{minor}"), format!("cp3{minor}")),
        };
        Some(Self { minor, interpreter, abi, platforms: platform_tags(platform) })
    }

    /// How well a wheel fits by the best of its tags; none if it does not.
    #[must_use]
    pub fn rank(&self, wheel: &WheelName) -> Option<Rank> {
        wheel.tags().filter_map(|(python, abi, platform)| self.rank_tag(python, abi, platform)).min()
    }

    /// How well one tag fits; none if it does not.
    #[must_use]
    pub fn rank_tag(&self, python: &str, abi: &str, platform: &str) -> Option<Rank> {
        let own = python == self.interpreter;
        if platform == "any" {
            let rank = |class| Rank(class, 0);
            return match (own, abi) {
                (true, "none") => Some(rank(200)),
                (false, "none") => self.pure_python(python).map(|order| rank(201 + order)),
                _ => None,
            };
        }
        let position = self.platforms.iter().position(|known| known == platform)?;
        let rank = |class| Some(Rank(class, u16::try_from(position).ok()?));
        match abi {
            _ if own && abi == self.abi => rank(0),
            "abi3" if own && self.interpreter.starts_with("cp") => rank(1),
            "none" if own => rank(2),
            "abi3" if self.interpreter.starts_with("cp") => {
                let minor: u16 = python.strip_prefix("cp3")?.parse().ok()?;
                (2..self.minor).contains(&minor).then(|| rank(2 + self.minor - minor)).flatten()
            }
            "none" => rank(100 + self.pure_python(python)?),
            _ => None,
        }
    }

    /// The place of `py311`, `py3`, `py310` and so on in their order.
    fn pure_python(&self, python: &str) -> Option<u16> {
        let minor = python.strip_prefix("py3")?;
        if minor.is_empty() {
            return Some(1);
        }
        match minor.parse::<u16>().ok()? {
            minor if minor == self.minor => Some(0),
            minor if minor < self.minor => Some(1 + self.minor - minor),
            _ => None,
        }
    }
}

/// The platform tags that fit, the best first.
fn platform_tags(platform: Platform) -> Vec<String> {
    match platform {
        Platform::Linux { machine, glibc } => linux(machine, glibc),
        Platform::MacOs { machine, version } => mac_os(machine, version),
        Platform::Windows { machine: Machine::X86_64 } => vec!["win_amd64".to_owned()],
        Platform::Windows { machine: Machine::Aarch64 } => vec!["win_arm64".to_owned()],
    }
}

fn linux(machine: Machine, (major, newest): (u16, u16)) -> Vec<String> {
    let name = match machine {
        Machine::X86_64 => "x86_64",
        Machine::Aarch64 => "aarch64",
    };
    let oldest = OLDEST_GLIBC.iter().find(|(known, _)| *known == machine).map_or(17, |(_, minor)| *minor);
    let mut tags = Vec::new();
    for minor in (oldest..=newest).rev() {
        tags.push(format!("manylinux_{major}_{minor}_{name}"));
        let legacy = LEGACY.iter().find(|(known, _)| *known == minor);
        tags.extend(legacy.map(|(_, legacy)| format!("{legacy}_{name}")));
    }
    tags.push(format!("linux_{name}"));
    tags
}

fn mac_os(machine: Machine, (major, minor): (u16, u16)) -> Vec<String> {
    let formats: &[&str] = match machine {
        Machine::X86_64 => &["x86_64", "intel", "fat64", "fat3", "universal2", "universal"],
        Machine::Aarch64 => &["arm64", "universal2"],
    };
    let tags = |major: u16, minor: u16, formats: &[&str]| {
        formats.iter().map(|format| format!("macosx_{major}_{minor}_{format}")).collect::<Vec<_>>()
    };
    // From 11 on the first number alone counts. What was built for 10 runs on Intel, and as a universal file also
    // elsewhere, since the number is that of its Intel half.
    let recent = (11..=major).rev().flat_map(|major| tags(major, 0, formats));
    let old_formats = if major >= 11 && machine == Machine::Aarch64 { &["universal2"] } else { formats };
    let newest = if major >= 11 { 16 } else { minor };
    let oldest = if major >= 11 { 4 } else { 0 };
    recent.chain((oldest..=newest).rev().flat_map(|minor| tags(10, minor, old_formats))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(target: &Target, wheel: &str) -> Option<Rank> {
        Tags::of(target).unwrap().rank(&wheel.parse().unwrap())
    }

    fn target(python: &str, platform: &str) -> Target {
        Target::cpython(&python.parse().unwrap(), platform.parse().unwrap())
    }

    #[test]
    fn manylinux2014_counts_when_plain_linux_is_asked_for() {
        let jetson = target("3.11", "linux_aarch64");
        assert!(rank(&jetson, "torch-2.2.0-cp311-cp311-manylinux2014_aarch64.whl").is_some());
        assert!(rank(&jetson, "torch-2.2.0-cp311-cp311-manylinux_2_17_aarch64.whl").is_some());
        assert!(rank(&jetson, "torch-2.2.0-cp311-cp311-linux_aarch64.whl").is_some());
        assert!(rank(&jetson, "torch-2.2.0-cp311-cp311-manylinux2014_x86_64.whl").is_none());
        assert!(rank(&jetson, "torch-2.2.0-cp311-cp311-musllinux_1_2_aarch64.whl").is_none());
    }

    #[test]
    fn a_wheel_for_a_newer_c_library_does_not_fit() {
        let old = target("3.11", "manylinux_2_17_x86_64");
        assert!(rank(&old, "x-1-cp311-cp311-manylinux1_x86_64.whl").is_some());
        assert!(rank(&old, "x-1-cp311-cp311-manylinux_2_28_x86_64.whl").is_none());
        assert!(rank(&old, "x-1-cp311-cp311-manylinux_2_17_x86_64.manylinux_2_28_x86_64.whl").is_some());
    }

    #[test]
    fn the_stable_abi_of_an_older_python_fits_and_its_own_abi_does_not() {
        let linux = target("3.12", "x86_64");
        assert!(rank(&linux, "safetensors-0.5.3-cp38-abi3-manylinux2014_x86_64.whl").is_some());
        assert!(rank(&linux, "x-1-cp313-abi3-manylinux2014_x86_64.whl").is_none());
        assert!(rank(&linux, "x-1-cp311-cp311-manylinux2014_x86_64.whl").is_none());
        assert!(rank(&linux, "x-1-cp312-cp312t-manylinux2014_x86_64.whl").is_none());
        assert!(rank(&linux, "x-1-py2-none-any.whl").is_none());
        assert!(rank(&linux, "x-1-py313-none-any.whl").is_none());
    }

    #[test]
    fn the_best_wheel_is_the_one_that_an_installer_takes() {
        let linux = target("3.11", "manylinux_2_36_x86_64");
        let best_first = [
            "x-1-cp311-cp311-manylinux_2_28_x86_64.whl",
            "x-1-cp311-cp311-manylinux2014_x86_64.whl",
            "x-1-cp311-cp311-linux_x86_64.whl",
            "x-1-cp311-abi3-manylinux2014_x86_64.whl",
            "x-1-cp39-abi3-manylinux2014_x86_64.whl",
            "x-1-py3-none-manylinux2014_x86_64.whl",
            "x-1-cp311-none-any.whl",
            "x-1-py3-none-any.whl",
            "x-1-py38-none-any.whl",
        ];
        let ranks: Vec<_> = best_first.iter().map(|name| rank(&linux, name).unwrap()).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
    }

    #[test]
    fn a_universal_file_fits_every_mac_and_windows_is_itself() {
        let apple = target("3.11", "macosx_14_0_arm64");
        assert!(rank(&apple, "x-1-cp311-cp311-macosx_10_9_universal2.whl").is_some());
        assert!(rank(&apple, "x-1-cp311-cp311-macosx_11_0_arm64.whl").is_some());
        assert!(rank(&apple, "x-1-cp311-cp311-macosx_10_9_x86_64.whl").is_none());
        assert!(rank(&apple, "x-1-cp311-cp311-macosx_15_0_arm64.whl").is_none());
        assert!(rank(&target("3.11", "win_amd64"), "x-1-py3-none-win_amd64.whl").is_some());
        assert!(rank(&target("3.11", "win_amd64"), "x-1-py3-none-win32.whl").is_none());
    }
}
