//! For whom requirements are evaluated: the Python and the machine that a report speaks of, which is not ours.

use pep440_rs::Version;
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder};

/// The Python and the platform that requirements are evaluated for.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The values of the markers, such as `python_full_version` and `sys_platform`.
    pub markers: MarkerEnvironment,
    /// What wheels must fit, as far as it is known.
    pub platform: Option<Platform>,
}

/// What a wheel must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Linux with the GNU C library, of at least this version.
    Linux {
        /// Processor.
        machine: Machine,
        /// Version of the C library.
        glibc: (u16, u16),
    },
    /// macOS of at least this version.
    MacOs {
        /// Processor.
        machine: Machine,
        /// Version of the system.
        version: (u16, u16),
    },
    /// Windows.
    Windows {
        /// Processor.
        machine: Machine,
    },
}

/// A processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// `x86_64`, `AMD64`
    X86_64,
    /// `aarch64`, `arm64`
    Aarch64,
}

impl Target {
    /// CPython of a version on a platform. A version of two numbers stands for its newest release, so that
    /// `python_full_version >= "3.11.4"` holds for 3.11.
    #[must_use]
    pub fn cpython(version: &Version, platform: Platform) -> Self {
        let mut release = version.release().to_vec();
        if release.len() < 2 {
            release.resize(2, 0);
        }
        let short = format!("{}.{}", release[0], release[1]);
        let full = match release.len() {
            2 => format!("{short}.{NEWEST_RELEASE}"),
            _ => version.to_string(),
        };
        let (os_name, sys_platform, platform_system, platform_machine) = match platform {
            Platform::Linux { machine, .. } => ("posix", "linux", "Linux", machine.on_linux()),
            Platform::MacOs { machine, .. } => ("posix", "darwin", "Darwin", machine.on_macos()),
            Platform::Windows { machine } => ("nt", "win32", "Windows", machine.on_windows()),
        };
        let markers = MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
            implementation_name: "cpython",
            implementation_version: &full,
            os_name,
            platform_machine,
            platform_python_implementation: "CPython",
            platform_release: "",
            platform_system,
            platform_version: "",
            python_full_version: &full,
            python_version: &short,
            sys_platform,
        })
        .expect("a version that is written out is a version");
        Self { markers, platform: Some(platform) }
    }
}

/// The last number of a Python whose last number is not known.
pub(crate) const NEWEST_RELEASE: u64 = 99;

impl Machine {
    /// The processor of a name, as `platform.machine()` and wheels spell it on any system.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "x86_64" | "amd64" => Some(Self::X86_64),
            "aarch64" | "arm64" => Some(Self::Aarch64),
            _ => None,
        }
    }

    fn on_linux(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        }
    }

    fn on_macos(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "arm64",
        }
    }

    fn on_windows(self) -> &'static str {
        match self {
            Self::X86_64 => "AMD64",
            Self::Aarch64 => "ARM64",
        }
    }
}
