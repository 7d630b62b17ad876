//! Docker's own client, and what it tells of a container.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rhapsode_tests::Outcome;
use serde_json::Value;

/// What takes longer than this does not come any more.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a command of Docker's client to its end.
pub(crate) fn docker<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
    let mut command = Command::new("docker");
    command.args(arguments).stdin(Stdio::null());
    command.output().expect("docker is installed; scripts/docker-engine does that").into()
}

/// Waits for something that is bound to come.
pub(crate) fn wait_until(what: &str, mut come: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !come() {
        assert!(begin.elapsed() < PATIENCE, "{what} is still to come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A container, by its id.
#[derive(Debug, Clone)]
pub(crate) struct Container(pub(crate) String);

impl Container {
    /// All that Docker knows of it.
    pub(crate) fn inspect(&self) -> Value {
        let told = docker(["inspect", &self.0]).success().stdout;
        serde_json::from_str::<Value>(&told).unwrap()[0].take()
    }

    /// The service of the compose file that it is of.
    pub(crate) fn service(&self) -> String {
        let labels = self.inspect()["Config"]["Labels"].take();
        labels["com.docker.compose.service"].as_str().unwrap().to_owned()
    }

    /// Runs a program in it.
    pub(crate) fn exec(&self, command: &[&str]) -> Outcome {
        docker(["exec", &self.0].into_iter().chain(command.iter().copied()))
    }

    /// What it wrote to both its streams.
    pub(crate) fn logs(&self) -> String {
        let Outcome { stdout, stderr, .. } = docker(["logs", &self.0]);
        stdout + &stderr
    }

    /// Waits until its health check passes.
    pub(crate) fn wait_until_healthy(&self) {
        wait_until("health", || {
            let about = self.inspect();
            let began = (&about["State"]["Status"], &about["RestartCount"]);
            assert_eq!(began, (&"running".into(), &0.into()), "{}", self.logs());
            about["State"]["Health"]["Status"] == "healthy"
        });
    }

    /// Where one of its ports is found on this machine.
    pub(crate) fn published(&self, port: u16) -> String {
        let binding = self.inspect()["NetworkSettings"]["Ports"][format!("{port}/tcp")][0].take();
        format!("{}:{}", binding["HostIp"].as_str().unwrap(), binding["HostPort"].as_str().unwrap())
    }

    /// Ends its first process as a crash does. `docker kill` would count as a wish to have it stopped.
    pub(crate) fn crash(&self) {
        let about = self.inspect();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (user, image) = (text(&about["Config"]["User"]), text(&about["Config"]["Image"]));
        let kill = format!("kill -9 {}", about["State"]["Pid"]);
        // In a container that sees every process, so that whoever may use Docker may do it.
        let arguments = ["run", "--rm", "--pid=host", "--network=none", "--user", &user, "--entrypoint=sh"];
        let _ = docker(arguments.into_iter().chain([&*image, "-c", &kill])).success();
    }
}
