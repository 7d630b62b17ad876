//! A job on servers, seen from outside: its figures for Prometheus, and its patience while no server answers.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::Stdio,
    time::Duration,
};

use rhapsode_tests::{
    World,
    fleet::{Fleet, Identity, arguments, manuscript},
    kills::{count, figure},
    speech_server::Settings,
    survival::says,
};
use serde_json::Value;

/// What a page says, as a scraper gets it.
fn page(address: &str) -> Option<String> {
    let mut socket = TcpStream::connect(address).ok()?;
    let ask = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    socket.write_all(ask.as_bytes()).ok()?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// The value of a figure, labels included in its name.
fn value(page: &str, name: &str) -> Option<f64> {
    page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn a_job_shows_its_figures_to_prometheus_while_it_works() {
    let fleet = Fleet::start([Settings { seconds_per_character: 0.002, ..Settings::default() }]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let book = world.write("book.md", manuscript(2, 12));
    let mut child = world
        .command(arguments(&book, &["--metrics", "0"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = said
        .find_map(|line| {
            Some(line.strip_prefix("metrics are at http://")?.strip_suffix("/metrics")?.to_owned())
        })
        .expect("the address is told");
    let takes = "rhapsode_takes_total{backend=\"server-0\"}";
    let mut last = String::new();
    while let Some(answer) = page(&address) {
        last = answer;
        if value(&last, takes) > Some(2.0) {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(last.starts_with("HTTP/1.1 200"), "{last}");
    assert!(last.contains("application/openmetrics-text") && last.trim_end().ends_with("# EOF"), "{last}");
    let outcome = child.wait_with_output().unwrap();
    assert!(outcome.status.success());
    let told: Vec<Value> = String::from_utf8(outcome.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(value(&last, "rhapsode_chunks"), Some(figure(&told, "scripted", "chunks") as f64));
    assert!(value(&last, takes) > Some(2.0) && value(&last, takes) <= Some(count(&told, "take") as f64));
    assert!(value(&last, "rhapsode_chunks_done") >= value(&last, takes), "{last}");
    assert_eq!(value(&last, "rhapsode_waiting"), Some(0.0));
}

#[test]
fn an_address_for_the_figures_that_is_none_is_refused_before_the_book_is_read() {
    let world = World::new();
    let outcome = world.run(["convert", "none.md", "--metrics", "everywhere"]);
    assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("everywhere") && outcome.stderr.contains("hint:"), "{}", outcome.stderr);
}

#[test]
fn a_job_that_may_wait_tells_so_and_goes_on_when_a_server_comes() {
    let world = World::new();
    let text = manuscript(2, 8);
    let book = world.write("book.md", &text);
    let gone = Fleet::start([Settings::default()]);
    gone.configure(&world, Identity::Stated);
    let port = gone.servers()[0].url().rsplit(':').next().unwrap().parse().unwrap();
    drop(gone);
    let mut child = world
        .command(arguments(&book, &["--wait"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut told = lines.by_ref().map(|line| serde_json::from_str::<Value>(&line).unwrap());
    assert!(told.any(|event| event["event"] == "waiting"), "it does not tell that it waits");
    let fleet = Fleet::start([Settings { port, ..Settings::default() }]);
    assert!(told.any(|event| event["event"] == "goes_on"), "it does not tell that it goes on");
    assert_eq!(told.last().unwrap()["event"], "finished");
    assert!(child.wait().unwrap().success());
    says(&world, &fleet, &text).unwrap();
}
