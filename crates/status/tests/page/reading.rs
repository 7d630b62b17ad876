//! What the page says.

use rhapsode_status::{Standing, Step};
use rhapsode_watch::EntryId;
use serde_json::json;

use crate::stage::{Stage, defect};

const MARKUP: &str = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&";

#[tokio::test]
async fn the_queue_stands_in_the_order_in_which_its_books_begin() {
    let stage = Stage::new().await;
    stage.enqueue(1, "first.md", json!({ "step": "waiting" }));
    stage.enqueue(2, "second.md", json!({ "step": "waiting" }));
    stage.enqueue(3, "third.md", json!({ "step": "working" }));
    stage.write("state/paused", "");
    stage.live.book(EntryId(3), |book| {
        book.title = Some("The Third".to_owned());
        book.step = Step::Speaking;
        (book.chunks, book.done, book.chapters, book.tracks) = (40, 10, 4, 1);
    });
    let _watcher = stage.watched();
    stage.write("state/parked", "no backend answers");
    let page = stage.page().await;
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text:?} is missing in {page}"));
    assert!(at("job-3") < at("job-1") && at("job-1") < at("job-2"));
    assert!(at("The Third") < at("10 of 40 chunks") && at("1 of 4 chapters mastered") < at("first.md"));
    at("<progress id=\"progress-3\" max=\"40\" value=\"10\">");
    at("The queue is paused");
    at("no backend answers");
    at("<strong>2</strong> waiting");
}

#[tokio::test]
async fn every_backend_says_how_it_does() {
    let stage = Stage::new().await;
    stage.live.backend("idle", |_| {});
    stage.live.backend("studio", |it| {
        (it.busy, it.slots, it.errors, it.takes) = (2, Some(3), 5, 70);
        it.times_real_time = Some(12.34);
        it.standing = Standing::Works;
    });
    stage.live.backend("gone", |it| {
        it.standing = Standing::Lost { reason: Some("the model <is> not there".to_owned()) };
    });
    let page = stage.page().await;
    for text in
        ["not asked yet", "2 of 3", "12.3× real time", "works", "lost", "the model &lt;is&gt; not there"]
    {
        assert!(page.contains(text), "{text:?} is missing in {page}");
    }
}

#[tokio::test]
async fn a_finished_book_has_its_player_its_report_and_its_defects_after_a_restart() {
    let stage = Stage::new().await;
    let defects = vec![defect(&stage, 12, "Call me Ishmael.")];
    stage.finish(1, "Moby-Dick", defects);
    stage.enqueue(2, "old.md", json!({ "step": "done", "place": "A/Old", "defects": 0 }));
    stage.write("library/A/Old/Old.m4b", "old");
    stage.write("library/A/Old/metadata.json", r#"{"title": "An Old Book", "authors": ["Somebody"]}"#);
    stage.enqueue(3, "lost.md", json!({ "step": "done", "place": "A/Lost", "defects": 0 }));
    let page = stage.page().await;
    for text in [
        "Moby-Dick",
        "Jane Austen",
        "1:02:03",
        "src=\"/books/1/sound/0\"",
        "href=\"/books/1/report.json\"",
        "Call me Ishmael.",
        "silent (-80.00 dBFS, bound -50.00)",
        "src=\"/books/1/defects/12\"",
        "An Old Book",
        "src=\"/books/2/sound/0\"",
        "No report of this book is kept here",
        "no longer at",
    ] {
        assert!(page.contains(text), "{text:?} is missing in {page}");
    }
}

#[tokio::test]
async fn markup_in_any_text_stays_text() {
    let stage = Stage::unlocked().await;
    stage.enqueue(1, &format!("{MARKUP}.md").replace('/', "_"), json!({ "step": "waiting" }));
    stage.enqueue(2, "b.md", json!({ "step": "working" }));
    stage.enqueue(3, "c.md", json!({ "step": "failed", "reason": MARKUP }));
    stage.live.book(EntryId(2), |book| book.title = Some(MARKUP.to_owned()));
    stage.live.backend(MARKUP, |_| {});
    let _watcher = stage.watched();
    stage.write("state/parked", MARKUP);
    stage.undelivered(1, "phone", MARKUP);
    let mut defects = vec![defect(&stage, 1, MARKUP)];
    defects[0].chapter = MARKUP.to_owned();
    defects[0].reasons = vec![MARKUP.to_owned()];
    stage.finish(4, MARKUP, defects);
    let page = stage.page().await;
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
    assert_eq!(page.matches("<script").count(), 1, "only the page's own: {page}");
    assert!(!page.contains("<img src=x"), "{page}");
    assert!(!page.contains("\"'&\""), "an attribute ends early: {page}");
}

#[tokio::test]
async fn a_queue_that_a_dead_watcher_left_is_not_said_to_wait() {
    let stage = Stage::new().await;
    stage.write("state/parked", "no backend answers");
    let page = stage.page().await;
    assert!(page.contains("Nobody watches") && !page.contains("no backend answers"), "{page}");
}

#[tokio::test]
async fn news_that_a_hook_has_not_taken_in_says_why() {
    let stage = Stage::new().await;
    assert!(stage.page().await.contains("Nothing waits to be told."));
    stage.undelivered(7, "phone", "http://phone/: it does not answer");
    let page = stage.page().await;
    for text in ["Book 7 to <bdi>phone</bdi>", "http://phone/: it does not answer"] {
        assert!(page.contains(text), "{text:?} is missing in {page}");
    }
    assert!(!page.contains("given up"), "{page}");
    let waits = stage.path("state/outbox/00000007-1-phone.json");
    stage.write("state/outbox/given-up/00000007-1-phone.json", std::fs::read(&waits).unwrap());
    std::fs::remove_file(waits).unwrap();
    assert!(stage.page().await.contains("given up"));
}

#[tokio::test]
async fn books_that_will_not_be_made_say_why() {
    let stage = Stage::new().await;
    stage.enqueue(
        1,
        "a.md",
        json!({ "step": "failed", "reason": "the manuscript is empty\nhint: write one" }),
    );
    stage.enqueue(2, "b.md", json!({ "step": "duplicate", "of": 7 }));
    stage.enqueue(3, "c.md", json!({ "step": "cancelled" }));
    let page = stage.page().await;
    for text in ["the manuscript is empty", "The same as book 7", "Taken out of the queue"] {
        assert!(page.contains(text), "{text:?} is missing in {page}");
    }
}

#[tokio::test]
async fn a_long_list_of_books_goes_on_elsewhere() {
    let stage = Stage::new().await;
    for id in 1..=50 {
        stage.finish(id, &format!("Title {id} of many"), Vec::new());
    }
    let page = stage.page().await;
    assert!(page.contains("Title 50 of many") && !page.contains("Title 30 of many"), "{page}");
    assert!(page.contains("/?before=31#books"), "{page}");
    let older = stage.get("/?before=31").send().await.unwrap().text().await.unwrap();
    assert!(older.contains("Title 30 of many") && older.contains("Title 11 of many"), "{older}");
    assert!(!older.contains("Title 31 of many") && older.contains("/?before=11#books"), "{older}");
    let last = stage.get("/?before=11").send().await.unwrap().text().await.unwrap();
    assert!(last.contains("Title 1 of many") && !last.contains("before=1#"), "{last}");
}

#[tokio::test]
async fn a_page_without_a_token_has_no_form_for_one() {
    assert!(!Stage::new().await.page().await.contains("<form"));
    assert!(Stage::unlocked().await.page().await.contains("id=\"token-form\""));
}
