//! Sound is given in ranges, with its type, and by what the queue knows alone.

use std::fs;

use reqwest::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE};
use serde_json::json;

use crate::stage::{Stage, defect};

#[tokio::test]
async fn a_book_is_given_whole_and_in_ranges() {
    let stage = Stage::new().await;
    stage.finish(1, "Emma", Vec::new());
    let whole = stage.get("/books/1/sound/0").send().await.unwrap();
    assert_eq!(
        (whole.status().as_u16(), &whole.headers()[CONTENT_TYPE], &whole.headers()[ACCEPT_RANGES]),
        (200, &"audio/mp4".parse().unwrap(), &"bytes".parse().unwrap())
    );
    assert_eq!(whole.text().await.unwrap(), "sound of book 1");
    let part = stage.get("/books/1/sound/0").header(RANGE, "bytes=6-7").send().await.unwrap();
    assert_eq!(
        (part.status().as_u16(), &part.headers()[CONTENT_RANGE]),
        (206, &"bytes 6-7/15".parse().unwrap())
    );
    assert_eq!(&part.headers()[CONTENT_TYPE], "audio/mp4");
    assert_eq!(part.text().await.unwrap(), "of");
    let beyond = stage.get("/books/1/sound/0").header(RANGE, "bytes=15-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
    let head = stage.request(reqwest::Method::HEAD, "/books/1/sound/0").send().await.unwrap();
    assert_eq!((head.status().as_u16(), &head.headers()[CONTENT_LENGTH]), (200, &"15".parse().unwrap()));
}

#[tokio::test]
async fn a_defect_is_given_as_it_was_spoken_and_the_report_whole() {
    let stage = Stage::new().await;
    let defects = vec![defect(&stage, 12, "Call me Ishmael.")];
    stage.finish(1, "Moby-Dick", defects);
    let take = stage.get("/books/1/defects/12").send().await.unwrap();
    assert_eq!((take.status().as_u16(), &take.headers()[CONTENT_TYPE]), (200, &"audio/wav".parse().unwrap()));
    assert_eq!(take.text().await.unwrap(), "take 12");
    let report = stage.get("/books/1/report.json").send().await.unwrap();
    assert_eq!(&report.headers()[CONTENT_TYPE], "application/json");
    assert_eq!(report.text().await.unwrap(), "{}");
}

#[tokio::test]
async fn what_the_queue_does_not_know_is_not_there() {
    let stage = Stage::new().await;
    stage.finish(1, "Emma", vec![]);
    stage.enqueue(2, "b.md", json!({ "step": "waiting" }));
    for path in [
        "/books/1/sound/1",
        "/books/2/sound/0",
        "/books/3/sound/0",
        "/books/1/cover",
        "/books/1/defects/1",
        "/books/2/report.json",
        "/books",
        "/library/Author",
    ] {
        assert_eq!(stage.get(path).send().await.unwrap().status(), 404, "{path}");
    }
}

#[tokio::test]
async fn no_path_leads_out_of_where_sound_lies() {
    let stage = Stage::new().await;
    stage.finish(1, "Emma", vec![]);
    stage.write("secret", "a secret");
    let up = ["..", "%2e%2e", "%2E%2E", "..%2f..", "%252e%252e", "..\\..", "%00"];
    for step in up {
        for path in [
            format!("/books/1/sound/{step}/{step}/{step}/secret"),
            format!("/books/{step}/{step}/secret"),
            format!("/{step}/{step}/secret"),
            format!("/books/1/sound/{step}"),
            format!("/books/1/sound/0/{step}/secret"),
        ] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            let (status, answer) = stage.raw(&request).await;
            assert!(status == 404 || status == 400, "{path}: {answer}");
            assert!(!answer.contains("a secret"), "{path}: {answer}");
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn neither_a_link_nor_a_forged_file_leads_out_of_where_sound_lies() {
    let stage = Stage::new().await;
    let secret = stage.write("secret", "a secret");
    let mut forged = defect(&stage, 12, "Call me Ishmael.");
    forged.take = secret.clone();
    let mut linked = defect(&stage, 13, "Call me.");
    linked.take = stage.path("takes/linked.wav");
    std::os::unix::fs::symlink(&secret, &linked.take).unwrap();
    stage.finish(1, "Emma", vec![forged, linked]);
    let book = stage.path("library/Author/Book 1/Book 1.m4b");
    fs::remove_file(&book).unwrap();
    std::os::unix::fs::symlink(&secret, &book).unwrap();
    let report = stage.path("state/work/1/report.json");
    fs::remove_file(&report).unwrap();
    std::os::unix::fs::symlink(&secret, &report).unwrap();
    stage.enqueue(2, "b.md", json!({ "step": "done", "place": "../..", "defects": 0 }));
    stage.write("x.m4b", "a secret");
    stage.enqueue(
        3,
        "c.md",
        json!({ "step": "done", "place": stage.path("").display().to_string(), "defects": 0 }),
    );
    for path in [
        "/books/1/sound/0",
        "/books/1/defects/12",
        "/books/1/defects/13",
        "/books/1/report.json",
        "/books/2/sound/0",
        "/books/3/sound/0",
    ] {
        assert_eq!(stage.get(path).send().await.unwrap().status(), 404, "{path}");
    }
}
