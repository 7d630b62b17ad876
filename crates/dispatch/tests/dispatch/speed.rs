//! No slot is idle while there is work, and the end does not wait for the slowest.

use std::{sync::Arc, time::Duration};

use rhapsode_dispatch::{DispatchEvent, Hedging};
use tokio::time::Instant;

use crate::server::{Act, Hall, Server, finished, texts};

/// The wall time of an order as a multiple of what it must take at least.
async fn against_the_bound(servers: &[Arc<Server>], rate: f64, texts: &[String]) -> f64 {
    let hall = Hall::new(&servers.iter().collect::<Vec<_>>());
    let began = Instant::now();
    let (outcome, _) = hall.run(hall.order(texts)).await;
    assert_eq!(outcome.unwrap().finished, texts.len());
    let characters: usize = texts.iter().map(|text| text.chars().count()).sum();
    began.elapsed().as_secs_f64() / (characters as f64 / rate)
}

#[tokio::test(start_paused = true)]
async fn four_slots_of_one_server_are_all_busy_to_the_end() {
    let server = [Arc::new(Server::new("one", 4))];
    let ratio = against_the_bound(&server, 400.0, &texts(300)).await;
    assert!((0.999..1.03).contains(&ratio), "{ratio}");
}

#[tokio::test(start_paused = true)]
async fn four_servers_of_unequal_speed_end_together() {
    let server = |name: &str, ms| Arc::new(Server::new(name, 1).per_character(Duration::from_millis(ms)));
    let servers = [server("slow", 80), server("slower", 40), server("fast", 20), server("fastest", 10)];
    let ratio = against_the_bound(&servers, 187.5, &texts(300)).await;
    assert!((0.999..1.03).contains(&ratio), "{ratio}");
}

#[tokio::test(start_paused = true)]
async fn a_straggler_is_spoken_by_a_second_backend_too_and_one_take_is_kept() {
    let texts = texts(40);
    let straggler = texts[39].clone();
    let slow = move |text: &str, _| if text == straggler { Act::Slowly(1_000) } else { Act::Speak };
    let one = Arc::new(Server::new("one", 1).acts(slow.clone()));
    let two = Arc::new(Server::new("two", 1).acts(move |text, before| match slow(text, before) {
        Act::Slowly(_) => Act::Speak,
        act => act,
    }));
    // Whoever gets the last chunk: only one of them is slow at it, and that one gets it in one of two orders.
    let mut hedged = 0;
    for servers in [[&one, &two], [&two, &one]] {
        let hall = Hall::new(&servers);
        let began = Instant::now();
        let (outcome, events) = hall.run(hall.order(&texts)).await;
        assert_eq!((outcome.unwrap().finished, finished(&events).len()), (40, 40));
        assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
        hedged += events.iter().filter(|event| matches!(event, DispatchEvent::Hedged { .. })).count();
    }
    assert!(one.speaking() == 0 && hedged <= 2, "{hedged}");
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_never_answers_is_helped_out_but_never_with_money() {
    for (priced, hedging) in
        [(false, Hedging::Stragglers), (true, Hedging::Stragglers), (false, Hedging::Never)]
    {
        let texts = texts(20);
        let hangs = Arc::new(Server::new("hangs", 1).acts(|_, _| Act::Hang));
        let able = Server::new("able", 1);
        let able = Arc::new(if priced { able.priced() } else { able });
        let hall = Hall::new(&[&hangs, &able]);
        let mut order = hall.order(&texts);
        order.options.hedging = hedging;
        let began = Instant::now();
        let (outcome, events) = hall.run(order).await;
        assert_eq!(outcome.unwrap().finished, 20);
        let hedged = events.iter().any(|event| matches!(event, DispatchEvent::Hedged { .. }));
        assert_eq!(hedged, !priced && hedging == Hedging::Stragglers);
        // Without help it ends when the request has timed out.
        assert_eq!(began.elapsed() < Duration::from_secs(100), hedged, "{:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_hangs_is_given_up_by_the_measured_speed_and_made_again() {
    let texts = texts(30);
    let hang = texts[20].clone();
    let server = Arc::new(Server::new("one", 1).acts(move |text, before| match (text == hang, before) {
        (true, 0) => Act::Hang,
        _ => Act::Speak,
    }));
    let hall = Hall::new(&[&server]);
    let began = Instant::now();
    let (outcome, _) = hall.run(hall.order(&texts)).await;
    assert_eq!(outcome.unwrap().finished, 30);
    let spoken: usize = texts.iter().map(|text| text.chars().count()).sum();
    let lost = began.elapsed() - Duration::from_millis(10) * spoken as u32;
    assert!((20..30).contains(&lost.as_secs()), "the shortest time-out and no more: {lost:?}");
}
