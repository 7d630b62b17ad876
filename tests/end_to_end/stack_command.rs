//! `rhapsode stack`, with programs in the place of `docker` and `docker-compose` that write down what they are told. What
//! real ones make of it is tested with the stack.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use rhapsode_tests::{Outcome, World, workspace};
use serde_json::{Value, json};

/// What the stand-in for `docker` does: an engine answers, compose is one of its commands, and whatever it is asked for
/// is written down with the settings that count.
const DOCKER: &str = r#"#!/bin/sh
case "$1 $2" in
"compose version") exit 0 ;;
"version --format") echo 28.0.0; exit 0 ;;
"inspect "*) exec /bin/cat "$(dirname "$0")/inspected.json" ;;
esac
printf '%s|%s|%s\n' "$*" "$COMPOSE_PROFILES" "$CHATTERBOX_GPUS" >> "$(dirname "$0")/calls"
case "$*" in *" ps -a -q "*) echo 4f2a ;; esac
"#;

/// A world with stand-ins in the place of Docker.
struct Docked {
    world: World,
}

impl Docked {
    fn new() -> Self {
        let docked = Self { world: World::new() };
        fs::create_dir(docked.world.path("bin")).unwrap();
        docked.program("docker", DOCKER);
        docked
    }

    /// Puts a program in the place of another.
    fn program(&self, name: &str, script: &str) {
        let path = self.world.write(&format!("bin/{name}"), script);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A folder with the stack's compose file.
    fn stack(&self, settings: &str) -> PathBuf {
        let folder = self.world.path("stack");
        fs::create_dir_all(&folder).unwrap();
        fs::copy(workspace().join("docker-compose.yml"), folder.join("docker-compose.yml")).unwrap();
        fs::write(folder.join(".env"), settings).unwrap();
        folder
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.command([&["stack"], arguments].concat());
        // `dirname` is all that the stand-ins need of the system.
        command.env("PATH", format!("{}:/usr/bin", self.world.path("bin").display()));
        for variable in ["CHATTERBOX_GPUS", "COMPOSE_PROFILES", "COMPOSE_FILE", "COMPOSE_PROJECT_NAME"] {
            command.env_remove(variable);
        }
        command.env("XDG_DATA_HOME", self.world.path("data")).env("NO_PROXY", "127.0.0.1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.command(arguments).output().unwrap().into()
    }

    /// What compose was told, without the files, with its profiles and the cards of chatterbox.
    fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.world.path("bin/calls")).unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }
}

fn assert_told(outcome: &Outcome, code: i32, words: &[&str]) {
    assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
    for word in words {
        assert!(outcome.stderr.contains(word), "{word:?} is missing in\n{}", outcome.stderr);
    }
}

#[test]
fn without_docker_or_compose_or_an_engine_that_answers_the_remedy_is_told() {
    let docked = Docked::new();
    let folder = docked.stack("");
    let start = ["start", "builtin", "--directory", folder.to_str().unwrap()];
    let nothing = docked.command(&start).env("PATH", folder.join("nowhere")).output().unwrap().into();
    assert_told(&nothing, 5, &["failed to start docker", "no such program", "docker.io", "rhapsode serve"]);
    docked.program("docker", "#!/bin/sh\n[ \"$1\" = version ] && echo 28.0.0 && exit 0\nexit 1\n");
    docked.program("docker-compose", "#!/bin/sh\nexit 127\n");
    assert_told(&docked.run(&start), 5, &["neither `docker compose` nor `docker-compose`", "install"]);
    docked.program("docker", "#!/bin/sh\necho Cannot connect to the Docker daemon. >&2\nexit 1\n");
    assert_told(&docked.run(&start), 5, &["Cannot connect to the Docker daemon", "systemctl start docker"]);
}

#[test]
fn a_service_is_started_once_for_each_of_its_cards() {
    let docked = Docked::new();
    let folder = docked.stack("CHATTERBOX_GPUS=0,1\n");
    let directory = folder.to_str().unwrap();
    assert_eq!(docked.run(&["start", "chatterbox", "--directory", directory]).code, Some(0));
    let call = docked.calls().pop().unwrap();
    let cards = folder.join(".rhapsode/stack-cards.yml");
    let (told, settings) = call.split_once('|').unwrap();
    assert!(told.ends_with("up -d --remove-orphans --no-build chatterbox chatterbox-2"), "{call}");
    assert!(told.contains(&format!("-f {directory}/docker-compose.yml -f {}", cards.display())), "{call}");
    assert_eq!(settings, "chatterbox,engines,index-tts,rhapsode,sesame|0", "the first has the first card");
    let written = fs::read_to_string(&cards).unwrap();
    assert!(
        written.contains("\"chatterbox-2\"") && written.starts_with("# Written by `rhapsode stack`"),
        "{written}"
    );
    docked.stack("CHATTERBOX_GPUS=1\n");
    assert_eq!(docked.run(&["stop", "all", "--directory", directory]).code, Some(0));
    let call = docked.calls().pop().unwrap();
    assert!(call.contains("stop builtin chatterbox index-tts sesame watch|"), "{call}");
    assert!(!cards.exists() && !call.contains("stack-cards.yml"), "{call}");
}

#[test]
fn a_service_is_restarted_with_the_containers_of_all_its_cards() {
    let docked = Docked::new();
    let folder = docked.stack("CHATTERBOX_GPUS=0,1\n");
    let arguments = ["restart", "builtin", "chatterbox", "--directory", folder.to_str().unwrap()];
    assert_eq!(docked.run(&arguments).code, Some(0));
    let call = docked.calls().pop().unwrap();
    assert!(call.contains(" restart builtin chatterbox chatterbox-2|"), "{call}");
}

#[test]
fn a_shell_in_a_container_takes_commands_from_a_pipe() {
    let docked = Docked::new();
    let folder = docked.stack("CHATTERBOX_GPUS=0,1\n");
    // What would run in the container runs here.
    let inside = "case \"$*\" in *\" exec \"*) while [ \"$1\" != sh ]; do shift; done; exec \"$@\" ;; esac\n";
    docked.program("docker", &[DOCKER, inside].concat());
    let arguments = ["shell", "chatterbox", "--directory", folder.to_str().unwrap()];
    let mut shell = docked.command(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(b"echo $((6 * 7))\n").unwrap();
    let outcome: Outcome = shell.wait_with_output().unwrap().into();
    assert_eq!((outcome.code, outcome.stdout.trim()), (Some(0), "42"), "{}", outcome.stderr);
    let call = docked.calls().pop().unwrap();
    assert!(call.contains(" exec -T chatterbox sh -c "), "{call}");
}

#[test]
fn compose_of_either_kind_is_used_and_its_failure_is_told() {
    let docked = Docked::new();
    let folder = docked.stack("");
    let directory = folder.to_str().unwrap();
    docked.program("docker", "#!/bin/sh\n[ \"$1\" = version ] && echo 28.0.0 && exit 0\nexit 1\n");
    docked.program(
        "docker-compose",
        "#!/bin/sh\n[ \"$1\" = version ] && exit 0\necho \"one $*\" >> \"$(dirname \"$0\")/calls\"\nexit 3\n",
    );
    let outcome = docked.run(&["logs", "builtin", "--follow", "--tail", "7", "--directory", directory]);
    assert_told(&outcome, 5, &["failed to show the logs", "docker-compose ended with", "3"]);
    let call = docked.calls().pop().unwrap();
    assert!(call.starts_with("one ") && call.ends_with("logs --tail=7 --follow builtin"), "{call}");
}

#[test]
fn images_are_built_in_a_checkout_alone() {
    let docked = Docked::new();
    let folder = docked.stack("");
    let outcome = docked.run(&["build", "sesame", "--directory", folder.to_str().unwrap()]);
    assert_told(&outcome, 6, &["sources are not in", "checkout", "--directory"]);
    assert_eq!(docked.calls(), Vec::<String>::new());
    let checkout = workspace();
    let arguments = ["build", "builtin", "--no-cache", "--build-arg", "PACKAGES=ffmpeg", "--directory"];
    let outcome = docked.run(&[&arguments[..], &[checkout.to_str().unwrap()]].concat());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let call = docked.calls().pop().unwrap();
    assert!(call.contains(" build --no-cache --build-arg PACKAGES=ffmpeg builtin|"), "{call}");
}

#[test]
fn the_compose_file_comes_out_of_the_program_and_one_that_is_there_is_left_alone() {
    let docked = Docked::new();
    assert_eq!(docked.run(&["start", "builtin"]).code, Some(0));
    let own = docked.world.path("data/rhapsode/stack");
    let carried = fs::read_to_string(own.join("docker-compose.yml")).unwrap();
    assert_eq!(carried, fs::read_to_string(workspace().join("docker-compose.yml")).unwrap());
    assert!(own.join(".env.example").is_file());
    let changed = carried + "# changed by hand\n";
    fs::write(own.join("docker-compose.yml"), &changed).unwrap();
    assert_eq!(docked.run(&["stop", "builtin"]).code, Some(0));
    assert_eq!(fs::read_to_string(own.join("docker-compose.yml")).unwrap(), changed);
    // A file of another project in the folder where the user stands is not the stack's.
    docked.world.write("docker-compose.yml", "services: {web: {image: nginx}}\n");
    assert_eq!(docked.run(&["stop", "builtin"]).code, Some(0));
    assert!(
        docked.calls().pop().unwrap().contains(&format!("-f {}", own.join("docker-compose.yml").display()))
    );
    // The stack's is, and so it is from a folder in it.
    let folder = docked.stack("");
    fs::create_dir(folder.join("books")).unwrap();
    let outcome = docked.command(&["stop", "builtin"]).current_dir(folder.join("books")).output().unwrap();
    assert!(outcome.status.success());
    assert!(
        docked
            .calls()
            .pop()
            .unwrap()
            .contains(&format!("-f {}", folder.join("docker-compose.yml").display()))
    );
}

#[test]
fn a_service_that_is_not_there_and_settings_that_cannot_be_read_are_refused() {
    let docked = Docked::new();
    let folder = docked.stack("");
    let directory = folder.to_str().unwrap();
    let outcome = docked.run(&["start", "kokoro", "--directory", directory]);
    assert_told(&outcome, 2, &["\"kokoro\"", "builtin, chatterbox, index-tts, rhapsode, sesame, watch, all"]);
    docked.stack("CHATTERBOX_GPUS='0\n");
    assert_told(&docked.run(&["start", "builtin", "--directory", directory]), 4, &[".env", "docs/stack.md"]);
    fs::write(folder.join(".env"), "").unwrap();
    fs::write(folder.join("docker-compose.yml"), "services: [").unwrap();
    assert_told(&docked.run(&["start", "builtin", "--directory", directory]), 4, &["docker-compose.yml"]);
}

/// `rhapsode serve`, ended when it is dropped.
struct Serving(Child, u16);

impl Serving {
    fn start(world: &World) -> Self {
        let mut command = world.command(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("listening at ").map(str::to_owned)).unwrap();
        lines.find(|line| line.starts_with("ready")).unwrap();
        // Somebody must read on, or the server waits for its log.
        std::thread::spawn(move || lines.count());
        let port = url.rsplit(':').next().unwrap().parse().unwrap();
        Self(child, port)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already, unless its test failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What `docker inspect` says of a container of the built-in voice whose port is published at `port`.
fn inspected(port: u16, state: &str) -> Value {
    json!([{
        "Name": "/stack_builtin_1", "RestartCount": 0,
        "State": { "Status": state, "ExitCode": if state == "running" { 0 } else { 137 } },
        "Config": { "Image": "rhapsode:latest", "Labels": { "com.docker.compose.service": "builtin" } },
        "NetworkSettings": {
            "Ports": { "5123/tcp": [{ "HostIp": "127.0.0.1", "HostPort": port.to_string() }] }, "Networks": {},
        },
    }])
}

#[test]
fn status_joins_the_container_with_readiness_and_gate_and_verify_has_it_speak() {
    let docked = Docked::new();
    let folder = docked.stack("");
    let directory = folder.to_str().unwrap();
    let server = Serving::start(&docked.world);
    docked.world.write("bin/inspected.json", inspected(server.1, "running").to_string());
    let status = docked.run(&["status", "--directory", directory]).success().stdout;
    let line = status.lines().find(|line| line.starts_with("builtin")).unwrap();
    assert!(line.contains("running") && line.contains("pass") && line.ends_with("it is ready"), "{status}");
    assert!(status.lines().any(|line| line == "sesame      not created"), "{status}");
    let json = docked.run(&["status", "builtin", "--json", "--directory", directory]).success().stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let service = &json["services"][0];
    assert_eq!((&service["service"], &service["container"]["state"]), (&json!("builtin"), &json!("running")));
    assert_eq!((&service["ready"], &service["gate"]["verdict"]), (&json!("it is ready"), &json!("pass")));
    let spoken = service["gate"]["outcomes"].as_array().unwrap().iter().any(|one| one["id"] == "RHA-SPK-001");
    assert!(spoken, "{service}");
    let verified = docked.run(&["verify", "builtin", "--directory", directory]).success().stdout;
    for line in ["  pass  health", "  pass  speech", "  pass  gate"] {
        assert!(verified.lines().any(|found| found.starts_with(line)), "{line:?} is missing in\n{verified}");
    }
}

#[test]
fn a_service_that_does_not_answer_or_does_not_run_is_refused() {
    let docked = Docked::new();
    let folder = docked.stack("");
    let directory = folder.to_str().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    docked.world.write("bin/inspected.json", inspected(port, "running").to_string());
    let status = docked.run(&["status", "builtin", "--directory", directory]);
    assert_eq!(status.code, Some(10), "{}", status.stdout);
    assert!(status.stdout.contains("FAIL") && status.stdout.contains("RHA-NET-001"), "{}", status.stdout);
    let verified = docked.run(&["verify", "builtin", "--directory", directory]);
    assert_eq!(verified.code, Some(10), "{}", verified.stdout);
    assert!(verified.stdout.contains("  FAIL  health       no answer"), "{}", verified.stdout);
    docked.world.write("bin/inspected.json", inspected(port, "exited").to_string());
    for (command, words) in
        [("status", "exited with code 137"), ("verify", "FAIL  container    exited, and has to run")]
    {
        let outcome = docked.run(&[command, "builtin", "--directory", directory]);
        assert_eq!(outcome.code, Some(10), "{}", outcome.stdout);
        assert!(outcome.stdout.contains(words), "{}", outcome.stdout);
    }
}
