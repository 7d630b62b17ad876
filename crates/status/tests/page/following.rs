//! The page is kept up to date, for as many as there is room for.

use std::collections::HashMap;

use reqwest::Response;
use rhapsode_watch::EntryId;
use serde_json::{Value, json};

use crate::stage::Stage;

/// The events of a page.
struct Events {
    answer: Response,
    text: String,
    /// The sections as they were last told.
    shown: HashMap<String, String>,
    /// Their names, as often as they were told.
    told: Vec<String>,
}

impl Events {
    async fn of(stage: &Stage) -> Self {
        let answer = stage.get("/events").send().await.unwrap().error_for_status().unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { answer, text: String::new(), shown: HashMap::new(), told: Vec::new() }
    }

    /// Waits until a section is as wanted.
    async fn wait_for(&mut self, section: &str, fits: impl Fn(&str) -> bool) {
        while !self.shown.get(section).is_some_and(|html| fits(html)) {
            let more = self.answer.chunk().await.unwrap().expect("the events go on");
            self.text.push_str(std::str::from_utf8(&more).unwrap());
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ").map(str::to_owned));
                self.text = rest.to_owned();
                let Some(data) = data else { continue };
                let change: Value = serde_json::from_str(&data).unwrap();
                let part = |name: &str| change[name].as_str().unwrap().to_owned();
                self.told.push(part("section"));
                self.shown.insert(part("section"), part("html"));
            }
        }
    }
}

#[tokio::test]
async fn what_happens_is_told_to_every_page_that_is_open() {
    let stage = Stage::new().await;
    let mut pages = [Events::of(&stage).await, Events::of(&stage).await];
    stage.enqueue(1, "a.md", json!({ "step": "waiting" }));
    for page in &mut pages {
        page.wait_for("queue", |html| html.contains("a.md") && html.contains("waiting")).await;
    }
    stage.enqueue(1, "a.md", json!({ "step": "working" }));
    for done in [3, 7] {
        stage.live.book(EntryId(1), |book| (book.chunks, book.done) = (9, done));
        for page in &mut pages {
            page.wait_for("making", |html| html.contains(&format!("{done} of 9 chunks"))).await;
        }
    }
    stage.live.backend("studio\r\n\r\ndata: forged", |it| it.errors = 3);
    stage.live.ended(EntryId(1));
    stage.finish(1, "Emma", Vec::new());
    for page in &mut pages {
        page.wait_for("backends", |html| html.contains("studio\r\n\r\ndata: forged")).await;
        page.wait_for("books", |html| html.contains("/books/1/sound/0")).await;
    }
}

#[tokio::test]
async fn a_section_that_did_not_change_is_not_sent_again() {
    let stage = Stage::new().await;
    stage.finish(1, "Emma", Vec::new());
    let mut page = Events::of(&stage).await;
    page.wait_for("hooks", |_| true).await;
    page.told.clear();
    for errors in 1..=3 {
        stage.live.backend("studio", |it| it.errors = errors);
        page.wait_for("backends", |html| html.contains(&format!("<td>{errors}</td>"))).await;
    }
    assert!(page.told.iter().all(|section| section == "backends"), "{:?}", page.told);
}

#[tokio::test]
async fn one_more_than_there_is_room_for_is_told_to_come_back_and_room_is_made_by_leaving() {
    let stage = Stage::with(|options| options.followers = 2).await;
    let first = Events::of(&stage).await;
    let _second = Events::of(&stage).await;
    let third = stage.get("/events").send().await.unwrap();
    assert_eq!((third.status().as_u16(), &third.headers()["retry-after"]), (503, &"30".parse().unwrap()));
    drop(first);
    while stage.get("/events").send().await.unwrap().status() == 503 {
        tokio::task::yield_now().await;
    }
}
