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
    let tests = std::env::current_exe().expect("a running test has a path");
    let folder = tests.ancestors().nth(2).expect("tests lie in <profile>/deps");
    let program = folder.join(format!("rhapsode{}", std::env::consts::EXE_SUFFIX));
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
