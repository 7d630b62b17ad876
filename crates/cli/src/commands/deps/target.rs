//! Platforms and Pythons as people write them.

use pep440_rs::Version;
use rhapsode_deps::{Machine, Platform, Target};

use crate::{
    args::deps::DepsTargetArgs,
    failure::{Failure, Kind},
};

/// The target of the arguments; none if they name neither a platform nor a Python.
pub(super) fn asked(args: &DepsTargetArgs) -> Result<Option<Target>, Failure> {
    let platform = args.platform.as_deref().map(platform).transpose()?;
    let python = args.python.as_deref().map(python).transpose()?;
    match (platform, python) {
        (None, None) => Ok(None),
        (Some(platform), Some(python)) => Ok(Some(Target::cpython(&python, platform))),
        (None, Some(python)) => Ok(Some(Target::cpython(&python, own()?))),
        (Some(_), None) => {
            let message = "failed to judge for another platform: nobody knows for which Python";
            Err(Failure::new(Kind::Usage, message, Some("name it with --python, such as `--python 3.11`")))
        }
    }
}

/// Every Python on every platform; on this machine's if none is named.
pub(super) fn all(platforms: &[String], pythons: &[String]) -> Result<Vec<Target>, Failure> {
    let mut platforms = platforms.iter().map(|text| platform(text)).collect::<Result<Vec<_>, _>>()?;
    if platforms.is_empty() {
        platforms.push(own()?);
    }
    let pythons = pythons.iter().map(|text| python(text)).collect::<Result<Vec<_>, _>>()?;
    let on = |platform: &Platform| pythons.iter().map(|python| Target::cpython(python, *platform)).collect();
    Ok(platforms.iter().flat_map(|platform| -> Vec<Target> { on(platform) }).collect())
}

/// A platform as people call it: `linux aarch64 (glibc 2.36)`.
pub(super) fn name(platform: &Platform) -> String {
    let machine = |machine: &Machine| match machine {
        Machine::X86_64 => "x86_64",
        Machine::Aarch64 => "aarch64",
    };
    match platform {
        Platform::Linux { machine: processor, glibc: (major, minor) } => {
            format!("linux {} (glibc {major}.{minor})", machine(processor))
        }
        Platform::MacOs { machine: processor, version: (major, minor) } => {
            format!("macos {} ({major}.{minor})", machine(processor))
        }
        Platform::Windows { machine: processor } => format!("windows {}", machine(processor)),
    }
}

/// The platform that this program runs on.
fn own() -> Result<Platform, Failure> {
    platform(&format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH))
}

fn python(text: &str) -> Result<Version, Failure> {
    let version = text.parse::<Version>().ok().filter(|version| version.release().len() >= 2);
    version.ok_or_else(|| {
        let message = format!("failed to read the Python {text:?}: it is no version");
        Failure::new(Kind::Usage, message, Some("a Python is called 3.11 or 3.11.7"))
    })
}

fn platform(text: &str) -> Result<Platform, Failure> {
    text.trim().parse().map_err(|error| {
        let hint = "name it as in `--platform linux-aarch64`, or by the tag of a wheel";
        Failure::new(Kind::Usage, format!("failed to {error}"), Some(hint))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_without_a_python_is_asked_for_one() {
        let args = |platform: Option<&str>, python: Option<&str>| DepsTargetArgs {
            platform: platform.map(str::to_owned),
            python: python.map(str::to_owned),
        };
        assert!(asked(&args(None, None)).unwrap().is_none());
        assert!(asked(&args(Some("aarch64"), None)).unwrap_err().hint.unwrap().contains("--python"));
        assert!(asked(&args(None, Some("3"))).is_err());
        let target = asked(&args(Some("aarch64"), Some("3.11"))).unwrap().unwrap();
        assert_eq!(target.markers.platform_machine(), "aarch64");
        assert_eq!(target.markers.python_version().to_string(), "3.11");
    }
}
