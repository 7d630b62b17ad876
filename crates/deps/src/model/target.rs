//! For whom requirements are evaluated: the Python and the machine that a report speaks of, which is not ours.

use pep508_rs::MarkerEnvironment;

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
