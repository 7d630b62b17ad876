//! `rhapsode serve` as its clients meet it: OpenAI's own Python client, and curl as `docs/server.md` shows it.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
};

use rhapsode_tests::{
    World, decode,
    fleet::{Fleet, Identity},
    python,
    speech_server::{Condition, Manners, Settings, SpeechServer},
    workspace,
};
use serde_json::{Value, json};

/// A server that is ready.
struct Serving {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStderr>>,
    url: String,
}

impl Serving {
    fn start(mut command: Command) -> Self {
        let mut child = command.args(["--listen", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut serving = Self { child, lines, url: String::new() };
        let mut said = Vec::new();
        for line in serving.lines.by_ref().map_while(Result::ok) {
            if let Some(url) = line.strip_prefix("listening at ") {
                serving.url = url.to_owned();
            }
            if line.starts_with("ready") {
                return serving;
            }
            said.push(line);
        }
        panic!("it ended before it was ready: {said:?}")
    }

    /// Asks it to end, as an init system does; its exit code and what else it said.
    fn terminate(mut self) -> (Option<i32>, Vec<String>) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let said = self.lines.by_ref().map_while(Result::ok).collect();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already, unless its test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn length(folder: &Path, format: &str) -> usize {
    let path = folder.join(format!("whole.{format}"));
    match format {
        "pcm" => fs::metadata(path).unwrap().len() as usize / 2,
        // Opus is always decoded at 48 kHz, twice the voice's rate.
        "opus" => decode(&path).len() / 2,
        _ => decode(&path).len(),
    }
}

#[test]
fn openais_own_python_client_works_unchanged() {
    let Some(python) = python("tests/openai_client/requirements.txt") else { return };
    let world = World::new();
    let arguments = ["serve", "--jobs", "1", "--queue", "0", "--token-env", "SPEECH_TOKEN"];
    let mut command = world.command(arguments);
    command.env("SPEECH_TOKEN", "s3cret");
    let server = Serving::start(command);
    let output = Command::new(python)
        .arg(workspace().join("tests/openai_client/client.py"))
        .arg(world.path(""))
        .env("OPENAI_BASE_URL", format!("{}/v1", server.url))
        .env("OPENAI_API_KEY", "s3cret")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        found["files"],
        json!({
            "wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "opus": "audio/ogg", "pcm": "audio/pcm",
        })
    );
    let refused =
        |what: &str| (found["refused"][what]["code"].clone(), found["refused"][what]["param"].clone());
    assert_eq!(refused("format"), (json!("unsupported_format"), json!("response_format")));
    assert_eq!(refused("model"), (json!("model_not_found"), json!("model")));
    assert_eq!(refused("voice"), (json!("voice_not_found"), json!("voice")));
    assert_eq!(refused("nothing"), (json!("unspeakable"), json!("input")));
    assert_eq!(refused("token"), (json!("invalid_api_key"), json!(null)));
    assert_eq!(found["crowd"], json!(["queue_full", "spoken"]));
    assert!(found["events"].as_u64() > Some(1), "{found}");
    let samples = length(&world.path(""), "wav");
    assert!((36_000..120_000).contains(&samples), "{samples} samples");
    for format in ["flac", "opus", "pcm"] {
        assert_eq!(length(&world.path(""), format), samples, "{format}");
    }
    // What is left of its last frame cannot always be told.
    assert!(length(&world.path(""), "mp3").abs_diff(samples) <= 528);
    let (code, said) = server.terminate();
    assert_eq!(code, Some(0), "{said:?}");
    assert!(said.iter().any(|line| line.contains("speech") && line.contains("200")), "{said:?}");
    assert!(!said.iter().any(|line| line.contains("quick brown") || line.contains("s3cret")), "{said:?}");
}

#[test]
fn the_examples_of_the_guide_work() {
    let guide = fs::read_to_string(workspace().join("docs/server.md")).unwrap();
    let examples: Vec<&str> =
        guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 3);
    let world = World::new();
    let server = Serving::start(world.command(["serve"]));
    for example in examples {
        assert!(example.contains("http://127.0.0.1:5123"), "{example}");
        let example = example.replace("http://127.0.0.1:5123", &server.url);
        let mut shell = Command::new("sh");
        let output =
            shell.args(["-ec", &example]).current_dir(world.path("")).env("NO_PROXY", "127.0.0.1").output();
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{example}\n{said}");
    }
    assert!(decode(&world.path("ishmael.wav")).len() > 12_000);
    let (code, _) = server.terminate();
    assert_eq!(code, Some(0));
}

#[test]
fn an_address_that_is_taken_and_a_token_that_is_none_are_told_with_what_to_do() {
    let world = World::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = world.run(["serve", "--listen", &address]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains(&address) && outcome.stderr.contains("--listen"), "{}", outcome.stderr);
    world.write("token", "two words\n");
    let outcome = world.run(["serve", "--token-file", "token"]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("token") && !outcome.stderr.contains("two words"), "{}", outcome.stderr);
}

#[test]
fn a_server_can_be_asked_by_the_program_whether_it_is_ready() {
    let world = World::new();
    let server = Serving::start(world.command(["serve", "--jobs", "1"]));
    let address = server.url.strip_prefix("http://").unwrap().to_owned();
    let _ = world.run(["serve", "--check", "--listen", &address]).success();
    // Nothing can be reached at the address of every interface, but there is a way to who listens at it.
    let everywhere = address.replace("127.0.0.1", "0.0.0.0");
    let mut watcher = world.command(["serve", "--check", "--listen", &everywhere]);
    assert!(watcher.env("http_proxy", "http://127.0.0.1:1").status().unwrap().success());
    let (code, _) = server.terminate();
    assert_eq!(code, Some(0));
    let outcome = world.run(["serve", "--check", "--listen", &address]);
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("Connection refused"), "{}", outcome.stderr);
}

#[test]
fn the_program_says_why_a_server_is_not_ready() {
    let condition = Condition { phase: Some("it loads its model".to_owned()), ..Condition::default() };
    let server = SpeechServer::start(Settings { manners: Manners::Own, condition, ..Settings::default() });
    let address = server.url().replace("http://", "");
    let world = World::new();
    let outcome = world.run(["serve", "--check", "--listen", &address]);
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("503") && outcome.stderr.contains("it loads its model"),
        "{}",
        outcome.stderr
    );
    server.fare(Condition::default());
    let _ = world.run(["serve", "--check", "--listen", &address]).success();
}

/// The sound that a server gives for a text, as a WAV in the world.
fn spoken(world: &World, serving: &Serving, text: &str) -> (Vec<i16>, u32) {
    let body = json!({ "input": text, "voice": "siren", "response_format": "wav" }).to_string();
    let output = Command::new("curl")
        .args(["--fail-with-body", "-sS", &format!("{}/v1/audio/speech", serving.url)])
        .args(["-H", "Content-Type: application/json", "-d", &body, "-o"])
        .arg(world.path("spoken.wav"))
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    (decode(&world.path("spoken.wav")), 24_000)
}

const SENTENCE: &str = "The keeper carried the lamp down by the harbour.";

#[test]
fn a_server_that_is_named_by_its_address_speaks_behind_the_protocol() {
    let fleet = Fleet::start([Settings::default()]);
    let world = World::new();
    let serving = Serving::start(world.command(["serve", "--backend", &fleet.servers()[0].url()]));
    let (samples, rate) = spoken(&world, &serving, SENTENCE);
    assert_eq!(fleet.hear(&samples, rate).unwrap(), [SENTENCE]);
    let (code, said) = serving.terminate();
    assert_eq!(code, Some(0), "{said:?}");
}

#[test]
fn of_two_configured_servers_the_named_one_speaks_and_without_a_name_none() {
    let timbre = |timbre: &str| Settings { timbre: timbre.to_owned(), ..Settings::default() };
    let fleet = Fleet::start([timbre("one"), timbre("other")]);
    let world = World::new();
    fleet.configure(&world, Identity::Unstated);
    let refused = world.run(["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("\"server-1\" is not the only one")
            && refused.stderr.contains("hint: --backend NAME"),
        "{}",
        refused.stderr
    );
    assert_eq!(fleet.requests(), 0);

    let serving = Serving::start(world.command(["serve", "--backend", "server-1"]));
    let (samples, rate) = spoken(&world, &serving, SENTENCE);
    assert_eq!(fleet.hear(&samples, rate).unwrap(), [SENTENCE]);
    assert_eq!(fleet.servers()[0].counts().requests, 0, "the other one was asked");
    let (code, said) = serving.terminate();
    assert_eq!(code, Some(0), "{said:?}");
}
