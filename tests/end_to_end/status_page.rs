//! The status page of a real watcher, as programs and people without JavaScript meet it.

use std::{fs, time::Duration};

use reqwest::{StatusCode, header::RANGE};
use rhapsode_tests::{World, shelf::scan_library, watcher::Watcher};
use serde_json::Value;

fn drop_book(world: &World, name: &str, title: &str) {
    fs::create_dir_all(world.path("inbox")).unwrap();
    let text = format!("---\ntitle: \"{title}\"\nauthor: A. Writer\n---\n\n# {title}\n\nIt was short.\n");
    fs::write(world.path("inbox").join(name), text).unwrap();
}

async fn page(watcher: &Watcher) -> String {
    let answer = reqwest::get(format!("{}/", watcher.url)).await.unwrap();
    answer.error_for_status().unwrap().text().await.unwrap()
}

/// The page, as soon as it is as wanted.
async fn page_with(watcher: &Watcher, text: &str) -> String {
    loop {
        let page = page(watcher).await;
        if page.contains(text) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn post(watcher: &Watcher, path: &str, token: &str) -> StatusCode {
    let request = reqwest::Client::new().post(format!("{}{path}", watcher.url)).bearer_auth(token);
    request.send().await.unwrap().status()
}

fn queue(world: &World) -> Value {
    let outcome = world.run(["queue", "list", "--json", "--state", "state"]).success();
    serde_json::from_str(&outcome.stdout).unwrap()
}

#[tokio::test]
async fn a_book_is_heard_from_the_page_and_after_a_restart_too() {
    let world = World::new();
    drop_book(&world, "one.md", "<b>One</b> & \\\"only\\\"");
    let mut watcher = Watcher::start(&world, &[]);
    for _ in 0..2 {
        let page = page_with(&watcher, "src=\"/books/1/sound/0\"").await;
        assert!(page.contains("&lt;b&gt;One&lt;/b&gt; &amp; &quot;only&quot;"), "{page}");
        assert!(!page.contains("<b>"), "{page}");
        assert!(page.contains("A. Writer") && page.contains("built-in") | page.contains("builtin"), "{page}");
        let book = fs::read(&scan_library(&world.path("library"))[0].sound[0]).unwrap();
        let sound = format!("{}/books/1/sound/0", watcher.url);
        let part = reqwest::Client::new().get(&sound).header(RANGE, "bytes=100-299").send().await.unwrap();
        assert_eq!(
            (part.status().as_u16(), part.headers()["content-type"].to_str().unwrap()),
            (206, "audio/mp4")
        );
        assert_eq!(part.bytes().await.unwrap(), book[100..300]);
        let report = reqwest::get(format!("{}/books/1/report.json", watcher.url)).await.unwrap();
        let report: Value = serde_json::from_slice(&report.bytes().await.unwrap()).unwrap();
        assert_eq!(report["summary"]["title"], "<b>One</b> & \"only\"");
        watcher.end();
        watcher = Watcher::start(&world, &[]);
    }
}

#[tokio::test]
async fn with_the_token_the_queue_is_paused_goes_on_and_tries_again() {
    let world = World::new();
    world.write("token", "open-sesame\n");
    let watcher = Watcher::start(&world, &["--http-token-file", "token"]);
    assert_eq!(post(&watcher, "/queue/pause", "sesame").await, 401);
    assert_eq!(post(&watcher, "/queue/pause", "open-sesame").await, 202);
    page_with(&watcher, "The queue is paused").await;
    drop_book(&world, "one.md", "One");
    page_with(&watcher, "id=\"job-1\"").await;
    assert_eq!(queue(&world)["books"][0]["state"]["step"], "waiting");
    assert_eq!(post(&watcher, "/books/1/cancel", "open-sesame").await, 202);
    page_with(&watcher, "Taken out of the queue").await;
    assert_eq!(post(&watcher, "/books/1/up", "open-sesame").await, 409);
    assert_eq!(post(&watcher, "/books/1/retry", "open-sesame").await, 202);
    page_with(&watcher, "id=\"job-1\"").await;
    assert_eq!(post(&watcher, "/queue/resume", "open-sesame").await, 202);
    page_with(&watcher, "src=\"/books/1/sound/0\"").await;
    watcher.end();
}

#[tokio::test]
async fn a_token_in_an_empty_variable_is_none_and_the_page_only_shows() {
    let world = World::new();
    let watcher = Watcher::start(&world, &["--http-token-env", "NOBODY_SET_THIS"]);
    assert!(page(&watcher).await.contains("This page only shows"));
    assert_eq!(post(&watcher, "/queue/pause", "").await, 403);
    assert_eq!(queue(&world)["paused"], false);
}

#[tokio::test]
async fn the_page_may_stand_in_the_configuration_and_flags_count_over_it() {
    let world = World::new();
    world.write("token", "open-sesame\n");
    world.write("other", "mellon\n");
    world.write("rhapsode.toml", "[watch]\nhttp = \"0\"\nhttp-token-file = \"token\"\n");
    let idle =
        world.run(["watch", "inbox", "--library", "library", "--state", "idle", "--until-idle"]).success();
    assert!(idle.stderr.contains("the status page is at"), "{}", idle.stderr);
    let watcher = Watcher::start(&world, &[]);
    assert_eq!(post(&watcher, "/queue/pause", "open-sesame").await, 202);
    watcher.end();
    let watcher = Watcher::start(&world, &["--http-token-file", "other"]);
    assert_eq!(post(&watcher, "/queue/resume", "open-sesame").await, 401);
    assert_eq!(post(&watcher, "/queue/resume", "mellon").await, 202);
    watcher.end();
    world.write("rhapsode.toml", "[watch]\nhttp-token-file = \"token\"\nhttp-token-env = \"TOKEN\"\n");
    let both = world.run(["watch", "inbox", "--library", "library", "--state", "state", "--http", "0"]);
    assert_eq!(both.code, Some(4), "{}", both.stderr);
}

#[test]
fn an_address_that_cannot_be_had_is_told_with_what_to_do() {
    let world = World::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused =
        world.run(["watch", "inbox", "--library", "library", "--state", "state", "--http", &address]);
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert!(refused.stderr.contains(&address) && refused.stderr.contains("hint:"), "{}", refused.stderr);
    let nonsense =
        world.run(["watch", "inbox", "--library", "library", "--state", "state", "--http", "here"]);
    assert_eq!(nonsense.code, Some(2), "{}", nonsense.stderr);
    assert!(nonsense.stderr.contains("\"here\" is neither a port nor an address"), "{}", nonsense.stderr);
    let alone = world.run([
        "watch",
        "inbox",
        "--library",
        "library",
        "--state",
        "state",
        "--http-token-file",
        "token",
    ]);
    assert_eq!(alone.code, Some(2), "{}", alone.stderr);
    world.write("empty", " \n");
    let empty = world.run([
        "watch",
        "inbox",
        "--library",
        "library",
        "--state",
        "state",
        "--http",
        "0",
        "--http-token-file",
        "empty",
    ]);
    assert_eq!(empty.code, Some(4), "{}", empty.stderr);
}
