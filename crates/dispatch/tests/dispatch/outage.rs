//! Backends that go and come back, and a pool in which none is left.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rhapsode_dispatch::{Breaker, DispatchError, DispatchEvent, Hedging, Outage};
use tokio::time::Instant;

use crate::server::{Act, Hall, Server, texts};

#[tokio::test(start_paused = true)]
async fn a_server_that_is_gone_for_a_moment_is_waited_for_and_proves_itself_first() {
    let server = Arc::new(Server::new("one", 2));
    let hall = Hall::new(&[&server]);
    let mut running = hall.begin(hall.order(&texts(20)));
    running.until(|event| matches!(event, DispatchEvent::Finished { .. })).await;
    server.up.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(hall.pool.status()[0].breaker, Breaker::Open);
    let before = server.texts().len();
    server.up.store(true, Ordering::SeqCst);
    let (outcome, _) = running.end().await;
    assert_eq!(outcome.unwrap().finished, 20);
    assert!(server.asked_ready.load(Ordering::SeqCst) >= 2, "it is asked again while it is gone");
    assert!(server.probes() == 1 && before < 10, "{} probes, {before} requests", server.probes());
    assert_eq!(hall.pool.status()[0].breaker, Breaker::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_dead_server_ends_the_order_with_everything_kept() {
    let server = Arc::new(Server::new("one", 2));
    let hall = Hall::new(&[&server]);
    let order = hall.order(&texts(20));
    let first = order.work[0].variants[0].key();
    let mut running = hall.begin(order);
    running.until(|event| matches!(event, DispatchEvent::Finished { ordinal: 0, .. })).await;
    server.up.store(false, Ordering::SeqCst);
    let began = Instant::now();
    let error = running.end().await.0.unwrap_err();
    assert!(error.to_string().contains("connection refused"), "{error}");
    assert!((10..20).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(hall.store.get(&first.0).unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_told_to_wait_goes_on_when_a_server_is_back() {
    let server = Arc::new(Server::new("one", 2).down());
    let hall = Hall::new(&[&server]);
    let mut order = hall.order(&texts(20));
    order.options.outage = Outage::Wait;
    let mut running = hall.begin(order);
    let waiting = running.until(|event| matches!(event, DispatchEvent::Waiting { .. })).await;
    assert!(matches!(waiting, DispatchEvent::Waiting { reasons } if reasons.contains("connection refused")));
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    server.up.store(true, Ordering::SeqCst);
    let (outcome, events) = running.end().await;
    assert_eq!(outcome.unwrap().finished, 20);
    let goes_on = events.iter().filter(|event| **event == DispatchEvent::GoesOn).count();
    let waits = events.iter().filter(|event| matches!(event, DispatchEvent::Waiting { .. })).count();
    assert_eq!((goes_on, waits), (1, 0), "said once");
    let asked = server.asked_ready.load(Ordering::SeqCst);
    assert!(asked < 60, "asked {asked} times in an hour");
}

#[tokio::test(start_paused = true)]
async fn a_book_goes_on_while_one_backend_lives() {
    let dead = Arc::new(Server::new("dead", 4).down());
    let alive = Arc::new(Server::new("alive", 1));
    let hall = Hall::new(&[&dead, &alive]);
    let outcome = hall.run(hall.order(&texts(50))).await.0.unwrap();
    assert_eq!((outcome.finished, outcome.failed.len()), (50, 0));
    assert!(dead.texts().len() <= 4, "it is asked until the first refusal: {}", dead.texts().len());
}

#[tokio::test(start_paused = true)]
async fn failures_in_a_row_open_the_breaker_and_no_chunk_suffers() {
    let failing = Arc::new(Server::new("failing", 2).acts(|_, _| Act::Fail));
    let alive = Arc::new(Server::new("alive", 1));
    let hall = Hall::new(&[&failing, &alive]);
    let outcome = hall.run(hall.order(&texts(100))).await.0.unwrap();
    assert_eq!((outcome.finished, outcome.failed.len()), (100, 0));
    assert!(failing.texts().len() < 40, "{} requests", failing.texts().len());
    assert!(hall.pool.status()[0].errors >= 5);
}

#[tokio::test(start_paused = true)]
async fn lost_backends_end_even_an_order_that_waits() {
    let hall = Hall::new(&[]);
    let mut order = hall.order(&texts(1));
    order.options.outage = Outage::Wait;
    assert!(matches!(hall.run(order).await.0, Err(DispatchError::NoBackend { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_idle_server_that_goes_away_gets_no_chunk_until_it_has_proved_itself() {
    // One chunk, and it keeps the first server busy for minutes.
    let busy = Arc::new(Server::new("busy", 1).per_character(Duration::from_secs(5)));
    let idle = Arc::new(Server::new("idle", 1));
    let hall = Hall::new(&[&busy, &idle]);
    let mut long = hall.order(&texts(1));
    long.options.hedging = Hedging::Never;
    let running = hall.begin(long);
    let asked = |server: &Server| server.asked_ready.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(65)).await;
    assert_eq!((asked(&busy), asked(&idle)), (0, 2), "what a server is busy with says more");
    idle.up.store(false, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let more = hall.begin(hall.order(&texts(3)));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_ne!(hall.pool.status()[1].breaker, Breaker::Closed);
    assert_eq!(idle.texts().len(), 0, "no chunk is lost to it");
    idle.up.store(true, Ordering::SeqCst);
    assert_eq!(more.end().await.0.unwrap().finished, 3);
    assert!(idle.seen()[0].probe && idle.probes() == 1 && idle.texts().len() >= 2, "{:?}", idle.seen());
    assert_eq!(running.end().await.0.unwrap().finished, 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_while_there_is_no_work() {
    let server = Arc::new(Server::new("one", 1));
    let hall = Hall::new(&[&server]);
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(server.asked_ready.load(Ordering::SeqCst), 0);
    assert_eq!(hall.run(hall.order(&texts(2))).await.0.unwrap().finished, 2);
}

#[tokio::test(start_paused = true)]
async fn a_doubted_server_proves_itself_before_its_first_chunk() {
    let (doubted, other) = (Arc::new(Server::new("doubted", 1)), Arc::new(Server::new("other", 1)));
    let hall = Hall::new(&[&doubted, &other]);
    hall.pool.doubt(0, "it did not answer");
    let outcome = hall.run(hall.order(&texts(60))).await.0.unwrap();
    assert_eq!(outcome.finished, 60);
    let seen = doubted.seen();
    assert!(seen.first().is_some_and(|first| first.probe), "it was asked for a chunk first");
    assert!(seen.len() > 1, "it had work after its proof");
}
