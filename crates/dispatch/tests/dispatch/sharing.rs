//! Several orders at one pool.

use std::{sync::Arc, time::Duration};

use rhapsode_dispatch::{BackendStatus, DispatchEvent};

use crate::server::{Act, Hall, Server, finished, texts};

#[tokio::test(start_paused = true)]
async fn a_short_book_does_not_wait_for_a_long_one() {
    let server = Arc::new(Server::new("one", 2));
    let hall = Hall::new(&[&server]);
    let all = texts(410);
    let (short, long) = all.split_at(10);
    let long = hall.begin(hall.order(long));
    let short = hall.begin(hall.order(short));
    let (outcome, _) = short.end().await;
    assert_eq!(outcome.unwrap().finished, 10);
    let asked = server.texts().len();
    assert!((20..30).contains(&asked), "turn by turn: {asked} requests when the short one is done");
    assert_eq!(long.end().await.0.unwrap().finished, 400);
}

#[tokio::test(start_paused = true)]
async fn what_two_books_have_in_common_is_spoken_once() {
    let server = Arc::new(Server::new("one", 2));
    let hall = Hall::new(&[&server]);
    let texts = texts(30);
    let (one, two) = (hall.begin(hall.order(&texts[..20])), hall.begin(hall.order(&texts[10..])));
    let ((first, first_events), (second, second_events)) = (one.end().await, two.end().await);
    assert_eq!((first.unwrap().finished, second.unwrap().finished), (20, 20));
    assert_eq!((finished(&first_events).len(), finished(&second_events).len()), (20, 20));
    assert_eq!(server.texts().len(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_book_that_is_given_up_leaves_the_pool_to_the_others() {
    let server = Arc::new(Server::new("one", 2));
    let hall = Hall::new(&[&server]);
    let texts = texts(40);
    let mut dropped = hall.begin(hall.order(&texts[..25]));
    let kept = hall.begin(hall.order(&texts[20..]));
    dropped.until(|event| matches!(event, DispatchEvent::Finished { .. })).await;
    dropped.result.abort();
    let (outcome, events) = kept.end().await;
    assert_eq!(outcome.unwrap().finished, 20);
    assert_eq!(finished(&events), (0..20).collect::<Vec<_>>());
    assert!(server.texts().len() < 30, "{} requests", server.texts().len());
    assert_eq!(server.speaking(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_backend_without_the_voice_gets_none_of_a_book() {
    let (one, two) = (Arc::new(Server::new("one", 1)), Arc::new(Server::new("two", 1)));
    let hall = Hall::new(&[&one, &two]);
    let mut order = hall.order(&texts(20));
    order.variant_of = vec![None, Some(0)];
    assert_eq!(hall.run(order).await.0.unwrap().finished, 20);
    assert_eq!((one.seen().len(), two.texts().len()), (0, 20));
    let mut order = hall.order(&texts(1));
    order.variant_of = vec![None, None];
    let error = hall.run(order).await.0.unwrap_err();
    assert_eq!(error.to_string(), "find a backend that works: none has the voice");
}

#[tokio::test(start_paused = true)]
async fn each_backend_speaks_its_own_form_of_a_chunk_and_the_take_has_its_key() {
    let (one, two) = (Arc::new(Server::new("one", 1)), Arc::new(Server::new("two", 1)));
    let hall = Hall::new(&[&one, &two]);
    let mut order = hall.order(&texts(20));
    let mut loud = hall.order(&texts(20).iter().map(|text| text.to_uppercase()).collect::<Vec<_>>());
    for (work, loud) in order.work.iter_mut().zip(&mut loud.work) {
        work.variants.append(&mut loud.variants);
    }
    order.learners.extend(order.learners.clone());
    order.variant_of = vec![Some(0), Some(1)];
    let work = order.work.clone();
    let (outcome, events) = hall.run(order).await;
    assert_eq!(outcome.unwrap().finished, 20);
    for event in events {
        if let DispatchEvent::Finished { ordinal, key, backend, .. } = event {
            let variants = &work[ordinal as usize].variants;
            assert_eq!(key, variants[usize::from(backend == "two")].key());
            assert_eq!(variants.iter().filter(|v| hall.store.contains(&v.key().0)).count(), 1);
        }
    }
    assert!(two.texts().iter().all(|text| text.starts_with("SENTENCE")));
}

#[tokio::test(start_paused = true)]
async fn the_figures_of_a_backend_are_told_now_and_then_and_at_the_end() {
    let act =
        |text: &str, before| if before == 0 && text.contains("Sentence 3 ") { Act::Fail } else { Act::Speak };
    let server = Arc::new(Server::new("one", 2).acts(act));
    let hall = Hall::new(&[&server]);
    let began = tokio::time::Instant::now();
    let (outcome, events) = hall.run(hall.order(&texts(50))).await;
    assert_eq!(outcome.unwrap().finished, 50);
    let told: Vec<&BackendStatus> = events
        .iter()
        .filter_map(|event| match event {
            DispatchEvent::Backend(status) => Some(status),
            _ => None,
        })
        .collect();
    let quarters = began.elapsed().as_millis() / Duration::from_millis(250).as_millis();
    assert!(told.len() > 3 && told.len() as u128 <= quarters + 2, "{} times", told.len());
    let last = told.last().unwrap();
    assert_eq!((last.busy, last.slots, last.takes, last.errors), (0, 2, 50, 1));
    // A hundred characters a second in each of two slots, and 14 characters are a second of speech.
    assert!((12.0..16.0).contains(&last.times_real_time.unwrap()), "{last:?}");
    assert_eq!(**last, hall.pool.status()[0]);
}
