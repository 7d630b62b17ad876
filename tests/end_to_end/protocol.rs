//! The protocol suite, pointed at our own server and at foreign ones.

use std::{
    fs,
    io::{BufRead, BufReader, Cursor},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
    routing::post,
};
use rhapsode_tests::{
    World,
    protocol::{Level, Options, Report, Verdict, examine, table},
    speech_server::{Settings, Song, SpeechServer},
    workspace,
};
use serde_json::Value;

fn report(options: Options) -> Report {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(examine(Options { patience: Duration::from_secs(120), ..options })).unwrap()
}

fn own(url: &str) -> Options {
    Options { level: Level::Own, ..Options::new(url) }
}

fn verdict(report: &Report, check: &str) -> Verdict {
    report.outcomes.iter().find(|outcome| outcome.check == check).unwrap().verdict
}

/// `rhapsode serve`, ended when it is dropped.
struct Serving(Child, String);

impl Serving {
    fn start(mut command: Command) -> Self {
        let mut child = command.args(["--listen", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let url = lines.find_map(|line| line.strip_prefix("listening at ").map(str::to_owned)).unwrap();
        // Somebody must read on, or the server waits for its log.
        std::thread::spawn(move || lines.count());
        Self(child, url)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already, unless its test failed.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that knows one call, and answers WAV whatever is asked for.
struct Minimal(String, tokio::runtime::Runtime);

/// Reads a request to its end before it is answered: a server that closes earlier breaks the sender's pipe, or not.
async fn patiently(request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    next.run(Request::from_parts(head, body.into())).await
}

impl Minimal {
    fn start() -> Self {
        async fn speech(Json(body): Json<Value>) -> Vec<u8> {
            let song = Song::of(body["input"].as_str().unwrap_or_default(), "", 0.06);
            let spec = hound::WavSpec {
                channels: 1,
                sample_rate: 22_050,
                bits_per_sample: 16,
                sample_format: hound::SampleFormat::Int,
            };
            let mut file = Cursor::new(Vec::new());
            let mut writer = hound::WavWriter::new(&mut file, spec).unwrap();
            song.samples(22_050).iter().for_each(|s| writer.write_sample((s * 32_767.0) as i16).unwrap());
            writer.finalize().unwrap();
            file.into_inner()
        }
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let local: SocketAddr = ([127, 0, 0, 1], 0).into();
        let listener = runtime.block_on(tokio::net::TcpListener::bind(local)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router =
            Router::new().route("/v1/audio/speech", post(speech)).layer(middleware::from_fn(patiently));
        runtime.spawn(async { axum::serve(listener, router).await });
        Self(url, runtime)
    }
}

#[test]
fn our_own_server_speaks_the_whole_protocol() {
    let world = World::new();
    let server = Serving::start(world.command(["serve", "--queue", "6"]));
    let report = report(own(&server.1));
    assert!(report.passes(), "{}", report.text());
    assert_eq!(report.skipped(), ["token", "token.watching", "params.out-of-range"], "{}", report.text());
}

#[test]
fn our_own_server_with_a_token_speaks_to_those_alone_who_show_it() {
    let world = World::new();
    world.write("token", "s3cret\n");
    let server = Serving::start(world.command(["serve", "--token-file", "token"]));
    let only = ["ready", "token", "capabilities", "speech", "client"].map(str::to_owned).to_vec();
    let options = Options { token: Some("s3cret".to_owned()), only, ..own(&server.1) };
    let shown = report(options.clone());
    assert!(shown.passes(), "{}", shown.text());
    assert_eq!(verdict(&shown, "token"), Verdict::Pass);
    let hidden = report(Options { token: None, ..options });
    assert!(!hidden.is_usable(), "{}", hidden.text());
}

#[test]
fn of_a_server_with_one_call_the_report_tells_what_rhapsode_does_without_the_others() {
    let server = Minimal::start();
    let report = report(Options::new(&server.0));
    assert!(report.is_usable(), "{}", report.text());
    insta::assert_snapshot!(report.text().replace(&server.0, "URL"));
    drop(server.1);
}

#[test]
fn of_a_foreign_server_the_report_tells_what_it_offers() {
    let server = SpeechServer::start(Settings { seconds_per_character: 0.001, ..Settings::default() });
    let report = report(Options::new(server.url()));
    assert!(report.is_usable(), "{}", report.text());
    insta::assert_snapshot!(report.text().replace(&server.url(), "URL"));
}

#[test]
fn a_server_that_is_not_there_is_no_use() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = Options { loading: Duration::ZERO, ..Options::new(format!("http://127.0.0.1:{port}")) };
    let report = report(Options { only: vec!["speech".to_owned(), "health".to_owned()], ..options });
    assert!(!report.is_usable(), "{}", report.text());
}

#[test]
fn the_documents_have_every_check() {
    let page = fs::read_to_string(workspace().join("docs/protocol-suite.md")).unwrap();
    assert!(
        page.contains(&table()),
        "docs/protocol-suite.md is out of date: take in `protocol-suite --table`"
    );
}
