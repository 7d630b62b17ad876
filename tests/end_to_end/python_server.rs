//! The Python speech server with its stand-in engine, as rhapsode meets it: a book in batches, a server that is killed
//! and comes back, the gate, and the whole protocol.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use rhapsode_tests::{
    World,
    fleet::{CHUNK, manuscript, takes},
    probe,
    protocol::{Level, Options, examine},
    python, workspace,
};
use serde_json::Value;

const REQUIREMENTS: &str = "backends/server/requirements.test.txt";

/// Makes a server slow enough to be killed while it speaks, and to be asked for more than one text at a time.
const SLOW: [(&str, &str); 1] = [("RHAPSODE_STAND_IN_SECONDS_PER_CHARACTER", "0.004")];

/// A server that listens; killed when it is dropped.
struct PythonServer {
    child: Child,
    address: String,
}

impl PythonServer {
    /// Starts a server at a port; 0 takes a free one.
    fn start(python: &Path, world: &World, port: &str, settings: &[(&str, &str)]) -> Self {
        let mut command = Command::new(python);
        command
            .arg(workspace().join("backends/server/server.py"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        for variable in std::env::vars_os().map(|(name, _)| name) {
            if variable.to_string_lossy().starts_with("RHAPSODE_") {
                command.env_remove(variable);
            }
        }
        command
            .envs([("RHAPSODE_ENGINE", "stand-in"), ("RHAPSODE_PORT", port)])
            .env("RHAPSODE_VOICES_DIR", world.path("recordings"))
            .env("RHAPSODE_CACHE_DIR", world.path("cache"))
            .env("RHAPSODE_ARTIFACTS_DIR", world.path("artifacts"))
            .env("RHAPSODE_ENVIRONMENT_DIR", world.path("artifacts"))
            .envs(settings.iter().copied());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut said = Vec::new();
        let address = lines.by_ref().find_map(|line| {
            let event: Option<Value> = serde_json::from_str(&line).ok();
            said.push(line);
            event.filter(|event| event["event"] == "listening")?["address"].as_str().map(str::to_owned)
        });
        // Somebody must read on, or the server waits for its log.
        std::thread::spawn(move || lines.count());
        Self { child, address: address.unwrap_or_else(|| panic!("it does not listen: {said:?}")) }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Kills it as a lack of memory does; its port.
    fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.address.rsplit(':').next().unwrap().to_owned()
    }

    /// A figure of its metrics, all labels together.
    fn figure(&self, name: &str) -> f64 {
        let output = Command::new("curl").args(["-sS", &format!("{}/metrics", self.url())]).output().unwrap();
        let page = String::from_utf8(output.stdout).unwrap();
        let of_name = page
            .lines()
            .filter(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '{'])));
        of_name.map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()).sum()
    }
}

impl Drop for PythonServer {
    fn drop(&mut self) {
        // It has ended already where a test killed it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes the configuration of a world whose backends are these.
fn configure<'a>(world: &World, servers: impl IntoIterator<Item = &'a PythonServer>) {
    let block = |(number, server): (usize, &PythonServer)| {
        let url = server.url();
        format!(
            "[[backend]]\nname = \"python-{number}\"\nkind = \"openai\"\nurl = \"{url}\"\nmax-chars = {CHUNK}\n"
        )
    };
    let toml: String = servers.into_iter().enumerate().map(block).collect();
    world.write("rhapsode.toml", toml);
}

fn arguments(book: &Path) -> Vec<std::ffi::OsString> {
    let rest = ["-o", "out.m4b", "--voice", "alto", "--events=json", "--wait"];
    ["convert".into(), book.as_os_str().to_owned()].into_iter().chain(rest.map(Into::into)).collect()
}

/// A Python for the server, if a registry gives its packages.
fn server_python() -> Option<PathBuf> {
    python(REQUIREMENTS)
}

/// Waits until a store has so many takes; the job must not end before.
fn until_takes(world: &World, child: &mut Child, number: usize) {
    while takes(world).len() < number {
        assert!(child.try_wait().unwrap().is_none(), "the job ended before it had {number} takes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_book_is_whole_when_of_two_servers_one_is_killed_and_comes_back_and_the_other_is_killed_for_good() {
    let Some(python) = server_python() else { return };
    let text = manuscript(3, 16);
    let whole = World::new();
    let server = PythonServer::start(&python, &whole, "0", &[]);
    configure(&whole, [&server]);
    let book = whole.write("book.md", &text);
    let _ = whole.run(arguments(&book)).success();
    let keys: Vec<String> = takes(&whole).into_keys().collect();
    assert!(keys.len() > 30, "{} takes", keys.len());

    let world = World::new();
    let one = PythonServer::start(&python, &world, "0", &SLOW);
    // While this file is there, the other one does not speak: it must not finish the book before the first is back.
    let gate = world.path("gate");
    let held = [SLOW[0], ("RHAPSODE_STAND_IN_GATE", gate.to_str().unwrap())];
    let other = PythonServer::start(&python, &world, "0", &held);
    configure(&world, [&one, &other]);
    let book = world.write("book.md", &text);
    let mut command = world.command(arguments(&book));
    let mut job = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    until_takes(&world, &mut job, 6);
    std::fs::write(&gate, "").unwrap();
    let port = one.kill();
    let one = PythonServer::start(&python, &world, &port, &SLOW);
    std::fs::remove_file(&gate).unwrap();
    until_takes(&world, &mut job, 12);
    other.kill();
    let output = job.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let made: Vec<String> = takes(&world).into_keys().collect();
    assert_eq!(made, keys, "the book is not the one that a healthy server makes");
    let (seconds, healthy) =
        (probe(&world.path("out.m4b")).seconds(), probe(&whole.path("out.m4b")).seconds());
    assert!((seconds - healthy).abs() < 0.1, "{seconds} s, and {healthy} s of a healthy server");
    let spoken = one.figure("rhapsode_characters_total");
    assert!(spoken > 0.0, "the server that came back had nothing to do");
    // The forward passes had company.
    let (texts, passes) = (one.figure("rhapsode_batch_sum"), one.figure("rhapsode_batch_count"));
    assert!(texts > passes, "{texts} texts in {passes} forward passes");
}

#[test]
fn the_gate_and_the_dependency_analysis_find_nothing_wrong_with_the_python_server() {
    let Some(python) = server_python() else { return };
    let world = World::new();
    let artifacts = world.path("artifacts");
    let written = Command::new(&python)
        .current_dir(workspace().join("backends/server"))
        .args(["-m", "rhapsode_speech_server.dependencies", "--engine", "stand-in", "--verify", "--write"])
        .arg(&artifacts)
        .output()
        .unwrap();
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let server = PythonServer::start(&python, &world, "0", &[]);
    let _ = world.run(["deps".as_ref(), "check".as_ref(), artifacts.as_os_str()]).success();
    let told = world.run(["deps", "check", &server.url()]).success().stdout;
    assert!(told.contains("nothing is wrong"), "{told}");
    let doctor = world.run(["doctor", "--backend", &server.url(), "--wait", "--json"]).success().stdout;
    let doctor: Value = serde_json::from_str(&doctor).unwrap();
    let outcomes = doctor["outcomes"].as_array().unwrap();
    let of_server = |outcome: &&Value| !outcome["id"].as_str().unwrap().starts_with("RHA-MAC");
    let wrong: Vec<_> =
        outcomes.iter().filter(of_server).filter(|outcome| outcome["verdict"] != "pass").collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_python_server_speaks_the_whole_protocol() {
    let Some(python) = server_python() else { return };
    let world = World::new();
    let token = world.write("token", "s3cret\n");
    let settings = [SLOW[0], ("RHAPSODE_TOKEN_FILE", token.to_str().unwrap())];
    let server = PythonServer::start(&python, &world, "0", &settings);
    let options =
        Options { level: Level::Own, token: Some("s3cret".to_owned()), ..Options::new(server.url()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let report = runtime.block_on(examine(options)).unwrap();
    assert!(report.passes(), "{}", report.text());
    assert!(report.skipped().is_empty(), "{}", report.text());
}
