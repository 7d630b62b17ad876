//! Kills: the watcher is dropped in the middle of whatever it does, again and again, and every book is published once.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rhapsode_watch::Halt;
use tokio::sync::watch;

use crate::{
    hooks::webhook,
    receiver::{Receiver, Seen},
    scribe::{Mood, Scribe},
    world::{Ear, World},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_that_is_dropped_at_any_moment_publishes_every_book_once() {
    let receiver = Receiver::at(0).await;
    let mut world = World::new();
    world.settings.hooks = vec![webhook(&receiver.url(), None)];
    let mut random = ChaCha8Rng::seed_from_u64(20_261_121);
    for number in 0..30 {
        world.drop_book(&format!("book {number}.md"), &format!("Title {number}\nAuthor\nwords {number}"));
    }
    for _ in 0..60 {
        let (_go_on, halt) = watch::channel(Halt::GoOn);
        let scribe = Arc::new(Scribe::new(Mood::Willing));
        let watching = rhapsode_watch::watch(world.settings.clone(), scribe, Arc::new(Ear::default()), halt);
        let _ = tokio::time::timeout(Duration::from_micros(random.random_range(0..20_000)), watching).await;
    }
    // What the last one had begun may take a moment to end.
    while world.try_run(Arc::new(Scribe::new(Mood::Willing))).await.is_err() {
        tokio::task::yield_now().await;
    }
    let books: Vec<(String, String)> =
        world.tree("library").into_iter().filter(|(name, _)| name.ends_with(".m4b")).collect();
    let mut words: Vec<&str> = books.iter().map(|(_, words)| words.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!((books.len(), words.len()), (30, 30), "{:?}", world.names("library"));
    assert_eq!(world.names("done").len(), 30);
    assert_eq!(world.names("inbox"), [""; 0]);
    // Told at least once each, and what was told twice is known by its id.
    let news: Vec<serde_json::Value> = receiver.seen().iter().map(Seen::json).collect();
    let told: BTreeSet<(&str, &str)> =
        news.iter().map(|it| (it["title"].as_str().unwrap(), it["id"].as_str().unwrap())).collect();
    let ids: BTreeSet<&str> = told.iter().map(|(_, id)| *id).collect();
    assert_eq!((told.len(), ids.len()), (30, 30), "{told:?}");
    assert_eq!(world.queue().hooks, []);
}
