//! A stack of its own for each test, driven by compose as a user drives it.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    process::Command,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use rhapsode_tests::{Outcome, World, workspace};

use crate::{
    container::{Container, docker},
    image,
};

/// Where the built-in voice is published on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    /// At a port that is free. Another one after every start.
    Any,
    /// At one that stays.
    Fixed,
}

/// A stack. It goes with its containers, volumes and network.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) world: World,
    // Two stacks would measure each other.
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

impl Stack {
    /// A stack whose containers are not started yet.
    pub(crate) fn new(port: Port) -> Self {
        // A test that failed before this one is no reason.
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        image::build();
        let world = World::new();
        let mut settings = image::settings();
        let port = match port {
            Port::Any => String::new(),
            Port::Fixed => free_port().to_string(),
        };
        writeln!(settings, "BUILTIN_PORT={port}\nWATCH_PORT=\nBOOKS={}", world.path("books").display())
            .unwrap();
        fs::create_dir(world.path("books")).unwrap();
        // The user of the containers is not the one of the tests.
        fs::set_permissions(world.path("books"), Permissions::from_mode(0o777)).unwrap();
        lay_out(&world, &settings);
        Self { world, _alone: alone }
    }

    /// `docker compose up` alone.
    pub(crate) fn up(port: Port) -> Self {
        let stack = Self::new(port);
        stack.run(&["up", "-d"]);
        stack.containers("builtin").iter().for_each(Container::wait_until_healthy);
        stack
    }

    /// Runs a command of compose to its end.
    pub(crate) fn compose(&self, arguments: &[&str]) -> Outcome {
        compose(&self.world).args(arguments).output().unwrap().into()
    }

    /// Runs a command of compose that has to succeed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        self.compose(arguments).success().stdout
    }

    /// The containers of a service, those that have ended too.
    pub(crate) fn containers(&self, service: &str) -> Vec<Container> {
        let name = name(&self.world);
        let project = format!("label=com.docker.compose.project={name}");
        let service = format!("label=com.docker.compose.service={service}");
        let arguments = ["ps", "--all", "--quiet", "--no-trunc", "--filter", &project, "--filter", &service];
        let told = docker(arguments).success().stdout;
        told.lines().map(|id| Container(id.to_owned())).collect()
    }

    /// Every container that runs, by its service, where each service has one.
    pub(crate) fn running(&self) -> BTreeMap<String, Container> {
        let project = format!("label=com.docker.compose.project={}", name(&self.world));
        let told = docker(["ps", "--quiet", "--no-trunc", "--filter", &project]).success().stdout;
        let containers = told.lines().map(|id| Container(id.to_owned()));
        containers.map(|container| (container.service(), container)).collect()
    }

    /// The one container of the built-in voice.
    pub(crate) fn builtin(&self) -> Container {
        let mut containers = self.containers("builtin");
        assert_eq!(containers.len(), 1);
        containers.remove(0)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // The test has its verdict; what cannot be removed here is found by `docker ps`.
        let _ = compose(&self.world).args(["down", "--volumes", "--timeout", "5"]).output();
    }
}

/// Puts into a folder what a stack is made of.
pub(crate) fn lay_out(world: &World, settings: &str) {
    for file in ["docker-compose.yml", "Dockerfile", ".dockerignore"] {
        fs::copy(workspace().join(file), world.path(file)).unwrap();
    }
    world.write(".env", settings);
}

/// Compose in a folder: v2 where it is installed, else `docker-compose`.
pub(crate) fn compose(world: &World) -> Command {
    static V2: OnceLock<bool> = OnceLock::new();
    let v2 = V2.get_or_init(|| docker(["compose", "version"]).code == Some(0));
    let mut command = Command::new(if *v2 { "docker" } else { "docker-compose" });
    // What the shell of the tests has set would count over the folder's `.env`.
    for line in fs::read_to_string(world.path(".env")).unwrap_or_default().lines() {
        command.env_remove(line.split('=').next().unwrap_or_default());
    }
    command
        .args(v2.then_some("compose"))
        .args(["--project-name", &name(world)])
        .current_dir(world.path(""))
        .env("DOCKER_BUILDKIT", "1")
        .env("COMPOSE_DOCKER_CLI_BUILD", "1");
    command
}

/// The project of a folder. Compose takes lower-case letters and digits.
pub(crate) fn name(world: &World) -> String {
    let folder = world.path("");
    let folder = folder.file_name().unwrap().to_string_lossy().to_lowercase();
    format!("rhapsode{}", folder.replace(|letter: char| !letter.is_ascii_alphanumeric(), ""))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
