//! Compose, whichever there is: Compose v2 as a command of `docker`, or `docker-compose`.

use std::{
    ffi::OsStr,
    fs, io,
    path::PathBuf,
    process::{Command, ExitCode, Output, Stdio},
};

use super::{
    file::StackFile,
    place::{COMPOSE_FILE, Place},
};
use crate::failure::{Failure, Kind};

/// Where the services of further cards are written.
const OVERLAY: &str = ".rhapsode/stack-cards.yml";
/// What compose reads by itself beside its file, unless files are named.
const OVERRIDE: &str = "docker-compose.override.yml";

/// Compose with what it is told of a stack.
pub(super) struct Compose {
    flavour: Flavour,
    files: Vec<PathBuf>,
    folder: PathBuf,
    /// What counts over `.env`.
    variables: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    /// `docker compose`
    Two,
    /// `docker-compose`
    One,
}

impl Flavour {
    fn command(self) -> Command {
        match self {
            Self::Two => {
                let mut command = Command::new("docker");
                command.arg("compose");
                command
            }
            Self::One => Command::new("docker-compose"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Two => "docker compose",
            Self::One => "docker-compose",
        }
    }
}

impl Compose {
    /// Finds out what there is, and writes what compose has to be told.
    pub(super) fn find(place: &Place, file: &StackFile) -> Result<Self, Failure> {
        engine()?;
        let flavour = flavour()?;
        let mut files = vec![place.file(COMPOSE_FILE)];
        files.extend(Some(place.file(OVERRIDE)).filter(|path| path.is_file()));
        files.extend(write_overlay(place, file).map_err(|error| {
            let message = format!("failed to write {}: {error}", place.file(OVERLAY).display());
            Failure::new(Kind::Files, message, Some("the stack's folder has to be one that you may write to"))
        })?);
        let mut variables = vec![
            ("COMPOSE_PROFILES".to_owned(), file.profiles()),
            // The images are built with BuildKit's caches, which docker-compose leaves out unless it is told.
            ("DOCKER_BUILDKIT".to_owned(), "1".to_owned()),
            ("COMPOSE_DOCKER_CLI_BUILD".to_owned(), "1".to_owned()),
        ];
        variables.extend(file.first_cards.clone());
        Ok(Self { flavour, files, folder: place.folder.clone(), variables })
    }

    /// Runs a command of compose in front of the user; `what` it does fits after "failed to ".
    pub(super) fn run(&self, what: &str, arguments: &[impl AsRef<OsStr>]) -> Result<ExitCode, Failure> {
        let status = self.command(arguments).status().map_err(|error| self.not_started(&error))?;
        if status.success() {
            return Ok(ExitCode::SUCCESS);
        }
        let message = format!("failed to {what}: {} ended with {status}", self.flavour.name());
        let hint = "what it said stands above; images are made by `rhapsode stack build NAME` in a checkout, and \
                    docs/stack.md tells what each service needs";
        Err(Failure::new(Kind::Voice, message, Some(hint)))
    }

    /// What a command of compose prints.
    pub(super) fn told(&self, arguments: &[impl AsRef<OsStr>]) -> Result<String, Failure> {
        let output = self.command(arguments).stdin(Stdio::null()).output();
        printed(self.flavour.name(), output.map_err(|error| self.not_started(&error))?)
    }

    fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = self.flavour.command();
        command.arg("--project-directory").arg(&self.folder);
        for file in &self.files {
            command.arg("-f").arg(file);
        }
        command.args(arguments).current_dir(&self.folder).envs(self.variables.iter().cloned());
        command
    }

    fn not_started(&self, error: &io::Error) -> Failure {
        Failure::new(Kind::Voice, format!("failed to start {}: {error}", self.flavour.name()), None)
    }
}

/// What a command of docker prints.
pub(super) fn docker(arguments: &[impl AsRef<OsStr>]) -> Result<String, Failure> {
    let output = Command::new("docker").args(arguments).stdin(Stdio::null()).output();
    printed("docker", output.map_err(|error| no_docker(&error))?)
}

fn printed(program: &str, output: Output) -> Result<String, Failure> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let message = format!("failed to ask {program}: {}", said.trim());
    Err(Failure::new(Kind::Voice, message, None))
}

/// Makes sure that a Docker Engine answers.
fn engine() -> Result<(), Failure> {
    let output = Command::new("docker").args(["version", "--format", "{{.Server.Version}}"]).output();
    let output = output.map_err(|error| no_docker(&error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it does not say why");
    let hint = "start it (Docker Desktop, or `sudo systemctl start docker`); if it runs, you may not be allowed to use \
                it: members of the group docker are";
    Err(Failure::new(Kind::Voice, format!("failed to reach the Docker Engine: {last}"), Some(hint)))
}

fn no_docker(error: &io::Error) -> Failure {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "there is no such program".to_owned(),
        _ => error.to_string(),
    };
    let hint = "install Docker Desktop, or the Docker Engine of your system (on Debian the packages docker.io and \
                docker-compose); `rhapsode serve` needs neither";
    Failure::new(Kind::Voice, format!("failed to start docker: {reason}"), Some(hint))
}

/// Compose v2 where it is installed, else `docker-compose`.
fn flavour() -> Result<Flavour, Failure> {
    let works = |flavour: Flavour| {
        let mut command = flavour.command();
        command.arg("version").stdin(Stdio::null());
        command.output().is_ok_and(|output| output.status.success())
    };
    [Flavour::Two, Flavour::One].into_iter().find(|flavour| works(*flavour)).ok_or_else(|| {
        let message = "failed to find compose: there is neither `docker compose` nor `docker-compose`";
        let hint = "install the compose plugin of docker (docker-compose-plugin, docker-compose-v2 or docker-compose, \
                    by your system)";
        Failure::new(Kind::Voice, message, Some(hint))
    })
}

/// Writes the services of further cards; one from an earlier list goes.
fn write_overlay(place: &Place, file: &StackFile) -> io::Result<Option<PathBuf>> {
    let path = place.file(OVERLAY);
    let Some(overlay) = file.overlay() else {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(None),
        };
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    // JSON is YAML.
    let text = format!(
        "# Written by `rhapsode stack` from the cards in .env, and written anew each time.\n{overlay:#}\n"
    );
    fs::write(&path, text)?;
    Ok(Some(path))
}
