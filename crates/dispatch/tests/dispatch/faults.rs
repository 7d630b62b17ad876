//! Faults of every kind, mixed by chance: the book is complete, in the end, with each chunk once.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::Duration,
};

use rhapsode_dispatch::DispatchEvent;
use rhapsode_store::Verdict;

use crate::server::{Act, Hall, Server, finished, texts};

/// Enough that every fault happens at every place in the book.
const CHUNKS: usize = 20;

/// What a server does with a request: three of ten go wrong.
fn chance(seed: u64, server: u64, text: &str, before: usize) -> Act {
    let mut hasher = DefaultHasher::new();
    (seed, server, text, before).hash(&mut hasher);
    match hasher.finish() % 30 {
        0 | 1 => Act::Fail,
        2 => Act::Silence,
        3 => Act::Panic,
        4 => Act::Hang,
        5 => Act::Drop,
        6 => Act::Busy(None),
        7 => Act::Busy(Some(Duration::from_secs(2))),
        8 => Act::Slowly(20),
        _ => Act::Speak,
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_goes_wrong_the_book_is_complete_with_each_chunk_once() {
    for seed in 0..50 {
        let texts = texts(CHUNKS);
        let server = |index: u64, slots, limit| {
            let server = Server::new(&format!("server {index}"), slots).with_limit(limit, index == 1);
            Arc::new(server.acts(move |text, before| chance(seed, index, text, before)))
        };
        let servers = [server(0, 3, 1_000), server(1, 2, 60), server(2, 1, 90)];
        let hall = Hall::new(&servers.iter().collect::<Vec<_>>());
        let order = hall.order(&texts);
        let keys: Vec<_> = order.work.iter().map(|work| work.variants[0].key()).collect();
        let (outcome, events) = hall.run(order).await;
        let outcome = outcome.unwrap();
        assert_eq!(
            (outcome.finished, outcome.failed.len(), outcome.stopped),
            (CHUNKS, 0, false),
            "seed {seed}"
        );
        assert_eq!(finished(&events), (0..CHUNKS as u32).collect::<Vec<_>>(), "seed {seed}");
        for (chunk, key) in keys.iter().enumerate() {
            let take = hall.store.get(&key.0).unwrap().expect("every chunk has a take");
            let defect = outcome.defects.contains(&(chunk as u32));
            assert_eq!(take.record.verdict != Verdict::Accepted, defect, "seed {seed}, chunk {chunk}");
            let (seconds, due) = (
                take.samples.len() as f64 / f64::from(take.rate),
                texts[chunk].chars().count() as f64 * 0.07,
            );
            assert!(defect || (seconds - due).abs() < 2.0, "seed {seed}: {seconds} s for {due} s");
        }
        assert!(!events.iter().any(|event| matches!(event, DispatchEvent::BackendLost { .. })));
        assert_eq!(
            hall.store.verify(&mut |_| ()).unwrap().whole,
            CHUNKS as u64,
            "seed {seed}: nothing else was stored"
        );
    }
}
