//! The program under test and how it ended.

use std::{path::PathBuf, process::Output};

/// How a run of the program ended.
#[derive(Debug)]
pub struct Outcome {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// What it printed as data.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Outcome {
    /// The outcome, if the program succeeded.
    ///
    /// # Panics
    /// With everything it said, if it did not.
    #[must_use]
    pub fn success(self) -> Self {
        assert_eq!(self.code, Some(0), "rhapsode failed:\n{}\n{}", self.stdout, self.stderr);
        self
    }
}

/// The program, built beside the tests by `scripts/test`.
///
/// # Panics
/// If it has not been built.
#[must_use]
pub fn program() -> PathBuf {
    let name = format!("rhapsode{}", std::env::consts::EXE_SUFFIX);
    let running = std::env::current_exe().expect("a running program has a path");
    // Tests lie in <profile>/deps, the soak in <profile>.
    let folder = running.ancestors().skip(1).find(|folder| !folder.ends_with("deps"));
    let program = folder.expect("a program lies in a folder").join(name);
    assert!(program.is_file(), "{} is not built: run `cargo build --release` first", program.display());
    program
}

/// The user's voices folder, where `rhapsode voices fetch` put the voice that the tests speak with.
///
/// # Panics
/// If the system has no data folder.
#[must_use]
pub fn voices_folder() -> PathBuf {
    let dirs = directories::ProjectDirs::from("", "", "rhapsode").expect("a user has a data folder");
    dirs.data_dir().join("voices")
}
