//! The queue is changed by those who show the token, and by nobody else.

use std::fs;

use serde_json::{Value, json};

use crate::stage::{Stage, TOKEN};

fn wishes(stage: &Stage) -> Vec<Value> {
    let mut files: Vec<_> = fs::read_dir(stage.path("state/wishes"))
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files.into_iter().map(|file| serde_json::from_slice(&fs::read(file).unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn with_the_token_the_queue_is_told_what_rhapsode_queue_would_tell_it() {
    let stage = Stage::unlocked().await;
    stage.enqueue(1, "a.md", json!({ "step": "waiting" }));
    stage.enqueue(2, "b.md", json!({ "step": "working" }));
    stage.enqueue(3, "c.md", json!({ "step": "failed", "reason": "it is empty" }));
    for path in ["/books/1/up", "/books/2/cancel", "/books/3/retry", "/queue/pause"] {
        let answer = stage.post(path).bearer_auth(TOKEN).send().await.unwrap();
        assert_eq!(answer.status(), 202, "{path}: {:?}", answer.text().await);
    }
    let told = wishes(&stage).into_iter().map(|wish| (wish["wish"].clone(), wish["id"].clone()));
    let expected = [("up", 1), ("cancel", 2), ("retry", 3)].map(|(wish, id)| (json!(wish), json!(id)));
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert!(stage.path("state/paused").exists());
    assert_eq!(stage.post("/queue/resume").bearer_auth(TOKEN).send().await.unwrap().status(), 202);
    assert!(!stage.path("state/paused").exists());
    assert_eq!(stage.post("/token").bearer_auth(TOKEN).send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn what_means_nothing_for_a_book_is_refused() {
    let stage = Stage::unlocked().await;
    stage.enqueue(1, "a.md", json!({ "step": "waiting" }));
    stage.finish(2, "Emma", Vec::new());
    for (path, status) in [
        ("/books/1/retry", 409),
        ("/books/2/cancel", 409),
        ("/books/2/up", 409),
        ("/books/9/up", 404),
        ("/books/1/delete", 400),
        ("/queue/stop", 400),
    ] {
        assert_eq!(stage.post(path).bearer_auth(TOKEN).send().await.unwrap().status(), status, "{path}");
    }
    assert_eq!(wishes(&stage), Vec::<Value>::new());
}

#[tokio::test]
async fn without_the_token_nothing_changes() {
    let paths = ["/books/1/up", "/books/1/cancel", "/queue/pause", "/token"];
    let locked = Stage::new().await;
    let unlocked = Stage::unlocked().await;
    for path in paths {
        assert_eq!(locked.post(path).bearer_auth(TOKEN).send().await.unwrap().status(), 403, "{path}");
        assert_eq!(unlocked.post(path).send().await.unwrap().status(), 401, "{path}");
        assert_eq!(
            unlocked.post(path).bearer_auth("open-sesam").send().await.unwrap().status(),
            401,
            "{path}"
        );
        assert_eq!(unlocked.get(path).bearer_auth(TOKEN).send().await.unwrap().status(), 405, "{path}");
    }
    for stage in [locked, unlocked] {
        assert_eq!(wishes(&stage), Vec::<Value>::new());
        assert!(!stage.path("state/paused").exists());
    }
}

#[tokio::test]
async fn another_site_changes_nothing_even_with_the_token() {
    let stage = Stage::unlocked().await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:1"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("host", "evil.example"),
    ] {
        let answer = stage.post("/queue/pause").bearer_auth(TOKEN).header(name, value).send().await.unwrap();
        assert!(matches!(answer.status().as_u16(), 403 | 421), "{name}: {value}: {}", answer.status());
    }
    assert!(!stage.path("state/paused").exists());
    let own = format!("http://{}", stage.address);
    let answer = stage.post("/queue/pause").bearer_auth(TOKEN).header("origin", own).send().await.unwrap();
    assert_eq!(answer.status(), 202);
}

#[tokio::test]
async fn a_change_needs_no_body_and_a_long_one_is_refused() {
    let stage = Stage::unlocked().await;
    let answer = stage.post("/queue/pause").bearer_auth(TOKEN).body(vec![b'x'; 4_096]).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    assert!(!stage.path("state/paused").exists());
}
