//! A folder of its own for each test: manuscripts, output, takes and configuration, so that tests can run side
//! by side and leave nothing behind.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{Outcome, program, voices_folder};

/// The workspace's root.
#[must_use]
pub fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().expect("the tests are a member of the workspace").to_owned()
}

/// A file of `books/samples`.
#[must_use]
pub fn sample(name: &str) -> PathBuf {
    workspace().join("books/samples").join(name)
}

/// A place for one test.
#[derive(Debug)]
pub struct World {
    root: tempfile::TempDir,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world.
    ///
    /// # Panics
    /// If the system gives no temporary folder.
    #[must_use]
    pub fn new() -> Self {
        Self { root: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// A path in it.
    #[must_use]
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(name)
    }

    /// Copies a sample into it.
    ///
    /// # Panics
    /// If there is no such sample.
    #[must_use]
    pub fn manuscript(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::copy(sample(name), &path).unwrap_or_else(|e| panic!("cannot copy the sample {name}: {e}"));
        path
    }

    /// Writes a file into it.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap_or_else(|e| panic!("cannot write {name}: {e}"));
        path
    }

    /// The program with its folders in this world and the user's voices.
    #[must_use]
    pub fn command<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(program());
        for variable in std::env::vars_os().map(|(name, _)| name) {
            if variable.to_string_lossy().starts_with("RHAPSODE_") {
                command.env_remove(variable);
            }
        }
        command
            .current_dir(self.root.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("RHAPSODE_STORAGE_VOICES", voices_folder())
            .env("RHAPSODE_STORAGE_TAKES", self.path("store"))
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        self.command(arguments).output().expect("the program can be started").into()
    }
}
